import type { TimeWindow } from '../../charts/range.ts';
import { placeOf, type Track } from '../../charts/track.ts';
import type { TrendSeries } from '../../charts/trend-series.ts';
import { tidy } from '../../format/units.ts';

/** Quotes a field where it has to be (RFC 4180). Text that a spreadsheet would run as a formula is kept from it. */
export function csvField(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvRow = (fields: readonly (string | number | boolean | undefined)[]): string =>
  `${fields.map(csvField).join(',')}\r\n`;

const HEAD = ['device', 'parameter', 'unit', 't', 'interval', 'value', 'min', 'max', 'samples'];

/** One series and what is drawn of it. */
export interface Drawn {
  readonly series: TrendSeries;
  readonly track: Track | undefined;
}

/** Exactly what the charts draw in a window, in the units shown, one row for each point; `value` is the average where there are intervals. */
export function csvOfDrawn(drawn: readonly Drawn[], { from, to }: TimeWindow): string {
  const rows: string[] = [csvRow(HEAD)];
  for (const { series, track } of drawn) {
    if (track === undefined) continue;
    const shown = <Value>(value: Value) =>
      series.conversion !== undefined && typeof value === 'number' ? tidy(value) : value;
    const end = placeOf(track.t, to + 1);
    for (let place = placeOf(track.t, from); place < end; place++) {
      const value = track.kind === 'number' ? track.y[place] : track.state[place];
      rows.push(
        csvRow([
          series.deviceName,
          series.parameter,
          series.unit ?? '',
          new Date(track.t[place] ?? 0).toISOString(),
          track.interval,
          shown(value),
          shown(track.low[place]),
          shown(track.high[place]),
          track.count[place],
        ]),
      );
    }
  }
  return rows.join('');
}

/** A name for a downloaded file: what, and the day and minute it begins. */
export const fileName = (what: string, { from }: TimeWindow): string =>
  `factoryops-${what}-${new Date(from).toISOString().slice(0, 16).replaceAll(':', '')}.csv`;
