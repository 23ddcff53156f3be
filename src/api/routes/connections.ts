import * as z from 'zod';
import type { Connections, PresentConnection } from '../../broker/broker.ts';
import { AppError } from '../../core/errors.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { Catalogue } from '../../devices/devices.ts';
import {
  CONNECTION_KINDS,
  type ConnectionQuery,
  type ConnectionRow,
  type Refusals,
  remedyOf,
} from '../../telemetry/telemetry.ts';
import { callerName } from '../caller-name.ts';
import { type Route, type RouteAct, route } from '../route.ts';
import { decodeCursor, idParams, idSchema, isoTime, isoTimeSchema, listSchema, pageOf, pageQuery } from '../wire.ts';

const TAG = 'Connections';

const traffic = z.object({
  messages: z.int(),
  bytes: z.int().describe('Of their payloads'),
  messages_per_second: z.number().describe('Average of the last minute'),
  bytes_per_second: z.number(),
});

const username = z.string().nullable().describe('As it was given, right or wrong; null without one');

const deviceRefs = z.array(
  z.object({
    key: z.string(),
    id: z.uuid().nullable().describe('null for one that is not registered'),
  }),
);

const connectionSchema = z
  .object({
    id: z.uuid().describe('Of this connection: it ends with it'),
    client_id: z.string().describe('Empty when the client has left it to the broker'),
    username,
    kind: z.enum(['device', 'api_key', 'anonymous']),
    credential: z.string().nullable().describe('Name of its credential or API key'),
    address: z.string(),
    transport: z.enum(['tcp', 'tls', 'websocket', 'secure_websocket']),
    tls_version: z
      .string()
      .nullable()
      .meta({ examples: ['TLSv1.3'] }),
    clean_session: z.boolean(),
    keepalive_s: z.int().describe('0: none'),
    connected_at: isoTimeSchema,
    received: traffic,
    sent: traffic,
    subscriptions: z.array(z.object({ filter: z.string(), qos: z.int().min(0).max(2) })),
    will: z
      .object({ topic: z.string(), qos: z.int().min(0).max(2), retain: z.boolean(), bytes: z.int() })
      .nullable()
      .describe('What is published when it breaks off'),
    devices: deviceRefs.describe('That it has sent for within an hour, the latest first'),
    is_shared: z.boolean().describe('An anonymous client that sends for other factories too'),
  })
  .meta({ id: 'Connection' });

const eventSchema = z
  .object({
    kind: z.enum(CONNECTION_KINDS),
    source: z.string().describe("The peer's address"),
    client_id: z.string(),
    username,
    reason: z.string().meta({ examples: ['keepalive_timeout'] }),
    detail: z.string(),
    remedy: z.string().nullable().describe('What helps, where something does'),
    devices: deviceRefs.describe('That it sent for, or is about'),
    payload: z.string().nullable().describe('The first 512 bytes of the newest one, as text'),
    count: z.int().describe('How often the same has happened'),
    first_at: isoTimeSchema,
    last_at: isoTimeSchema,
  })
  .meta({ id: 'ConnectionEvent' });

const logQuery = {
  ...pageQuery,
  since: isoTimeSchema.optional().describe('Only entries with `last_at` after this time'),
  client_id: z.string().max(256).optional(),
  kind: z
    .string()
    .max(64)
    .transform((kinds) => kinds.split(','))
    .pipe(z.array(z.enum(CONNECTION_KINDS)))
    .optional()
    .describe('Kinds, separated by commas; all when left out'),
  q: z.string().trim().max(128).optional().describe('Text looked for in client id, user name, address and detail'),
};
const listQuery = {
  ...pageQuery,
  q: z.string().trim().max(128).optional().describe('Text looked for in client id, user name, address and devices'),
};
const deviceQuery = { device_id: idSchema.optional().describe('Only of clients that send for this device') };

/** Rows of the log are told apart by time and number. */
const CURSOR = /^(\d{1,15}):(\d{1,15})$/;

function behind(cursor: string | undefined): ConnectionQuery['after'] {
  const key = decodeCursor(cursor);
  if (key === undefined) return undefined;
  const [, lastAt, id] = CURSOR.exec(String(key)) ?? [];
  if (lastAt !== undefined) return { lastAt: Number(lastAt), id: Number(id) };
  const message = 'not a cursor of this list';
  throw new AppError('invalid_input', message, { faults: [{ pointer: '/cursor', message }] });
}

const queryOf = (asked: z.output<z.ZodObject<typeof logQuery>>): ConnectionQuery => ({
  since: asked.since === undefined ? undefined : Date.parse(asked.since),
  clientId: asked.client_id,
  kinds: asked.kind,
  text: asked.q,
  after: behind(asked.cursor),
  limit: asked.limit + 1,
});

/** Undefined when it is not among those that may be ended: then it will be refused. */
function toldEnd(rows: readonly PresentConnection[], id: string): RouteAct | undefined {
  const found = rows.find((row) => row.id === id);
  return found && { action: 'connection.end', target: { kind: 'connection', id, name: found.clientId } };
}

export interface ConnectionRoutesDeps {
  readonly connections: Connections;
  readonly refusals: Pick<Refusals, 'connectionsOf' | 'connectionsOfNobody'>;
  readonly catalogue: Catalogue;
}

/**
 * `/connections`: who is connected to the broker. `/connection-log`: who came, left and was refused, and why. What belongs
 * to no factory, such as anonymous clients before they publish, is the owners'.
 */
export function connectionRoutes({ connections, refusals, catalogue }: ConnectionRoutesDeps): Route[] {
  /** Device ids by key; of no factory none. */
  const idsOf = (scope: FactoryScope | undefined) =>
    new Map(scope === undefined ? [] : catalogue.devices(scope).map(({ key, id }) => [key, id]));
  const refs = (keys: readonly string[], ids: ReadonlyMap<string, string>) =>
    keys.map((key) => ({ key, id: ids.get(key) ?? null }));

  const keyOf = (scope: FactoryScope, deviceId: string | undefined): string | undefined => {
    if (deviceId === undefined) return undefined;
    const device = catalogue.device(scope, deviceId);
    if (device === undefined) throw new AppError('not_found', 'not found');
    return device.key;
  };

  const presentPage = (
    rows: readonly PresentConnection[],
    { limit, cursor, q }: z.output<z.ZodObject<typeof listQuery>>,
    scope?: FactoryScope,
  ) => {
    const after = decodeCursor(cursor);
    const text = q?.toLowerCase() ?? '';
    const sortKey = ({ clientId, id }: PresentConnection) => `${clientId}\u0000${id}`;
    const isMeant = ({ clientId, username: name, address, deviceKeys }: PresentConnection) =>
      text === '' || [clientId, name, address, ...deviceKeys].some((part) => part.toLowerCase().includes(text));
    const ids = idsOf(scope);
    const found = rows
      .filter((row) => isMeant(row) && (after === undefined || sortKey(row) > String(after)))
      .toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
    return pageOf(found, limit, sortKey, (row) => connectionReply(row, ids));
  };

  const connectionReply = (
    row: PresentConnection,
    ids: ReadonlyMap<string, string>,
  ): z.input<typeof connectionSchema> => ({
    id: row.id,
    client_id: row.clientId,
    username: row.username === '' ? null : row.username,
    kind: row.kind,
    credential: row.credential === '' ? null : row.credential,
    address: row.address,
    transport: row.transport,
    tls_version: row.tlsVersion ?? null,
    clean_session: row.isClean,
    keepalive_s: row.keepaliveS,
    connected_at: isoTime(row.connectedAt),
    received: trafficReply(row.received),
    sent: trafficReply(row.sent),
    subscriptions: row.subscriptions.map(({ filter, qos }) => ({ filter, qos })),
    will: row.will ?? null,
    devices: refs(row.deviceKeys, ids).toReversed(),
    is_shared: row.isShared,
  });
  const trafficReply = ({ messages, bytes, messagesPerS, bytesPerS }: PresentConnection['received']) => ({
    messages,
    bytes,
    messages_per_second: messagesPerS,
    bytes_per_second: bytesPerS,
  });

  const logPage = (rows: readonly ConnectionRow[], limit: number, scope?: FactoryScope) => {
    const ids = idsOf(scope);
    const toItem = (row: ConnectionRow): z.input<typeof eventSchema> => ({
      kind: row.kind,
      source: row.source,
      client_id: row.clientId,
      username: row.username === '' ? null : row.username,
      reason: row.reason,
      detail: row.detail,
      remedy: remedyOf(row.reason),
      devices: refs(row.devices, ids),
      payload: row.payload?.toString('utf8') ?? null,
      count: row.count,
      first_at: isoTime(row.firstAt),
      last_at: isoTime(row.lastAt),
    });
    return pageOf(rows, limit, ({ lastAt, id }) => `${lastAt}:${id}`, toItem);
  };

  /** Whom a device is heard by: who has sent for it, and who has subscribed to its commands. */
  const isOfDevice = (slug: string, key: string | undefined) => {
    const commands = `factories/${slug}/devices/${key}/commands`;
    return ({ deviceKeys, subscriptions }: PresentConnection) =>
      key === undefined || deviceKeys.includes(key) || subscriptions.some(({ filter }) => filter === commands);
  };

  return [
    route({
      method: 'get',
      path: '/connections',
      access: { factory: 'devices' },
      summary:
        'MQTT clients of the factory that are connected now, by client id; anonymous ones once they have published to its topics',
      tag: TAG,
      query: z.strictObject({ ...listQuery, ...deviceQuery }),
      reply: listSchema(connectionSchema),
      handle: ({ scope, query: { device_id: deviceId, ...query } }) => {
        const isMeant = isOfDevice(scope.slug, keyOf(scope, deviceId));
        return presentPage(connections.of(scope).filter(isMeant), query, scope);
      },
    }),
    route({
      method: 'get',
      path: '/connections/unassigned',
      access: 'super_admin',
      summary: 'MQTT clients that belong to no factory, and anonymous ones that send for several',
      tag: TAG,
      query: z.strictObject(listQuery),
      reply: listSchema(connectionSchema),
      handle: ({ query }) => presentPage(connections.ofNobody(), query),
    }),
    route({
      method: 'delete',
      path: '/connections/:id',
      access: { factory: 'devices' },
      summary: 'End a connection; the client may come again, so revoke its credential to keep it away',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      refuses: ['conflict'],
      handle: ({ scope, params, identity }) => connections.end(scope, params.id, callerName(identity)),
      act: ({ scope, params }) =>
        toldEnd(
          connections.of(scope).filter(({ isShared }) => !isShared),
          params.id,
        ),
    }),
    route({
      method: 'delete',
      path: '/connections/unassigned/:id',
      access: 'super_admin',
      summary: 'End a connection of no factory, or of several',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ params, identity }) => connections.endOfNobody(params.id, callerName(identity)),
      act: ({ params }) => toldEnd(connections.ofNobody(), params.id),
    }),
    route({
      method: 'get',
      path: '/connection-log',
      access: { factory: 'devices' },
      summary:
        "Who came, left, was dropped or refused, of the factory's clients and of those that gave a user name of it, newest first; repeats are counted in one entry",
      tag: TAG,
      query: z.strictObject({ ...logQuery, ...deviceQuery }),
      reply: listSchema(eventSchema),
      handle: ({ scope, query: { device_id: deviceId, ...query } }) => {
        const deviceKey = keyOf(scope, deviceId);
        return logPage(refusals.connectionsOf(scope, { ...queryOf(query), deviceKey }), query.limit, scope);
      },
    }),
    route({
      method: 'get',
      path: '/connection-log/unassigned',
      access: 'super_admin',
      summary: 'The same of what belongs to no factory: anonymous clients, and telemetry for unknown factories',
      tag: TAG,
      query: z.strictObject(logQuery),
      reply: listSchema(eventSchema),
      handle: ({ query }) => logPage(refusals.connectionsOfNobody(queryOf(query)), query.limit),
    }),
  ];
}
