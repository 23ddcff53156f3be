import * as z from 'zod';
import { type Alarms, MAX_SHELF_DAYS, type Shelf } from '../../alarms/alarms.ts';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import { alarmCsv } from '../alarm-csv.ts';
import { alarmFilter, alarmQuery } from '../alarm-query.ts';
import { alarmEventReply, alarmEventSchema, alarmReply, alarmSchema, alarmShape } from '../alarm-wire.ts';
import { callerName } from '../caller-name.ts';
import { type Route, rawReply, route } from '../route.ts';
import {
  decodeNumber,
  encodeCursor,
  idParams,
  idSchema,
  isoTime,
  isoTimeSchema,
  listSchema,
  saidSchema,
} from '../wire.ts';

export { alarmEventReply, alarmReply } from '../alarm-wire.ts';

const TAG = 'Alarms';
const CSV = 'text/csv';
const reading = { factory: 'viewer' } as const;
const acting = { factory: 'operator' } as const;
const MAX_BULK = 1_000;
const MINUTE_MS = 60_000;

const commentText = saidSchema(2_000);
const optionalComment = commentText.nullable().default(null);
const body = z.strictObject({ comment: optionalComment });

const withEvents = z
  .object({ ...alarmShape, events: z.array(alarmEventSchema).describe('In the order in which they were written down') })
  .meta({ id: 'AlarmWithEvents' });

const countSchema = z.object({ low: z.int(), medium: z.int(), high: z.int(), critical: z.int() });

const shelfSchema = z
  .object({
    id: z.uuid(),
    rule_id: z.uuid(),
    rule_name: z.string(),
    device_id: z.uuid(),
    device_key: z.string(),
    until: isoTimeSchema,
    one_shot: z.boolean().describe('It ends when the alarm clears, if that is earlier'),
    reason: z.string(),
    shelved_by: z.string(),
    shelved_at: isoTimeSchema,
  })
  .meta({ id: 'AlarmShelf' });

const shelfReply = (shelf: Shelf): z.input<typeof shelfSchema> => ({
  id: shelf.id,
  rule_id: shelf.ruleId,
  rule_name: shelf.ruleName,
  device_id: shelf.deviceId,
  device_key: shelf.deviceKey,
  until: isoTime(shelf.until),
  one_shot: shelf.isOneShot === 1,
  reason: shelf.reason,
  shelved_by: shelf.shelvedBy,
  shelved_at: isoTime(shelf.shelvedAt),
});

export interface AlertRoutesDeps {
  readonly alarms: Alarms;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
}

/** `/alerts`: alarms, and what people do with them. */
export function alertRoutes({ alarms, now }: AlertRoutesDeps): Route[] {
  const reply = (scope: FactoryScope, id: string) => {
    const alarm = alarms.get(scope, id);
    if (alarm === undefined) throw new AppError('not_found', 'not found');
    return { ...alarmReply(alarm), events: alarms.events(scope, id).map(alarmEventReply) };
  };
  const act = { access: acting, tag: TAG, params: idParams, reply: withEvents } as const;

  return [
    route({
      method: 'get',
      path: '/alerts',
      access: reading,
      summary:
        'Alarms, those recorded last first; all of them, shelved, suppressed and closed ones too, where nothing else is asked for',
      tag: TAG,
      query: alarmQuery,
      reply: listSchema(alarmSchema),
      alsoProduces: [CSV],
      isHeavyWhen: ({ format }) => format === 'csv',
      handle: ({ scope, query, ctx }) => {
        const filter = alarmFilter(query);
        const below = decodeNumber(query.cursor) ?? Number.MAX_SAFE_INTEGER;
        if (query.format === 'csv') {
          ctx.set('Content-Disposition', `attachment; filename="alarms-${isoTime(now()).slice(0, 10)}.csv"`);
          const csv = alarmCsv(
            { page: (page) => alarms.list(scope, filter, page), notes: (ids) => alarms.notes(scope, ids) },
            below,
          );
          return rawReply(`${CSV}; charset=utf-8`, csv);
        }
        const { items, next } = alarms.list(scope, filter, { limit: query.limit, below });
        return { items: items.map(alarmReply), next_cursor: next === null ? null : encodeCursor(next) };
      },
      // A list is looked at; a file is taken away.
      act: ({ query: { format, limit, cursor, ...asked } }) =>
        format === 'csv'
          ? { action: 'alarm.export', target: { kind: 'alarm', id: '', name: '' }, details: asked }
          : undefined,
    }),
    route({
      method: 'get',
      path: '/alerts/summary',
      access: reading,
      summary: 'How many alarms are to be looked at; shelved and suppressed ones are counted apart',
      tag: TAG,
      reply: z
        .object({
          standing: countSchema.describe('Their condition holds'),
          unacknowledged: countSchema.describe('Standing, or cleared'),
          open: countSchema.describe('Standing, or not acknowledged: all that are to be looked at'),
          shelved: z.int(),
          suppressed: z.int(),
        })
        .meta({ id: 'AlarmSummary' }),
      handle: ({ scope }) => alarms.counts(scope),
    }),
    route({
      method: 'post',
      path: '/alerts/acknowledge',
      access: acting,
      summary: 'Acknowledge several alarms; what is in the way of one is in the way of no other',
      tag: TAG,
      body: z.strictObject({ ids: z.array(idSchema).min(1).max(MAX_BULK), comment: optionalComment }),
      reply: z.object({
        items: z.array(
          z.object({
            id: z.uuid(),
            outcome: z.enum(['acknowledged', 'not_found', 'conflict', 'invalid_input']),
            detail: z.string().nullable(),
          }),
        ),
      }),
      handle: async ({ scope, identity, body: { ids, comment } }) => ({
        items: await alarms.acknowledgeAll(scope, [...new Set(ids)], { by: callerName(identity), comment }),
      }),
    }),
    route({
      method: 'get',
      path: '/alerts/:id',
      access: reading,
      summary: 'One alarm, with all that has happened to it',
      tag: TAG,
      params: idParams,
      reply: withEvents,
      handle: ({ scope, params }) => reply(scope, params.id),
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/acknowledge',
      summary: 'Say that you know; an alarm that has cleared is closed by it',
      body,
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity, body: { comment } }) => {
        alarms.acknowledge(scope, id, { by: callerName(identity), comment });
        return reply(scope, id);
      },
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/comment',
      summary: 'Write something down about an alarm, closed or not',
      body: z.strictObject({ comment: commentText }),
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity, body: { comment } }) => {
        alarms.comment(scope, id, { by: callerName(identity), comment });
        return reply(scope, id);
      },
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/assign',
      summary: 'Say who looks after an alarm',
      body: z.strictObject({ user_id: idSchema.nullable().describe('A member of the factory; null: nobody') }),
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity, body: { user_id: to } }) => {
        alarms.assign(scope, id, callerName(identity), to);
        return reply(scope, id);
      },
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/shelve',
      summary: "Keep the rule's alarms on the device from people for a time: this one, and those that come until then",
      body: z
        .strictObject({
          until: isoTimeSchema.optional(),
          minutes: z
            .int()
            .min(1)
            .max(MAX_SHELF_DAYS * 24 * 60)
            .optional()
            .describe('Instead of `until`'),
          one_shot: z.boolean().default(false).describe('It ends when the alarm clears, if that is earlier'),
          reason: saidSchema(500),
        })
        .refine(({ until, minutes }) => (until === undefined) !== (minutes === undefined), {
          message: `say until when, or for how many minutes; at most ${MAX_SHELF_DAYS} days`,
          path: ['until'],
        }),
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity, body: { until, minutes = 0, one_shot: isOneShot, reason } }) => {
        const end = until === undefined ? now() + minutes * MINUTE_MS : Date.parse(until);
        alarms.shelve(scope, id, { by: callerName(identity), until: end, isOneShot, reason });
        return reply(scope, id);
      },
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/unshelve',
      summary: 'Take an alarm from its shelf before its time',
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity }) => {
        alarms.unshelve(scope, id, callerName(identity));
        return reply(scope, id);
      },
    }),
    route({
      ...act,
      method: 'post',
      path: '/alerts/:id/close',
      summary: 'Close an alarm that has cleared; or, with a comment, one whose rule or device is not in use any more',
      body,
      refuses: ['conflict'],
      handle: ({ scope, params: { id }, identity, body: { comment } }) => {
        alarms.close(scope, id, { by: callerName(identity), comment });
        return reply(scope, id);
      },
    }),
    route({
      method: 'get',
      path: '/alarm-shelves',
      access: reading,
      summary: 'What is shelved, the one that ends first before the others; at most 1,000',
      tag: TAG,
      reply: z.object({ items: z.array(shelfSchema) }),
      handle: ({ scope }) => ({ items: alarms.shelves(scope).map(shelfReply) }),
    }),
    route({
      method: 'delete',
      path: '/alarm-shelves/:id',
      access: acting,
      summary: "Take a rule's alarms on a device from their shelf, whether or not there is one now",
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params, identity }) => alarms.endShelf(scope, params.id, callerName(identity)),
    }),
  ];
}
