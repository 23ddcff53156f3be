import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Catalogue, CataloguedDevice, CataloguedParameter } from '../../devices/devices.ts';
import type { Historian, HistoryAnswer } from '../../historian/historian.ts';
import type { LiveHub, LiveState, LiveValue } from '../../telemetry/telemetry.ts';
import { shownDevice } from '../device-access.ts';
import { shownValues } from '../device-overview.ts';
import { type Route, route } from '../route.ts';
import { deviceIdsSchema, isoTime, isoTimeSchema, listSchema } from '../wire.ts';

const MINUTE_MS = 60_000;
const POINTS = 60;
const MOST_DEVICES = 50;

const sparklineSchema = z
  .object({
    device_id: z.uuid(),
    parameter: z.string().nullable().describe('null: the device has no number'),
    from: isoTimeSchema,
    to: isoTimeSchema.describe('The end of the minute that is under way'),
    points: z.array(z.number().nullable()).length(POINTS).describe('Averages by the minute; null is a gap'),
  })
  .meta({ id: 'Sparkline' });

/**
 * The number that stands for a device: the first of the values that matter most, so that the curve is that of the value
 * it stands beside; or else its first one selected as KPI, or its first one, by name.
 */
function parameterOf(device: CataloguedDevice, values: readonly LiveValue[]): CataloguedParameter | undefined {
  const isNumber = ({ kind, seriesId }: CataloguedParameter) => kind === 'number' && seriesId > 0;
  const shown = shownValues(device, values).map(({ parameter }) => parameter);
  const numbers = device.parameters.filter(isNumber);
  return shown.find(isNumber) ?? numbers.find(({ isKpi }) => isKpi) ?? numbers[0];
}

/** The averages of each series, one for each minute from `from` on. */
function averagesOf(answer: HistoryAnswer, from: number): Map<number, (number | null)[]> {
  if (answer.interval === 'raw') throw new TypeError('sparklines are drawn by the minute');
  const averages = new Map<number, (number | null)[]>();
  for (const { seriesId, points } of answer.series) {
    const line = Array<number | null>(POINTS).fill(null);
    for (const { t, avg } of points) line[(t - from) / MINUTE_MS] = avg;
    averages.set(seriesId, line);
  }
  return averages;
}

export interface SparklineRoutesDeps {
  readonly catalogue: Catalogue;
  readonly live: LiveState;
  readonly hub: LiveHub;
  readonly historian: Historian;
  readonly clock: Clock;
}

/**
 * `/devices/sparklines`: the last hour of many devices in one history query. To be declared before `/devices/:id`, which
 * would take the word for an id.
 */
export function sparklineRoutes({ catalogue, live, hub, historian, clock }: SparklineRoutesDeps): Route[] {
  return [
    route({
      method: 'get',
      path: '/devices/sparklines',
      isHeavy: true,
      access: { factory: 'viewer' },
      summary:
        'The last hour, by the minute, of the number that matters most of each device; ids that are not devices are left out',
      tag: 'KPIs',
      query: z.strictObject({ devices: deviceIdsSchema(MOST_DEVICES) }),
      reply: listSchema(sparklineSchema),
      handle: async ({ scope, identity, query, ctx }) => {
        const to = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
        const from = to - POINTS * MINUTE_MS;
        const shown = query.devices.flatMap((id) => {
          const device = shownDevice(catalogue, { scope, identity }, id);
          if (device === undefined) return [];
          const known = live.device(scope.factoryId, device.key);
          return [{ id, parameter: parameterOf(device, known === undefined ? [] : hub.values(known)) }];
        });
        const series = shown.flatMap(({ parameter }) =>
          parameter === undefined
            ? []
            : [
                {
                  seriesId: parameter.seriesId,
                  parameter: parameter.name,
                  kind: parameter.kind,
                  also: parameter.also,
                },
              ],
        );
        const left = new AbortController();
        ctx.res.once('close', () => left.abort());
        const answer = await historian.query(scope, { series, from, to, interval: '1m' }, left.signal);
        const averages = averagesOf(answer, from);
        const items = shown.map(({ id, parameter }) => ({
          device_id: id,
          parameter: parameter?.name ?? null,
          from: isoTime(from),
          to: isoTime(to),
          points: averages.get(parameter?.seriesId ?? 0) ?? Array<null>(POINTS).fill(null),
        }));
        return { items, next_cursor: null };
      },
    }),
  ];
}
