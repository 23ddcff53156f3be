import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Apart from the other texts of imports, which pages with charts have no use for. */
export const text = catalogue({
  en: {
    chartSeries: 'Series in the chart',
    chartBack: (count: number) =>
      `The time goes back ${count === 1 ? 'once' : `${count} times`} here: each marked by a triangle.`,
    chartForward: 'The time goes on from line to line.',
    chartLabel: (name: string, count: number, back: number) =>
      `${name}: ${count} samples in the order of the file; the time goes back ${back} times`,
    chartValue: 'Value',
    chartTime: 'Its time',
    chartAxis: 'Sample of the file',
    firstSamples: (count: number) => `the first ${plural(count, 'sample', 'samples')}`,
    sampleAt: (place: number, time: string, value: string) => `sample ${place}: ${time}, ${value}`,
  },
});
