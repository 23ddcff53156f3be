import * as z from 'zod';
import {
  CHANNEL_KINDS,
  type Channel,
  type ChannelDraft,
  type Channels,
  CONFIG_SCHEMAS,
  certificatesIn,
  channelShape,
  type Notifications,
  SECRET_SCHEMAS,
} from '../../notify/notify.ts';
import { describeCertificate } from '../../tls/tls.ts';
import { callerName } from '../caller-name.ts';
import { type Route, route } from '../route.ts';
import { parse } from '../validate.ts';
import { idParams, isoTime, isoTimeSchema, listSchema } from '../wire.ts';

const TAG = 'Notifications';
const RATE_PER_MINUTE = 10;

const { name, is_active, quiet_hours, rate_per_minute } = channelShape;

/** Beside the kind and what is of it. */
const rest = {
  name,
  is_active: is_active.default(true),
  quiet_hours: quiet_hours.default(null),
  rate_per_minute: rate_per_minute.default(RATE_PER_MINUTE),
};

const bodyOf = <Kind extends (typeof CHANNEL_KINDS)[number]>(kind: Kind) =>
  z.strictObject({ kind: z.literal(kind), ...rest, config: CONFIG_SCHEMAS[kind], secrets: SECRET_SCHEMAS[kind] });

const bodySchema = z.discriminatedUnion('kind', [
  bodyOf('email'),
  bodyOf('whatsapp'),
  bodyOf('sms'),
  bodyOf('webhook'),
  bodyOf('mqtt'),
  bodyOf('browser'),
]);

const channelSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(CHANNEL_KINDS),
    name: z.string(),
    is_active: z.boolean(),
    config: z
      .record(z.string(), z.unknown())
      .describe(
        "As it was given, by the kind; of a webhook's `url` the origin alone, and `…` for the rest, which is a secret: written back like that it stays as it was",
      ),
    secrets: z.array(z.string()).describe('Names of those that are set; they are never shown'),
    server_ca: z
      .array(z.object({ subject: z.string(), valid_until: isoTimeSchema }))
      .describe('What the certificates in `config.server.ca` are'),
    quiet_hours,
    rate_per_minute: z.int(),
    pending: z.int().describe('Messages that wait, or are tried again'),
    dead: z.int().describe('Messages that were given up'),
    last_sent_at: isoTimeSchema.nullable(),
    created_at: isoTimeSchema,
    created_by: z.string(),
    updated_at: isoTimeSchema,
    updated_by: z.string(),
  })
  .meta({ id: 'NotificationChannel' });

const testSchema = z
  .object({
    delivered: z.boolean().describe('To everybody'),
    results: z.array(
      z.object({
        recipient: z.string().describe('Empty where there is only one'),
        delivered: z.boolean(),
        detail: z.string().describe('What the other side has said'),
        provider_id: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'ChannelTest' });

export interface NotificationChannelRoutesDeps {
  readonly channels: Channels;
  readonly notifications: Pick<Notifications, 'test'>;
}

const draftOf = (body: z.output<typeof bodySchema>): ChannelDraft => {
  const { is_active: isActive, quiet_hours: quietHours, rate_per_minute: ratePerMinute, secrets, ...way } = body;
  const given = Object.entries(secrets).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return { ...way, isActive, quietHours, ratePerMinute, secrets: Object.fromEntries(given) };
};

/** `/notification-channels`: how people, and their programs, are told of alarms. */
export function notificationChannelRoutes({ channels, notifications }: NotificationChannelRoutesDeps): Route[] {
  const reply = (scope: Parameters<Channels['figures']>[0], channel: Channel): z.input<typeof channelSchema> => {
    const { pending, dead, lastSentAt } = channels.figures(scope, channel.id);
    return {
      id: channel.id,
      kind: channel.kind,
      name: channel.name,
      is_active: channel.isActive,
      config: { ...channel.config },
      secrets: [...channel.secretNames],
      server_ca: certificatesIn((channel.kind === 'email' && channel.config.server?.ca) || '').map((pem) => {
        const { subject, notAfter } = describeCertificate(pem);
        return { subject, valid_until: isoTime(notAfter) };
      }),
      quiet_hours: channel.quietHours && { ...channel.quietHours, days: [...channel.quietHours.days] },
      rate_per_minute: channel.ratePerMinute,
      pending,
      dead,
      last_sent_at: lastSentAt === null ? null : isoTime(lastSentAt),
      created_at: isoTime(channel.createdAt),
      created_by: channel.createdBy,
      updated_at: isoTime(channel.updatedAt),
      updated_by: channel.updatedBy,
    };
  };

  return [
    route({
      method: 'get',
      path: '/notification-channels',
      access: { factory: 'rules' },
      summary: 'Channels by name; at most 50, on one page',
      tag: TAG,
      reply: listSchema(channelSchema),
      handle: ({ scope }) => ({
        items: channels.list(scope).map((channel) => reply(scope, channel)),
        next_cursor: null,
      }),
    }),
    route({
      method: 'post',
      path: '/notification-channels',
      access: { factory: 'admin' },
      summary: 'Make a channel. Secrets are sealed, and never shown again; at most 50 channels in a factory',
      tag: TAG,
      status: 201,
      body: bodySchema,
      reply: channelSchema,
      refuses: ['conflict'],
      handle: ({ scope, identity, body }) => reply(scope, channels.create(scope, draftOf(body), callerName(identity))),
    }),
    route({
      method: 'get',
      path: '/notification-channels/:id',
      access: { factory: 'rules' },
      summary: 'One channel',
      tag: TAG,
      params: idParams,
      reply: channelSchema,
      handle: ({ scope, params }) => reply(scope, channels.get(scope, params.id)),
    }),
    route({
      method: 'patch',
      path: '/notification-channels/:id',
      access: { factory: 'admin' },
      summary:
        'Change a channel; members left out stay as they are, and so do secrets, unless they would go to another server or account. Its kind stays',
      tag: TAG,
      params: idParams,
      body: z.strictObject({
        name: name.optional(),
        is_active: is_active.optional(),
        config: z.record(z.string(), z.unknown()).optional().describe('Whole, by the kind'),
        secrets: z.record(z.string(), z.unknown()).optional().describe('Those that are to be others'),
        quiet_hours: quiet_hours.optional(),
        rate_per_minute: rate_per_minute.optional(),
      }),
      reply: channelSchema,
      handle: ({ scope, params, identity, body }) => {
        const before = channels.get(scope, params.id);
        const whole = {
          kind: before.kind,
          name: before.name,
          is_active: before.isActive,
          config: before.config,
          secrets: {},
          quiet_hours: before.quietHours,
          rate_per_minute: before.ratePerMinute,
          ...body,
        };
        const draft = draftOf(parse(bodySchema, whole, 'body'));
        return reply(scope, channels.update(scope, params.id, draft, callerName(identity)));
      },
    }),
    route({
      method: 'delete',
      path: '/notification-channels/:id',
      access: { factory: 'admin' },
      summary: 'Remove a channel, with its messages; not while rules tell by it',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      refuses: ['conflict'],
      handle: ({ scope, params }) => channels.remove(scope, params.id),
    }),
    route({
      method: 'post',
      path: '/notification-channels/:id/test',
      access: { factory: 'admin' },
      summary: 'Send a test message now, and show what the other side says; also by a channel that is switched off',
      tag: TAG,
      params: idParams,
      reply: testSchema,
      isHeavy: true,
      act: ({ scope, params }) => {
        const known = channels.has(scope, params.id) ? channels.get(scope, params.id) : undefined;
        return (
          known && {
            action: 'notification_channel.test',
            target: { kind: 'notification_channel', id: known.id, name: known.name },
            details: { kind: known.kind },
          }
        );
      },
      handle: async ({ scope, params }) => {
        const outcomes = await notifications.test(scope, params.id);
        return {
          delivered: outcomes.length > 0 && outcomes.every(({ isDelivered }) => isDelivered),
          results: outcomes.map(({ recipient, isDelivered, detail, providerId }) => ({
            recipient,
            delivered: isDelivered,
            detail,
            provider_id: providerId,
          })),
        };
      },
    }),
  ];
}
