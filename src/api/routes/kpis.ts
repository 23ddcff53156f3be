import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { Devices, Parameter, Presence } from '../../devices/devices.ts';
import type { Historian } from '../../historian/historian.ts';
import type { LiveHub, LiveState } from '../../telemetry/telemetry.ts';
import { CSV, historyCsv, historyCsvStream } from '../history-csv.ts';
import { type Route, rawReply, route } from '../route.ts';
import { idParams, isoTime, isoTimeSchema } from '../wire.ts';

const TAG = 'KPIs';
const DAY_MS = 86_400_000;
/** Raw points in a page. */
const [PAGE, LARGEST_PAGE] = [1_000, 10_000];

const value = z.union([z.number(), z.boolean(), z.string()]);

const liveSchema = z.object({
  device_id: z.uuid(),
  values: z.array(
    z.object({
      parameter: z.string(),
      value,
      unit: z.string().nullable(),
      timestamp: isoTimeSchema,
      quality: z.enum(['good', 'stale']).describe('stale: the device has been silent for longer than it should'),
    }),
  ),
});

const pointSchema = z.union([
  z.object({ t: isoTimeSchema, value }),
  z.object({
    t: isoTimeSchema.describe('Start of the interval'),
    avg: z.number().nullable().describe('Booleans: the share of true; states: null'),
    min: value.nullable(),
    max: value.nullable(),
    count: z.int(),
    first: value,
    last: value,
  }),
]);

const historySchema = z.object({
  interval: z.enum(['raw', '1m', '15m', '1h', '1d', '1w']),
  timezone: z.string(),
  series: z.array(z.object({ parameter: z.string(), points: z.array(pointSchema) })),
  next_cursor: z.string().nullable().describe('Only of raw: the page after this one'),
});

const historyQuery = z.strictObject({
  parameters: z
    .string()
    .max(16_384)
    .optional()
    .describe('Names, separated by commas (`\\,` is a comma within a name); all when left out'),
  from: isoTimeSchema.optional().describe('Inclusive; 24 h before `to` when left out'),
  to: isoTimeSchema.optional().describe('Exclusive; now when left out'),
  interval: z.enum(['auto', 'raw', '1m', '15m', '1h', '1d', '1w']).default('auto'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_PAGE)
    .optional()
    .describe(
      `Largest number of raw points in a page, ${PAGE} when left out; a CSV without limit and cursor has no end before all are in it`,
    ),
  cursor: z.string().max(1_024).optional().describe('Only with raw: `next_cursor` of the page before'),
  format: z.enum(['json', 'csv']).default('json'),
});

export interface KpiRoutesDeps {
  readonly devices: Devices;
  readonly live: LiveState;
  readonly hub: LiveHub;
  readonly presence: Presence;
  readonly historian: Historian;
  readonly clock: Clock;
}

const namesOf = (list: string): string[] => list.split(/(?<!\\),/).map((name) => name.replaceAll('\\,', ','));

/** The series asked for, in the order of the question. */
function seriesOf(parameters: readonly Parameter[], names: string | undefined): Parameter[] {
  const stored = parameters.filter((parameter) => parameter.seriesId > 0);
  if (names === undefined) return stored;
  return namesOf(names).map((name) => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (parameter !== undefined) return parameter;
    const faults = [{ pointer: '/parameters', message: `the device has no parameter ${JSON.stringify(name)}` }];
    throw new AppError('invalid_input', 'a parameter is unknown', { faults });
  });
}

/** Newest values and history of a device. */
export function kpiRoutes({ devices, live, hub, presence, historian, clock }: KpiRoutesDeps): Route[] {
  const query = (scope: FactoryScope, id: string, asked: z.output<typeof historyQuery>, signal: AbortSignal) => {
    const parameters = seriesOf(devices.parameters(scope, id), asked.parameters);
    const to = asked.to === undefined ? clock.now() + 1 : Date.parse(asked.to);
    const from = asked.from === undefined ? to - DAY_MS : Date.parse(asked.from);
    const series = parameters.map(({ seriesId, name, kind }) => ({ seriesId, parameter: name, kind }));
    const { interval, limit = PAGE, cursor } = asked;
    return historian.query(
      scope,
      { series, from, to, interval, limit, ...(cursor === undefined ? {} : { cursor }) },
      signal,
    );
  };

  return [
    route({
      method: 'get',
      path: '/devices/:id/kpis/live',
      access: { factory: 'viewer' },
      summary: 'The newest value of every parameter, by event time',
      tag: TAG,
      params: idParams,
      reply: liveSchema,
      handle: ({ scope, params }) => {
        const { key } = devices.get(scope, params.id);
        const units = new Map(devices.parameters(scope, params.id).map(({ name, unit }) => [name, unit]));
        const device = live.device(scope.factoryId, key);
        if (device === undefined) return { device_id: params.id, values: [] };
        const quality = presence.statusOf(device) === 'online' ? ('good' as const) : ('stale' as const);
        const values = hub.values(device).map((sample) => ({
          parameter: sample.parameter,
          value: sample.value,
          unit: units.get(sample.parameter) ?? null,
          timestamp: isoTime(sample.timestamp),
          quality,
        }));
        return { device_id: params.id, values };
      },
    }),
    route({
      method: 'get',
      path: '/devices/:id/kpis/history',
      access: { factory: 'viewer' },
      summary: "History of a device's parameters: raw, or by interval in the factory's calendar",
      tag: TAG,
      params: idParams,
      query: historyQuery,
      reply: historySchema,
      alsoProduces: ['text/csv'],
      handle: async ({ scope, params, query: asked, ctx }) => {
        const left = new AbortController();
        ctx.res.once('close', () => left.abort());
        const isWhole = asked.format === 'csv' && asked.limit === undefined && asked.cursor === undefined;
        // The same moment for all pages, or one that grows as fast as it is read would never end.
        const to = asked.to ?? isoTime(clock.now() + 1);
        const paged = { ...asked, to, ...(isWhole && { limit: LARGEST_PAGE }) };
        const result = await query(scope, params.id, paged, left.signal);
        if (isWhole && result.nextCursor !== null) {
          const nextPage = (cursor: string) =>
            query(scope, params.id, { ...paged, interval: 'raw', cursor }, left.signal);
          return rawReply(CSV, historyCsvStream(result, nextPage, left.signal));
        }
        if (asked.format === 'csv') return rawReply(CSV, historyCsv(result));
        return {
          interval: result.interval,
          timezone: scope.timezone,
          series: result.series.map(({ parameter, points }) => ({
            parameter,
            points: points.map((point) => ({ ...point, t: isoTime(point.t) })),
          })),
          next_cursor: result.nextCursor,
        };
      },
    }),
  ];
}
