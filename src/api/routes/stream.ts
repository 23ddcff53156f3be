import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Alarms } from '../../alarms/alarms.ts';
import type { FactoryScope } from '../../core/scope.ts';
import type { CommandEvent, DeviceCommands } from '../../device-commands/device-commands.ts';
import type { DeviceEvent, Presence } from '../../devices/devices.ts';
import { type BrowserNotice, isMeant, type Notifications } from '../../notify/notify.ts';
import type { LiveHub, LiveValue, ValuesEvent } from '../../telemetry/telemetry.ts';
import { createAlarmFeed } from '../alarm-feed.ts';
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

const noticeReply = ({ id, hasSound, message }: BrowserNotice) => ({
  id,
  kind: message.kind,
  severity: message.severity,
  alarm_id: message.alarmId,
  title: message.title,
  text: message.lines.join('\n'),
  has_sound: hasSound,
});

export interface StreamRoutesDeps {
  readonly hub: LiveHub;
  readonly presence: Presence;
  readonly commands: Pick<DeviceCommands, 'subscribe'>;
  readonly alarms: Pick<Alarms, 'subscribe' | 'counts' | 'get'>;
  readonly notifications: Pick<Notifications, 'subscribe'>;
}

/** `/stream`: live values and device events of one factory. */
export function streamRoutes({ hub, presence, commands, alarms, notifications }: StreamRoutesDeps): Route[] {
  /** JSON is made once for each event, however many listen. */
  const cache = new WeakMap<ValuesEvent, string>();
  const cachedJson = (event: ValuesEvent): string => {
    const known = cache.get(event);
    if (known !== undefined) return known;
    const json = jsonOf(event);
    cache.set(event, json);
    return json;
  };

  const follow = (scope: FactoryScope, wanted: ReadonlySet<string> | undefined, who: Who, open: Open) => {
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
    /** Of nobody by name: of everybody. A client that does not read does not see it. */
    const show = (notice: BrowserNotice): boolean => {
      const { to } = notice;
      if (to.roles.length + to.user_ids.length > 0 && !isMeant(to, who)) return false;
      return stream.writable && stream.send('notification', noticeReply(notice));
    };
    const alarmFeed = createAlarmFeed(alarms, scope, wanted, () => stream);
    const subscriptions: (() => void)[] = [];
    const stream = open({
      onClose: () => {
        alarmFeed.stop();
        for (const unsubscribe of subscriptions) unsubscribe();
      },
      onWritable: () => {
        goOn();
        alarmFeed.goOn();
      },
    });
    if (stream.closed) return; // at once, when it was asked for by HEAD
    subscriptions.push(
      hub.subscribe(scope.factoryId, sendValues),
      presence.subscribe(scope.factoryId, sendDevice),
      commands.subscribe(scope.factoryId, sendCommand),
      alarms.subscribe(scope.factoryId, alarmFeed.send),
      notifications.subscribe(scope.factoryId, show),
    );
    const seen = stream.lastEventId === undefined ? undefined : versionIn(stream.lastEventId);
    const resumed = seen !== undefined;
    stream.send('hello', { resumed, detail: resumed ? 'what changed since follows' : 'all newest values follow' });
    catchUp(seen ?? 0);
    alarmFeed.goOn();
  };

  return [
    route({
      method: 'get',
      path: '/stream',
      access: { factory: 'viewer' },
      summary:
        'Server-sent events: `hello` (whether Last-Event-ID could be resumed), `values` (at most 4 a second for each device), `device` (it appeared, its status changed, or, with status `removed`, it is gone; not repeated on resuming), `command` (one was issued, or has come further; as `/devices/{id}/commands` shows it, not repeated on resuming), `alarm` (as `/alerts/{id}` without its events, whenever something happens to one; not repeated on resuming), `alarm_summary` (as `/alerts/summary`, at first and when it has changed; with `missed: true` when the client read too slowly, so that `/alerts` has to be asked), `notification` (of a channel of the kind `browser`: `id`, `kind`, `severity`, `alarm_id`, `title`, `text`, `has_sound`)',
      tag: 'Live',
      query: z.strictObject({
        devices: z.string().max(40_000).optional().describe('Device ids, separated by commas; all when left out'),
      }),
      reply: 'stream',
      handle: ({ scope, identity, query, openEventStream }) => {
        const wanted = query.devices === undefined ? undefined : new Set(query.devices.split(','));
        const { userId, factory } = identity;
        follow(scope, wanted, { userId, role: factory.role }, openEventStream);
      },
    }),
  ];
}

type Who = Parameters<typeof isMeant>[1];
type Open = (options: { onClose: () => void; onWritable: () => void }) => EventStream;
