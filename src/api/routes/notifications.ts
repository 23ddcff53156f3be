import * as z from 'zod';
import {
  NOTIFICATION_KINDS,
  NOTIFICATION_STATES,
  type NotificationRow,
  type Notifications,
} from '../../notify/notify.ts';
import { SEVERITIES } from '../../rules/rules.ts';
import { type Route, route } from '../route.ts';
import { decodeNumber, idParams, idSchema, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Notifications';

const notificationSchema = z
  .object({
    id: z.uuid().describe('Its idempotency key: the same however often it is sent'),
    channel_id: z.uuid(),
    alarm_id: z.uuid().nullable().describe('null: a digest, which tells of several'),
    alarm_number: z.int().nullable(),
    kind: z.enum(NOTIFICATION_KINDS),
    severity: z.enum(SEVERITIES),
    state: z
      .enum(NOTIFICATION_STATES)
      .describe('`dead`: given up; `digested`: a digest tells of it; `suppressed`: nobody was to be told after all'),
    attempts: z.int(),
    created_at: isoTimeSchema,
    due_at: isoTimeSchema.nullable().describe('When it is tried next; null: not any more'),
    is_held: z.boolean().describe('It waits, or waited, for the end of quiet hours'),
    settled_at: isoTimeSchema.nullable(),
    digest_id: z.uuid().nullable(),
    answer: z.string().nullable().describe('What the other side said at last'),
    provider_id: z.string().nullable().describe("The other side's ids of it, separated by spaces"),
  })
  .meta({ id: 'Notification' });

const notificationReply = (row: NotificationRow): z.input<typeof notificationSchema> => ({
  id: row.id,
  channel_id: row.channelId,
  alarm_id: row.alarmId,
  alarm_number: row.alarmNumber,
  kind: row.kind,
  severity: row.severity,
  state: row.state,
  attempts: row.attempts,
  created_at: isoTime(row.createdAt),
  due_at: row.state === 'pending' ? isoTime(row.dueAt) : null,
  is_held: row.isHeld === 1,
  settled_at: row.settledAt === null ? null : isoTime(row.settledAt),
  digest_id: row.digestId,
  answer: row.answer,
  provider_id: row.providerId,
});

const statesSchema = z
  .string()
  .max(100)
  .transform((words) => [...new Set(words.split(','))])
  .pipe(z.array(z.enum(NOTIFICATION_STATES)))
  .describe('Separated by commas');

/** `/notifications`: what was to be said of alarms, and what became of it. */
export function notificationRoutes({
  notifications,
}: {
  readonly notifications: Pick<Notifications, 'list' | 'get' | 'retry'>;
}): Route[] {
  return [
    route({
      method: 'get',
      path: '/notifications',
      access: { factory: 'rules' },
      summary: 'What was to be said of alarms, and what became of it, newest first; kept for 30 days',
      tag: TAG,
      query: z.strictObject({
        ...pageQuery,
        state: statesSchema.optional(),
        channel_id: idSchema.optional(),
        alarm_id: idSchema.optional(),
      }),
      reply: listSchema(notificationSchema),
      handle: ({ scope, query: { limit, cursor, state, channel_id: channelId, alarm_id: alarmId } }) => {
        const below = decodeNumber(cursor) ?? Number.MAX_SAFE_INTEGER;
        const filter = { states: state, channelId, alarmId };
        const found = notifications.list(scope, filter, { limit: limit + 1, below });
        return pageOf(found, limit, ({ seq }) => seq, notificationReply);
      },
    }),
    route({
      method: 'get',
      path: '/notifications/:id',
      access: { factory: 'rules' },
      summary: 'One notification',
      tag: TAG,
      params: idParams,
      reply: notificationSchema,
      handle: ({ scope, params }) => notificationReply(notifications.get(scope, params.id)),
    }),
    route({
      method: 'post',
      path: '/notifications/:id/retry',
      access: { factory: 'rules' },
      summary: 'Send one again that was given up, to those who do not have it',
      tag: TAG,
      params: idParams,
      reply: notificationSchema,
      refuses: ['conflict'],
      act: ({ scope, params }) => {
        const { state, id, kind, alarmId, channelId } = notifications.get(scope, params.id);
        if (state !== 'dead') return undefined;
        const details = { channel_id: channelId, alarm_id: alarmId };
        return { action: 'notification.retry', target: { kind: 'notification', id, name: kind }, details };
      },
      handle: ({ scope, params }) => notificationReply(notifications.retry(scope, params.id)),
    }),
  ];
}
