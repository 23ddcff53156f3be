import type { Alarms } from './alarms/alarms.ts';
import { notificationChannelRoutes } from './api/routes/notification-channels.ts';
import { notificationRoutes } from './api/routes/notifications.ts';
import type { Broker } from './broker/broker.ts';
import type { Config } from './config/config.ts';
import type { Control } from './control.ts';
import type { ClockGuard } from './core/clock-guard.ts';
import type { Log } from './core/log.ts';
import type { FactoryScope } from './core/scope.ts';
import type { Historian } from './historian/historian.ts';
import { type ChartData, createNotifications, type Notifications, type ToldAlarm } from './notify/notify.ts';

export interface NotifyParts {
  readonly config: Config;
  readonly control: Control;
  readonly clock: ClockGuard;
  readonly monotonic: () => number;
  readonly log: Log;
  readonly historian: Historian;
  readonly desk: { readonly alarms: Alarms };
  /** Asked once it is there. */
  readonly broker: () => Pick<Broker, 'publish'>;
}

/** Notifications, between alarms and those who are told of them. */
export interface NotifyDesk {
  readonly notifications: Notifications;
  /** Begins to send. @returns how to stop */
  start(): () => Promise<void>;
}

const MINUTE_MS = 60_000;
/** Drawn around the raise of an alarm, as far as it has come. */
const [BEFORE_MS, AFTER_MS] = [50 * MINUTE_MS, 10 * MINUTE_MS];
const EVERYBODY = { limit: 10_000, after: undefined };

/** What an alarm's parameter did around its raise, by the minute; undefined where it is no number. */
const chartOf =
  ({ control, historian, clock }: NotifyParts) =>
  async (scope: FactoryScope, alarm: ToldAlarm): Promise<ChartData | undefined> => {
    const device = control.catalogue.device(scope, alarm.deviceId);
    const parameter = device?.parameters.find(({ name }) => name === alarm.parameter);
    if (parameter === undefined || parameter.kind !== 'number' || parameter.seriesId <= 0) return undefined;
    const raised = Math.floor(alarm.raisedAt / MINUTE_MS) * MINUTE_MS;
    const from = raised - BEFORE_MS;
    const end = Math.min(raised + AFTER_MS, Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS);
    const to = Math.max(raised, end) + MINUTE_MS;
    const { seriesId, name, kind, also } = parameter;
    const series = [{ seriesId, parameter: name, kind, also }];
    const answer = await historian.query(scope, { series, from, to, interval: '1m' });
    if (answer.interval === 'raw') return undefined;
    const points = Array<number | null>((to - from) / MINUTE_MS).fill(null);
    for (const each of answer.series) for (const { t, avg } of each.points) points[(t - from) / MINUTE_MS] = avg;
    return { points, mark: (raised - from) / MINUTE_MS };
  };

/** An alarm, as far as it is told of. */
const toldBy =
  ({ control, desk }: NotifyParts) =>
  (scope: FactoryScope, id: string): ToldAlarm | undefined => {
    const alarm = desk.alarms.get(scope, id);
    if (alarm === undefined) return undefined;
    const deviceName = control.catalogue.device(scope, alarm.deviceId)?.name ?? '';
    return { ...alarm, deviceName, isWithdrawn: alarm.isWithdrawn === 1 };
  };

export function createNotifyDesk(parts: NotifyParts): NotifyDesk {
  const { config, control, clock, log, desk } = parts;
  const { accounts, channels, store } = control;
  const { factories, members } = accounts;
  const notifications = createNotifications({
    config,
    store,
    channels,
    now: clock.trustedNow,
    monotonic: parts.monotonic,
    scopeOf: (factoryId) => {
      const factory = factories.byNumber(factoryId);
      return factory?.archivedAt === null ? factory.scope : undefined;
    },
    scopes: () => factories.list().map(({ scope }) => scope),
    factoryName: ({ factoryUuid }) => factories.byUuid(factoryUuid)?.name ?? '',
    members: (scope) => members.list(scope, EVERYBODY),
    alarm: toldBy(parts),
    event: (scope, alarmId, eventId) => {
      const event = desk.alarms.events(scope, alarmId).find(({ id }) => id === eventId);
      return event && { at: event.at, step: typeof event.data.step === 'number' ? event.data.step : null };
    },
    chart: chartOf(parts),
    publish: async (topic, payload) => {
      const { sent, queued } = await parts.broker().publish({ topic, payload, qos: 1 });
      return sent + queued;
    },
    onFault: (error) => log.error({ err: error }, 'a notification could not be sent; it is tried again'),
  });
  desk.alarms.onNews(notifications.wake);
  return {
    notifications,
    start: () => {
      notifications.start();
      return notifications.stop;
    },
  };
}

/** Routes about notifications. */
export const notifyRoutes = ({ channels }: Control, { notifications }: NotifyDesk) => [
  ...notificationChannelRoutes({ channels, notifications }),
  ...notificationRoutes({ notifications }),
];
