import type { Config } from '../config/config.ts';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import { createAddressGuard, type Resolve } from './address-guard.ts';
import { createArrivals } from './arrivals.ts';
import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';
import { type ChartData, chartImage } from './chart-image.ts';
import { type BrowserNotice, createDelivery, type ReachableMember } from './delivery.ts';
import { createSendRequest } from './guarded-request.ts';
import { type Message, messageOf, NAMED_IN_DIGEST, type Place, type ToldAlarm, testSubject } from './message.ts';
import { createOutbox } from './outbox.ts';
import {
  countsOf,
  getRow,
  listRows,
  type NotificationFilter,
  type NotificationRow,
  revive,
  wasTold,
  worstOf,
} from './outbox-rows.ts';

/** What came of a test, as the provider says it. */
export interface TestOutcome {
  readonly recipient: string;
  readonly isDelivered: boolean;
  readonly detail: string;
  readonly providerId: string | null;
}

/** Tells people, and their programs, of alarms. */
export interface Notifications {
  /** The newest first. */
  list(
    scope: FactoryScope,
    filter: NotificationFilter,
    page: { readonly limit: number; readonly below?: number | undefined },
  ): NotificationRow[];
  /** @throws {AppError} `not_found` */
  get(scope: FactoryScope, id: string): NotificationRow;
  /**
   * Has one that was given up be sent again.
   *
   * @throws {AppError} `not_found`, `conflict` when it was not given up, or its channel is switched off
   */
  retry(scope: FactoryScope, id: string): NotificationRow;
  /** Sends a test message now, past all that waits, to the first ten. @throws {AppError} `not_found`, `unavailable` */
  test(scope: FactoryScope, channelId: string): Promise<TestOutcome[]>;
  /** Hears what is to be shown in open user interfaces of a factory. The listener says whether it is shown there. */
  subscribe(factoryId: number, listener: (notice: BrowserNotice) => boolean): () => void;
  /** Something may have been written down to be said. */
  wake(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface NotificationsDeps {
  readonly config: Pick<Config, 'smtp' | 'notify' | 'http'>;
  readonly store: Store;
  readonly channels: Channels;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
  /** Milliseconds from any beginning. */
  readonly monotonic: () => number;
  readonly random?: () => number;
  /** Instead of the system's. */
  readonly resolve?: Resolve | undefined;
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  readonly scopes: () => readonly FactoryScope[];
  readonly factoryName: (scope: FactoryScope) => string;
  readonly members: (scope: FactoryScope) => readonly ReachableMember[];
  readonly alarm: (scope: FactoryScope, id: string) => ToldAlarm | undefined;
  /** Which step an event of an escalation is, and when it was. */
  readonly event: (
    scope: FactoryScope,
    alarmId: string,
    eventId: string,
  ) => { at: number; step: number | null } | undefined;
  /** What an alarm's parameter did around its raise. */
  readonly chart: (scope: FactoryScope, alarm: ToldAlarm) => Promise<ChartData | undefined>;
  readonly publish: (topic: string, payload: string) => Promise<number>;
  readonly onFault: (error: unknown) => void;
}

const MS = 1_000;
/** Recipients of a test. */
const MAX_TESTED = 10;

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { config, store, channels, now } = deps;
  const { notify } = config;
  const listeners = new Map<number, Set<(notice: BrowserNotice) => boolean>>();
  const guard = createAddressGuard({
    allowsLocal: notify.allow_local_webhooks,
    allowedHosts: notify.allowed_hosts,
    ...(deps.resolve && { resolve: deps.resolve }),
  });
  const send = createSendRequest(guard, notify.timeout_s * MS);

  const place = (scope: FactoryScope): Place => ({
    factoryName: deps.factoryName(scope),
    factorySlug: scope.slug,
    timezone: scope.timezone,
    publicUrl: config.http.public_url ?? undefined,
  });

  const compose = (scope: FactoryScope, row: NotificationRow): Message | string => {
    const { id, kind, severity, alarmId, eventId, createdAt } = row;
    if (kind === 'digest') {
      const { counts, ids } = store.read(scope, (sql) => ({
        counts: countsOf(sql, id),
        ids: worstOf(sql, id, NAMED_IN_DIGEST),
      }));
      const [worst] = counts;
      if (worst === undefined) return 'all that it was to tell of is gone, had not happened, or is not so any more';
      const alarms = ids.flatMap((one) => deps.alarm(scope, one) ?? []);
      const { severity: of } = worst;
      return messageOf({ id, kind, severity: of, alarms, at: createdAt, step: null, counts }, place(scope));
    }
    const alarm = alarmId === null ? undefined : deps.alarm(scope, alarmId);
    if (alarm === undefined) return 'the alarm is gone';
    if (alarm.isWithdrawn && !(kind === 'cleared' && store.read(scope, (sql) => wasTold(sql, id)))) {
      return 'it turned out that the alarm had not happened';
    }
    if (kind === 'escalated' && (alarm.status === 'acknowledged' || alarm.status === 'closed')) {
      return 'the alarm has been acknowledged or closed meanwhile';
    }
    const event = eventId === null ? undefined : deps.event(scope, alarm.id, eventId);
    const { at = createdAt, step = null } = event ?? {};
    return messageOf({ id, kind, severity, alarms: [alarm], at, step, counts: [] }, place(scope));
  };

  /** One picture for all who get a message. */
  let drawn: { readonly id: string; readonly image: Promise<Buffer | undefined> } | undefined;
  const image = async (scope: FactoryScope, { id, alarmId }: Message): Promise<Buffer | undefined> => {
    if (drawn?.id === id) return drawn.image;
    const alarm = alarmId === null ? undefined : deps.alarm(scope, alarmId);
    if (alarm === undefined) return undefined;
    const draw = async () => {
      try {
        const data = await deps.chart(scope, alarm);
        return data && chartImage(data);
      } catch {
        // The message matters, and goes without it.
        return undefined;
      }
    };
    drawn = { id, image: draw() };
    return drawn.image;
  };

  const show = ({ factoryId }: FactoryScope, notice: BrowserNotice): number =>
    [...(listeners.get(factoryId) ?? [])].filter((listener) => listener(notice)).length;

  const delivery = createDelivery({
    config,
    guard,
    send,
    now,
    members: deps.members,
    renew: channels.renew,
    publish: deps.publish,
    show,
    image,
  });
  const arrivals = createArrivals({ store, channels, send, base: notify.twilio_url, now, onFault: deps.onFault });
  const outbox = createOutbox({
    store,
    channels,
    delivery,
    compose,
    scopeOf: deps.scopeOf,
    scopes: deps.scopes,
    now,
    monotonic: deps.monotonic,
    random: deps.random ?? Math.random,
    pace: {
      maxAttempts: notify.max_attempts,
      retryBaseMs: notify.retry_base_s * MS,
      gatherMs: notify.gather_s * MS,
      digestEveryMs: notify.digest_every_s * MS,
    },
    accepted: arrivals.follow,
    onFault: deps.onFault,
  });

  const get = (scope: FactoryScope, id: string): NotificationRow => {
    const row = store.read(scope, (sql) => getRow(sql, id));
    if (row === undefined) throw new AppError('not_found', 'not found');
    return row;
  };

  const test = async (scope: FactoryScope, channel: Channel): Promise<TestOutcome[]> => {
    const secrets = channels.secrets(scope, channel.id);
    const message = messageOf(testSubject(newId(), now()), place(scope));
    return Promise.all(
      delivery
        .recipients(scope, channel)
        .slice(0, MAX_TESTED)
        .map(async (recipient): Promise<TestOutcome> => {
          const answer = await delivery.deliver(scope, channel, secrets, message, recipient);
          const { isDelivered, detail } = answer;
          return { recipient, isDelivered, detail, providerId: (isDelivered && answer.providerId) || null };
        }),
    );
  };

  return {
    list: (scope, filter, page) => store.read(scope, (sql) => listRows(sql, filter, page)),
    get,
    retry: (scope, id) => {
      const { state, channelId } = get(scope, id);
      if (!channels.get(scope, channelId).isActive) {
        throw new AppError('conflict', 'its channel is switched off: switch it on, and send it again then');
      }
      if (!store.write(scope, (sql) => revive(sql, id, now()))) {
        throw new AppError('conflict', `it is ${state}: only what was given up can be sent again`);
      }
      outbox.wake();
      return get(scope, id);
    },
    test: (scope, channelId) => test(scope, channels.get(scope, channelId)),
    subscribe: (factoryId, listener) => {
      const held = listeners.get(factoryId) ?? new Set();
      listeners.set(factoryId, held.add(listener));
      return () => {
        held.delete(listener);
        if (held.size === 0) listeners.delete(factoryId);
      };
    },
    wake: outbox.wake,
    start: () => {
      for (const scope of deps.scopes()) arrivals.resume(scope);
      outbox.start();
    },
    stop: () => {
      arrivals.stop();
      return outbox.stop();
    },
  };
}
