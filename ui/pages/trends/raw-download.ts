import { call } from '../../api/client.ts';
import { listOf, portions } from '../../charts/question.ts';
import type { TimeWindow } from '../../charts/range.ts';
import type { TrendSeries } from '../../charts/trend-series.ts';
import { csvRow } from './csv.ts';

const PAGE_SAMPLES = 10_000;
const HEAD = ['device', 'parameter', 'unit', 't', 'value'];

export interface Progress {
  readonly rows: number;
  /** 0-1 of the time asked for. */
  readonly share: number;
}

/**
 * Every single sample of some series in a window, in the units that devices send, as parts of a CSV file: one page of the
 * API after the other, so that neither side holds more than one, and it can be stopped at any moment.
 *
 * @throws {ApiError}
 * @throws {DOMException} AbortError when `signal` was aborted
 */
export async function rawCsv(
  series: readonly TrendSeries[],
  { from, to }: TimeWindow,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<string[]> {
  const parts = [csvRow(HEAD)];
  const devices = [...new Set(series.map(({ deviceId }) => deviceId))];
  let rows = 0;
  for (const [place, id] of devices.entries()) {
    const wanted = new Map(series.filter(({ deviceId }) => deviceId === id).map((one) => [one.parameter, one]));
    const asked = portions([...wanted.values()].map(({ parameter, kind }) => ({ name: parameter, kind })));
    for (const [portion, parameters] of asked.entries()) {
      const names = parameters.map(({ name }) => name);
      let cursor: string | null = null;
      do {
        const answer: Awaited<ReturnType<typeof call<'GET /devices/{id}/kpis/history'>>> = await call(
          'GET /devices/{id}/kpis/history',
          {
            path: { id },
            query: {
              parameters: listOf(names),
              from: new Date(from).toISOString(),
              to: new Date(to).toISOString(),
              interval: 'raw',
              limit: PAGE_SAMPLES,
              ...(cursor === null ? {} : { cursor }),
            },
            signal,
          },
        );
        let last = from;
        const lines: string[] = [];
        for (const { parameter, points } of answer.series) {
          const one = wanted.get(parameter);
          if (one === undefined) continue;
          for (const point of points) {
            lines.push(
              csvRow([
                one.deviceName,
                parameter,
                one.sentUnit ?? '',
                point.t,
                'value' in point ? point.value : undefined,
              ]),
            );
          }
          last = Math.max(last, Date.parse(points.at(-1)?.t ?? '') || 0);
        }
        parts.push(lines.join(''));
        rows += lines.length;
        cursor = answer.next_cursor;
        const done = cursor === null ? 1 : (last - from) / (to - from);
        onProgress({ rows, share: (place + (portion + done) / asked.length) / devices.length });
      } while (cursor !== null);
    }
  }
  return parts;
}
