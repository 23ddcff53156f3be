/** One chunk: the pages that draw charts, and uPlot with them. */
export { AlarmPage } from './alarms/alarm.tsx';
export { Alarms } from './alarms/alarms.tsx';
export { Device } from './device/device.tsx';
export { Kiosk } from './kiosk/kiosk.tsx';
export { Rule } from './rules/rule.tsx';
export { Rules } from './rules/rules.tsx';
export { PreviewChart } from './settings/transfer/preview-chart.tsx';
export { Trends } from './trends/trends.tsx';
