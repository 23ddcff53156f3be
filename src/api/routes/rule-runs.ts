import type { Context } from 'koa';
import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Catalogue, CataloguedDevice } from '../../devices/devices.ts';
import {
  type DeviceReplay,
  definitionSchema,
  type ExplainWords,
  type Explanation,
  type Firing,
  type ReplayRecord,
  type Replays,
  type RuleDefinition,
  type Rules,
  type RulesDriver,
  SEVERITIES,
  watches,
} from '../../rules/rules.ts';
import { type Looking, mayLookAt, shownDevice } from '../device-access.ts';
import { explanationReply, explanationSchema, offReply } from '../explanation-wire.ts';
import { type Route, route } from '../route.ts';
import { idParams, idSchema, isoTime, isoTimeSchema } from '../wire.ts';

const TAG = 'Rules';
const DAY_MS = 86_400_000;
const MAX_DAYS = 400;

const severity = z.enum(SEVERITIES);
const value = z.union([z.number(), z.boolean(), z.string()]).nullable();

const firingSchema = z.object({
  raised_at: isoTimeSchema,
  may_be_earlier: z
    .boolean()
    .describe(
      'It was there as soon as the replay began to look, some time before `from`: it may have been raised earlier',
    ),
  cleared_at: isoTimeSchema.nullable().describe('null: it was open at the end'),
  severity: severity.describe('The highest that it had'),
  parameter: z.string().nullable(),
  value: value.describe('What has raised it'),
  changes: z.array(
    z.object({
      at: isoTimeSchema,
      severity: severity.nullable().describe('null: it has cleared'),
      parameter: z.string().nullable(),
      value,
      because: z.literal('schedule').optional().describe('Why it cleared, when that is not the condition'),
    }),
  ),
});

const replaySchema = z
  .object({
    id: z.uuid(),
    status: z.enum(['running', 'done', 'failed', 'cancelled']),
    progress: z.number().min(0).max(1),
    error: z.string().nullable().describe('Why it failed'),
    from: isoTimeSchema,
    to: isoTimeSchema.describe('Not later than now'),
    devices: z
      .array(
        z.object({
          device_id: z.uuid(),
          device_key: z.string(),
          firings: z.array(firingSchema).describe('Every alarm that touches the time, oldest first'),
          samples: z.int().describe('Samples that were looked at'),
          incomplete: z
            .array(z.object({ from: isoTimeSchema, to: isoTimeSchema }))
            .describe(
              'Where samples are missing: they were removed (only rollups are left), or their file is damaged or missing',
            ),
          truncated: z
            .boolean()
            .describe('There is more than is told: at most 10,000 alarms, and 20,000 changes, in one replay'),
        }),
      )
      .describe('Those that are done'),
  })
  .meta({ id: 'Replay' });

const rangeShape = {
  from: isoTimeSchema,
  to: isoTimeSchema.describe('Exclusive; what is later than now is left out'),
  device_ids: z
    .array(idSchema)
    .min(1, 'name at least one device, or leave this out')
    .max(1_000)
    .optional()
    .describe('Instead of those that the rule is for; at most 50'),
  wait: z.boolean().default(true).describe('false: answers 202 at once; the result is at `GET /rules/replays/{id}`'),
};

const firingReply = ({ changes, ...firing }: Firing): z.input<typeof firingSchema> => ({
  raised_at: isoTime(firing.raisedAt),
  may_be_earlier: firing.mayBeEarlier,
  cleared_at: firing.clearedAt === null ? null : isoTime(firing.clearedAt),
  severity: firing.severity,
  parameter: changes[0]?.parameter ?? null,
  value: changes[0]?.value ?? null,
  changes: changes.map(({ at, ...change }) => ({ at: isoTime(at), ...change })),
});

const deviceReply = ({ device, firings, samples, incomplete, isTruncated }: DeviceReplay) => ({
  device_id: device.id,
  device_key: device.key,
  firings: firings.map(firingReply),
  samples,
  incomplete: incomplete.map(({ from, to }) => ({ from: isoTime(from), to: isoTime(to) })),
  truncated: isTruncated,
});

const replayReply = ({ error, from, to, devices, ...replay }: ReplayRecord): z.input<typeof replaySchema> => ({
  ...replay,
  error: error?.message ?? null,
  from: isoTime(from),
  to: isoTime(to),
  devices: devices.map(deviceReply),
});

const refuse = (pointer: string, message: string) =>
  new AppError('invalid_input', message, { faults: [{ pointer, message }] });

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly device_ids?: readonly string[] | undefined;
  readonly wait: boolean;
}

export interface RuleRunRoutesDeps {
  readonly rules: Pick<Rules, 'get'>;
  readonly catalogue: Catalogue;
  readonly replays: Replays;
  readonly clock: Clock;
  /** Why the rule fires or not on the device; undefined where it is not being watched (yet). */
  readonly explain: (ruleId: string, deviceId: string) => Promise<Explanation | undefined>;
  readonly faultOf: RulesDriver['faultOf'];
}

/** What rules would have done, and what they do: replays over the past, and explanations of now. */
export function ruleRunRoutes({ rules, catalogue, replays, clock, explain, faultOf }: RuleRunRoutesDeps): Route[] {
  const rangeOf = (asked: Asked) => {
    const from = Date.parse(asked.from);
    const to = Math.min(Date.parse(asked.to), clock.now());
    if (from >= to) throw refuse('/from', 'from is not before to, or not before now: take a time that has been');
    if (to - from > MAX_DAYS * DAY_MS)
      throw refuse('/from', `at most ${MAX_DAYS} days in one replay: narrow the range`);
    return { from, to };
  };

  const named = (looking: Looking, ids: readonly string[]): CataloguedDevice[] =>
    [...new Set(ids)].map((id) => {
      const device = shownDevice(catalogue, looking, id);
      if (device === undefined)
        throw refuse(`/device_ids/${ids.indexOf(id)}`, `there is no device ${JSON.stringify(id)}`);
      return device;
    });

  /** One that rests can be tried, too. */
  const devicesOf = (looking: Looking, definition: RuleDefinition, ids: readonly string[] | undefined) => {
    if (ids !== undefined) return named(looking, ids);
    const found = catalogue
      .devices(looking.scope)
      .filter((device) => mayLookAt(looking, device.standing) && watches({ ...definition, is_active: true }, device));
    if (found.length > 0) return found;
    throw refuse('/device_ids', 'the rule is for none of the devices: name some of them (device_ids)');
  };

  const replay = async (looking: Looking, definition: RuleDefinition, asked: Asked, ctx: Context) => {
    const { scope } = looking;
    const devices = devicesOf(looking, definition, asked.device_ids).map(({ id, key, parameters }) => ({
      id,
      key,
      series: parameters.map(({ name, seriesId, kind, also }) => ({ parameter: name, seriesId, kind, also })),
    }));
    const record = replays.start(scope, { watch: definition, ...rangeOf(asked), devices });
    if (!asked.wait) {
      ctx.status = 202;
      return replayReply(record);
    }
    // Nobody would hear of it any more. Once it has ended there is nothing to cancel, and it may be forgotten by then.
    const cancel = () => replays.cancel(scope, record.id);
    ctx.res.once('close', cancel);
    const ended = await replays.ended(scope, record.id);
    ctx.res.off('close', cancel);
    if (ended.error !== null) throw ended.error;
    return replayReply(ended);
  };

  const wordsFor = ({ parameters }: CataloguedDevice, timezone: string): ExplainWords => {
    const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    return {
      timezone,
      shown: (name) => {
        const { displayName = null, unit = null, decimals = null, kind = 'number' } = known.get(name) ?? {};
        return { name: displayName ?? name, unit, decimals, isBoolean: kind === 'boolean' };
      },
    };
  };

  return [
    route({
      method: 'post',
      path: '/rules/replay',
      isHeavy: true,
      access: { factory: 'operator' },
      summary: 'When a rule, which need not be saved, would have raised alarms; by the engine that watches live',
      tag: TAG,
      body: z.strictObject({ rule: definitionSchema, ...rangeShape }),
      reply: replaySchema,
      refuses: ['too_many', 'busy', 'unavailable', 'unreadable'],
      handle: ({ scope, identity, body, ctx }) => replay({ scope, identity }, body.rule, body, ctx),
    }),
    route({
      method: 'post',
      path: '/rules/:id/replay',
      isHeavy: true,
      access: { factory: 'operator' },
      summary: 'When a rule would have raised alarms, as it is now',
      tag: TAG,
      params: idParams,
      body: z.strictObject(rangeShape),
      reply: replaySchema,
      refuses: ['too_many', 'busy', 'unavailable', 'unreadable'],
      handle: ({ scope, identity, params, body, ctx }) =>
        replay({ scope, identity }, rules.get(scope, params.id).definition, body, ctx),
    }),
    route({
      method: 'get',
      path: '/rules/replays/:id',
      access: { factory: 'operator' },
      summary: 'How far a replay is, and what it has found; for ten minutes after its end',
      tag: TAG,
      params: idParams,
      reply: replaySchema,
      handle: ({ scope, params }) => replayReply(replays.get(scope, params.id)),
    }),
    route({
      method: 'delete',
      path: '/rules/replays/:id',
      access: { factory: 'operator' },
      summary: 'Cancel a replay; one that has ended is forgotten',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => replays.cancel(scope, params.id),
    }),
    route({
      method: 'get',
      path: '/rules/:id/explain',
      access: { factory: 'viewer' },
      summary:
        'Why a rule fires on a device now, or does not: leaf by leaf, with values, ages, timers, schedule and cooldown',
      tag: TAG,
      params: idParams,
      query: z.strictObject({ device_id: idSchema.describe('One that the rule watches') }),
      reply: explanationSchema,
      refuses: ['unavailable'],
      handle: async ({ scope, identity, params, query }) => {
        const rule = rules.get(scope, params.id);
        const device = shownDevice(catalogue, { scope, identity }, query.device_id);
        if (device === undefined) throw refuse('/device_id', 'there is no such device');
        const { definition } = rule;
        if (!watches({ ...definition, is_active: true }, device)) {
          throw refuse('/device_id', `the rule does not watch ${device.key}: it is for other devices`);
        }
        if (!definition.is_active) return offReply(rule, device.id);
        if (device.standing !== 'active') {
          throw refuse(
            '/device_id',
            `the rule does not watch ${device.key}: the device takes no part (${device.standing})`,
          );
        }
        const fault = faultOf(rule);
        if (fault !== undefined) {
          throw new AppError('unavailable', `the rule is left out: ${fault.message}; change it, or turn it off and on`);
        }
        const explanation = await explain(rule.id, device.id);
        if (explanation === undefined) {
          throw new AppError('unavailable', 'the rule does not watch the device yet: try again in a moment');
        }
        const zone = definition.schedule?.timezone ?? 'factory';
        const words = wordsFor(device, zone === 'factory' ? scope.timezone : zone);
        return explanationReply(rule, device.id, explanation, words);
      },
    }),
  ];
}
