import { Readable } from 'node:stream';
import type { Context } from 'koa';
import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError, type Fault } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { Catalogue, CataloguedDevice, Parameter } from '../../devices/devices.ts';
import {
  type AnswerForm,
  type AnswerText,
  type Historian,
  type HistorySeries,
  idsOf,
  MAX_SERIES,
  type NamedDevice,
} from '../../historian/historian.ts';
import type { ClockWatch } from '../../store/clock-watch.ts';
import { type Looking, shownDevice } from '../device-access.ts';
import { JSON_MEDIA_TYPE, type RawReply, type Route, type RouteAct, rawReply, route } from '../route.ts';
import { deviceIdsSchema, idParams, isoTimeSchema, samplesQuery } from '../wire.ts';

const TAG = 'KPIs';
const CSV = 'text/csv; charset=utf-8';
const DAY_MS = 86_400_000;
/** Raw points in a page. */
const [PAGE, LARGEST_PAGE] = [1_000, 10_000];
const MOST_DEVICES = 100;
/** Unknown parameters that are told by name. */
const MOST_FAULTS = 20;

const value = z.union([z.number(), z.boolean(), z.string()]);

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

const seriesSchema = z.object({
  parameter: z.string(),
  points: z.array(pointSchema),
  gaps: z
    .array(z.object({ from: isoTimeSchema, to: isoTimeSchema }))
    .describe(
      'Where the series has nothing, because a file is damaged or missing (see `incomplete`), or between two points of this answer (raw: of this page). Intervals: at least one is ' +
        'missing, and if the series sends less often than that, more than five times its usual distance. Raw: more than ' +
        'five times the usual distance of the five points on either side (the larger one), and more than twice what nine ' +
        'of ten distances stay below. From the point before, or the end of its interval, to the point after. The time ' +
        'before the first and after the last point is not among them',
    ),
});

const answerOf = <Series extends z.ZodType>(series: Series) =>
  z.object({
    interval: z.enum(['raw', '1m', '15m', '1h', '1d', '1w']),
    timezone: z.string(),
    series: z.array(series),
    incomplete: z
      .array(z.object({ from: isoTimeSchema, to: isoTimeSchema }))
      .describe(
        'Where samples may be missing from this answer, because a file of the history is damaged or missing; empty when ' +
          'nothing is. `GET /storage` says which file',
      ),
    clock_in_doubt: z
      .array(z.object({ from: isoTimeSchema, to: isoTimeSchema }))
      .describe(
        "When the appliance's clock was not trusted: what came without a timestamp in there has one that may be wrong. " +
          '`GET /clock` says why',
      ),
    next_cursor: z.string().nullable().describe('Only of raw: the page after this one'),
  });

const historyQuery = z.strictObject({
  ...samplesQuery,
  interval: z.enum(['auto', 'raw', '1m', '15m', '1h', '1d', '1w']).default('auto'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_PAGE)
    .optional()
    .describe(
      `Largest number of raw points in a page, all series together, ${PAGE} when left out; a CSV without limit and cursor has no end before all are in it`,
    ),
  cursor: z.string().max(1_024).optional().describe('Only with raw: `next_cursor` of the page before'),
  format: z.enum(['json', 'csv']).default('json'),
});

const namesOf = (list: string): string[] => list.split(/(?<!\\),/).map((name) => name.replaceAll('\\,', ','));

/** A series that is asked for, and whose it is. */
export interface Asked {
  readonly device: NamedDevice;
  readonly series: HistorySeries;
}

const refuse = (message: string, faults: readonly Fault[]) => new AppError('invalid_input', message, { faults });

/**
 * The series asked for: device by device, and of each the parameters in the order of the list.
 *
 * @throws {AppError} `invalid_input`: a parameter is named twice, or no device has it
 */
export function seriesOf(devices: readonly CataloguedDevice[], list: string | undefined): Asked[] {
  const names = list === undefined ? undefined : namesOf(list);
  const places = new Map(names?.map((name, place) => [name, place]));
  if (names !== undefined && places.size < names.length) {
    throw refuse('a parameter is named twice', [{ pointer: '/parameters', message: 'a parameter is named twice' }]);
  }
  const placeOf = ({ name }: Parameter) => places.get(name) ?? -1;
  const found = new Set<string>();
  const all = devices.flatMap(({ id, key, parameters }) => {
    const device = { id, key };
    const asked =
      names === undefined
        ? parameters.filter((parameter) => idsOf(parameter).length > 0)
        : parameters.filter(({ name }) => places.has(name)).toSorted((a, b) => placeOf(a) - placeOf(b));
    return asked.map(({ seriesId, name, kind, also }) => {
      found.add(name);
      return { device, series: { seriesId, parameter: name, kind, also } };
    });
  });
  const missing = names?.filter((name) => !found.has(name)) ?? [];
  if (missing.length === 0) return all;
  const whose = devices.length === 1 ? 'the device has no' : 'none of the devices has a';
  throw refuse(
    'a parameter is unknown',
    missing.slice(0, MOST_FAULTS).map((name) => ({
      pointer: '/parameters',
      message: `${whose} parameter ${JSON.stringify(name)}`,
    })),
  );
}

/**
 * All raw samples as one CSV of any size: a page is fetched when the one before has been sent. The reader that leaves ends
 * it; a page that cannot be had breaks the answer off, so that it does not look whole.
 */
function allPages(first: AnswerText, nextPage: (cursor: string) => Promise<AnswerText>, left: AbortSignal): Readable {
  async function* parts(): AsyncGenerator<Buffer> {
    yield bufferOf(first);
    for (let { nextCursor } = first; nextCursor !== null; ) {
      if (left.aborted) return;
      const page = await nextPage(nextCursor);
      yield bufferOf(page);
      ({ nextCursor } = page);
    }
  }
  return Readable.from(parts());
}

const bufferOf = ({ bytes }: AnswerText): Buffer => Buffer.from(bytes.buffer);

interface Question {
  readonly scope: FactoryScope;
  readonly ctx: Context;
  readonly asked: z.output<typeof historyQuery>;
  /** Looked up for each page: one that is removed meanwhile breaks the answer off. */
  readonly devices: () => readonly CataloguedDevice[];
  readonly namesDevices: boolean;
}

export interface HistoryRoutesDeps {
  readonly catalogue: Catalogue;
  readonly historian: Historian;
  readonly clock: Clock;
  readonly doubtsIn: ClockWatch['doubtsIn'];
}

/** What the devices of the factory have measured; of one device, or of many in one answer. */
export function historyRoutes({ catalogue, historian, clock, doubtsIn }: HistoryRoutesDeps): Route[] {
  const answer = async ({ scope, ctx, asked, devices, namesDevices }: Question): Promise<RawReply> => {
    const left = new AbortController();
    ctx.res.once('close', () => left.abort());
    const isWhole = asked.format === 'csv' && asked.limit === undefined && asked.cursor === undefined;
    // The same moment for all pages, or one that grows as fast as it is read would never end.
    const to = asked.to === undefined ? clock.now() + 1 : Date.parse(asked.to);
    const from = asked.from === undefined ? to - DAY_MS : Date.parse(asked.from);
    const limit = isWhole ? LARGEST_PAGE : (asked.limit ?? PAGE);
    const ask = (interval: typeof asked.interval, cursor: string | undefined, format: AnswerForm['format']) => {
      const all = seriesOf(devices(), asked.parameters);
      const request = { series: all.map(({ series }) => series), from, to, interval, limit, cursor };
      const form = {
        format,
        devices: namesDevices ? all.map(({ device }) => device) : undefined,
        clockInDoubt: doubtsIn(from, to),
      };
      return historian.text(scope, request, form, left.signal);
    };
    const first = await ask(asked.interval, asked.cursor, asked.format);
    if (asked.format === 'json') return rawReply(JSON_MEDIA_TYPE, bufferOf(first));
    if (!isWhole || first.nextCursor === null) return rawReply(CSV, bufferOf(first));
    const nextPage = (cursor: string) => ask('raw', cursor, 'csv_rows');
    return rawReply(CSV, allPages(first, nextPage, left.signal));
  };

  const deviceOf = (looking: Looking, id: string): CataloguedDevice => {
    const device = shownDevice(catalogue, looking, id);
    if (device === undefined) throw new AppError('not_found', 'not found');
    return device;
  };

  const devicesOf = (looking: Looking, ids: readonly string[]): CataloguedDevice[] => {
    const missing = ids.filter((id) => shownDevice(catalogue, looking, id) === undefined);
    if (missing.length === 0) return ids.map((id) => deviceOf(looking, id));
    throw refuse(
      'a device is unknown',
      missing.map((id) => ({ pointer: '/devices', message: `there is no device ${JSON.stringify(id)}` })),
    );
  };

  /** A chart is looked at; a file is taken away. */
  const toldAs = (asked: z.output<typeof historyQuery>, devices: readonly string[]): RouteAct | undefined => {
    if (asked.format !== 'csv') return undefined;
    const { parameters, from, to, interval } = asked;
    const target = { kind: 'history', id: '', name: '' };
    return { action: 'history.export', target, details: { devices, parameters, from, to, interval, format: 'csv' } };
  };

  return [
    route({
      method: 'get',
      path: '/devices/kpis/history',
      isHeavy: true,
      access: { factory: 'viewer' },
      summary: 'History of many devices in one answer: as that of a single one, each series with its device',
      tag: TAG,
      query: historyQuery.extend({
        devices: deviceIdsSchema(MOST_DEVICES),
        parameters: historyQuery.shape.parameters.describe(
          'Names, separated by commas (`\\,` is a comma within a name); each device answers with those that it has. All ' +
            `when left out; at most ${MAX_SERIES} series in all`,
        ),
        format: historyQuery.shape.format.describe('CSV has the key of the device in its first column'),
      }),
      reply: answerOf(seriesSchema.extend({ device_id: z.uuid() })),
      alsoProduces: ['text/csv'],
      handle: ({ scope, identity, query: asked, ctx }) =>
        answer({
          scope,
          ctx,
          asked,
          devices: () => devicesOf({ scope, identity }, asked.devices),
          namesDevices: true,
        }),
      act: ({ query }) => toldAs(query, query.devices),
    }),
    route({
      method: 'get',
      path: '/devices/:id/kpis/history',
      isHeavy: true,
      access: { factory: 'viewer' },
      summary: "History of a device's parameters: raw, or by interval in the factory's calendar",
      tag: TAG,
      params: idParams,
      query: historyQuery,
      reply: answerOf(seriesSchema),
      alsoProduces: ['text/csv'],
      handle: ({ scope, identity, params, query: asked, ctx }) =>
        answer({ scope, ctx, asked, devices: () => [deviceOf({ scope, identity }, params.id)], namesDevices: false }),
      act: ({ params, query }) => toldAs(query, [params.id]),
    }),
  ];
}
