import * as z from 'zod';
import { COMMAND_STATUSES, type DeviceCommand, type DeviceCommands } from '../../device-commands/device-commands.ts';
import { callerName } from '../caller-name.ts';
import { type Route, route } from '../route.ts';
import { decodeNumber, idParams, idSchema, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Commands';

const MAX_PARAMETER_CHARACTERS = 8_192;
const MAX_EXPIRY_S = 7 * 86_400;

const parameters = z.record(z.string().min(1).max(128), z.unknown()).meta({ examples: [{ speed_rpm: 1_450 }] });

const commandSchema = z
  .object({
    id: z.uuid(),
    device_id: z.uuid(),
    command: z.string().meta({ examples: ['start'] }),
    parameters,
    status: z
      .enum(COMMAND_STATUSES)
      .describe(
        'queued: no connected client takes commands of the device; sent: one was sent it; delivered: it has acknowledged the message; accepted, done, failed: as the device says; expired: its time was over before that; cancelled: taken back while queued',
      ),
    message: z.string().nullable().describe('What the device says of it'),
    issued_by: z.string(),
    issued_at: isoTimeSchema,
    expires_at: isoTimeSchema.describe('It is not delivered from then on'),
    changed_at: isoTimeSchema.describe('When it came to its status'),
  })
  .meta({ id: 'DeviceCommand' });

/** A command as the API and the event stream show it. */
export const commandReply = (command: DeviceCommand): z.input<typeof commandSchema> => ({
  id: command.id,
  device_id: command.deviceId,
  command: command.command,
  parameters: { ...command.parameters },
  status: command.status,
  message: command.message,
  issued_by: command.issuedBy,
  issued_at: isoTime(command.issuedAt),
  expires_at: isoTime(command.expiresAt),
  changed_at: isoTime(command.changedAt),
});

const commandParams = z.object({ id: idSchema, command_id: idSchema });

/** `/devices/{id}/commands`: what people ask of devices, and what became of it. */
export function deviceCommandRoutes({ commands }: { readonly commands: DeviceCommands }): Route[] {
  return [
    route({
      method: 'post',
      path: '/devices/:id/commands',
      access: { factory: 'devices' },
      summary:
        'Send a command: it is published to `factories/{slug}/devices/{key}/commands` (QoS 1), at once or when the device next connects before it expires; the device answers on `…/commands/ack`',
      tag: TAG,
      status: 201,
      params: idParams,
      body: z.strictObject({
        command: z
          .string()
          .trim()
          .min(1)
          .max(64)
          .refine((name) => !/\p{Cc}/u.test(name), 'no control characters')
          .meta({ examples: ['start'] }),
        parameters: parameters
          .refine(
            (given) => JSON.stringify(given).length <= MAX_PARAMETER_CHARACTERS,
            'at most 8,192 characters as JSON',
          )
          .default({}),
        expires_in_s: z.int().min(1).max(MAX_EXPIRY_S).default(60).describe('It is not delivered later than this (s)'),
      }),
      reply: commandSchema,
      refuses: ['too_many'],
      handle: ({ scope, params, identity, body }) =>
        commandReply(
          commands.issue(scope, params.id, {
            command: body.command,
            parameters: body.parameters,
            expiresInS: body.expires_in_s,
            issuedBy: callerName(identity),
          }),
        ),
    }),
    route({
      method: 'get',
      path: '/devices/:id/commands',
      access: { factory: 'viewer' },
      summary: 'Commands to a device, newest first: the last 200 of it, of at most 90 days',
      tag: TAG,
      params: idParams,
      query: z.strictObject(pageQuery),
      reply: listSchema(commandSchema),
      handle: ({ scope, params, query: { limit, cursor } }) => {
        const before = decodeNumber(cursor) ?? Number.MAX_SAFE_INTEGER;
        return pageOf(
          commands.list(scope, params.id, { limit: limit + 1, before }),
          limit,
          ({ seq }) => seq,
          commandReply,
        );
      },
    }),
    route({
      method: 'get',
      path: '/devices/:id/commands/:command_id',
      access: { factory: 'viewer' },
      summary: 'One command, and what became of it',
      tag: TAG,
      params: commandParams,
      reply: commandSchema,
      handle: ({ scope, params }) => commandReply(commands.get(scope, params.id, params.command_id)),
    }),
    route({
      method: 'post',
      path: '/devices/:id/commands/:command_id/cancel',
      access: { factory: 'devices' },
      summary: 'Take a command back that has not been sent yet',
      tag: TAG,
      params: commandParams,
      reply: commandSchema,
      refuses: ['conflict'],
      handle: ({ scope, params }) => commandReply(commands.cancel(scope, params.id, params.command_id)),
    }),
  ];
}
