import { listOf } from '../../../charts/question.ts';
import { type TimeRange, windowOf } from '../../../charts/range.ts';

/** What is to be exported. Without devices or parameters: all of them. */
export interface ExportQuestion {
  readonly devices: readonly string[] | undefined;
  readonly parameters: readonly string[] | undefined;
  readonly range: TimeRange;
  readonly format: 'csv' | 'parquet';
  readonly layout: 'long' | 'wide';
}

/** Devices in one export, as the API takes them. */
export const MAX_DEVICES = 100;

const names = (list: string | undefined): string[] | undefined =>
  list === undefined
    ? undefined
    : list
        .split(/(?<!\\),/)
        .map((name) => name.replaceAll('\\,', ','))
        .filter((name) => name !== '');

type Query = Readonly<Record<string, string | undefined>>;

/** The question in the address of the page. An empty list, "none chosen yet", is written as a comma. */
export const readQuestion = ({ devices, parameters, format, layout }: Query, range: TimeRange): ExportQuestion => ({
  devices: names(devices),
  parameters: names(parameters),
  range,
  format: format === 'parquet' ? 'parquet' : 'csv',
  layout: layout === 'wide' ? 'wide' : 'long',
});

/** A list as it stands in the address of the page. */
export const listText = (list: readonly string[] | undefined): string | undefined =>
  list === undefined ? undefined : listOf(list) || ',';

/** The address of the file, at a moment: of a range that follows the time it is the one at that moment. */
export function exportAddress(question: ExportQuestion, now: number, timezone: string): string {
  const { devices, parameters, range, format, layout } = question;
  const { from, to } = windowOf(range, now, timezone);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), format });
  if (devices !== undefined) query.set('devices', devices.join(','));
  if (parameters !== undefined) query.set('parameters', listOf(parameters));
  if (format === 'csv') query.set('layout', layout);
  return `/api/v1/history/export?${query}`;
}
