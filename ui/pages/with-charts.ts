/** One chunk: the pages that draw charts, and uPlot with them. */
export { Device } from './device/device.tsx';
export { Kiosk } from './kiosk/kiosk.tsx';
export { PreviewChart } from './settings/transfer/preview-chart.tsx';
export { Trends } from './trends/trends.tsx';
