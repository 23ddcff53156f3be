import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { FactoryScope } from '../../core/scope.ts';
import type { CommandEvent, DeviceCommands } from '../../device-commands/device-commands.ts';
import type { DeviceEvent, Presence } from '../../devices/devices.ts';
import type { LiveHub, LiveValue, ValuesEvent } from '../../telemetry/telemetry.ts';
import type { EventStream } from '../event-stream.ts';
import { type Route, route } from '../route.ts';
import { isoTime } from '../wire.ts';
import { commandReply } from './device-commands.ts';

/** Event ids are `{run}:{version}`: after a restart versions begin anew, and an id of another run means nothing. */
const RUN = randomUUID().slice(0, 8);

const eventId = (version: number): string => `${RUN}:${version}`;

/** The version in an event id of this run; undefined for anything else. */
const versionIn = (id: string): number | undefined => {
  const [run, version] = id.split(':');
  return run === RUN && version !== undefined && /^\d{1,15}$/.test(version) ? Number(version) : undefined;
};

const valueReply = ({ parameter, value, timestamp }: LiveValue) => ({
  parameter,
  value,
  timestamp: isoTime(timestamp),
});

const jsonOf = ({ device, values }: ValuesEvent): string =>
  JSON.stringify({ device_id: device.id, values: values.map(valueReply) });

export interface StreamRoutesDeps {
  readonly hub: LiveHub;
  readonly presence: Presence;
  readonly commands: Pick<DeviceCommands, 'subscribe'>;
}

/** `/stream`: live values and device events of one factory. */
export function streamRoutes({ hub, presence, commands }: StreamRoutesDeps): Route[] {
  /** JSON is made once for each event, however many listen. */
  const cache = new WeakMap<ValuesEvent, string>();
  const cachedJson = (event: ValuesEvent): string => {
    const known = cache.get(event);
    if (known !== undefined) return known;
    const json = jsonOf(event);
    cache.set(event, json);
    return json;
  };

  const follow = (scope: FactoryScope, wanted: ReadonlySet<string> | undefined, open: Open) => {
    const wants = (id: string) => id !== '' && (wanted === undefined || wanted.has(id));
    /** What is to be sent before live events go on; a client that reads slowly gets it as it reads. */
    let backlog: ValuesEvent[] = [];
    let missedSince: number | undefined;
    let seenVersion = 0;
    const sendValues = (event: ValuesEvent) => {
      if (!wants(event.device.id)) return;
      if (backlog.length > 0 || !stream.writable) missedSince ??= seenVersion;
      else {
        seenVersion = event.seenVersion;
        stream.sendJson('values', cachedJson(event), eventId(seenVersion));
      }
    };
    const catchUp = (from: number) => {
      const reached = hub.version;
      backlog = hub.since(scope.factoryId, from).filter((event) => wants(event.device.id));
      sendBacklog();
      seenVersion = reached;
    };
    const sendBacklog = () => {
      let next = 0;
      while (next < backlog.length && stream.writable) {
        const event = backlog[next++];
        if (event !== undefined) stream.sendJson('values', jsonOf(event));
      }
      backlog = backlog.slice(next);
    };
    const goOn = () => {
      sendBacklog();
      if (backlog.length > 0 || missedSince === undefined) return;
      const from = missedSince;
      missedSince = undefined;
      catchUp(from);
    };
    const sendDevice = ({ id, key, status, lastSeenAt }: DeviceEvent) => {
      if (!wants(id)) return;
      stream.send('device', { id, key, status, last_seen_at: lastSeenAt === null ? null : isoTime(lastSeenAt) });
    };
    const sendCommand = ({ command }: CommandEvent) => {
      if (wants(command.deviceId)) stream.send('command', commandReply(command));
    };
    const subscriptions: (() => void)[] = [];
    const stream = open({
      onClose: () => {
        for (const unsubscribe of subscriptions) unsubscribe();
      },
      onWritable: goOn,
    });
    if (stream.closed) return; // at once, when it was asked for by HEAD
    subscriptions.push(
      hub.subscribe(scope.factoryId, sendValues),
      presence.subscribe(scope.factoryId, sendDevice),
      commands.subscribe(scope.factoryId, sendCommand),
    );
    const seen = stream.lastEventId === undefined ? undefined : versionIn(stream.lastEventId);
    const resumed = seen !== undefined;
    stream.send('hello', { resumed, detail: resumed ? 'what changed since follows' : 'all newest values follow' });
    catchUp(seen ?? 0);
  };

  return [
    route({
      method: 'get',
      path: '/stream',
      access: { factory: 'viewer' },
      summary:
        'Server-sent events: `hello` (whether Last-Event-ID could be resumed), `values` (at most 4 a second for each device), `device` (it appeared, its status changed, or, with status `removed`, it is gone; not repeated on resuming), `command` (one was issued, or has come further; as `/devices/{id}/commands` shows it, not repeated on resuming)',
      tag: 'Live',
      query: z.strictObject({
        devices: z.string().max(40_000).optional().describe('Device ids, separated by commas; all when left out'),
      }),
      reply: 'stream',
      handle: ({ scope, query, openEventStream }) => {
        const wanted = query.devices === undefined ? undefined : new Set(query.devices.split(','));
        follow(scope, wanted, openEventStream);
      },
    }),
  ];
}

type Open = (options: { onClose: () => void; onWritable: () => void }) => EventStream;
