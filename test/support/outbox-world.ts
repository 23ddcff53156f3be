import { mock } from 'node:test';
import { type FactoryScope, mintFactoryScope } from '../../src/core/scope.ts';
import type { Answer, Channel, QuietHours, Secrets } from '../../src/notify/channel.ts';
import { type Channels, createChannels } from '../../src/notify/channels.ts';
import type { Message } from '../../src/notify/message.ts';
import { createOutbox } from '../../src/notify/outbox.ts';
import { listRows, type NotificationRow } from '../../src/notify/outbox-rows.ts';
import type { Notice, Severity } from '../../src/rules/rules.ts';
import { controlStore } from './control-store.ts';

/** The time zone of the factory. */
export const OUTBOX_ZONE = 'Europe/Berlin';
export const OUTBOX_RATE = 3;
const CHANNEL = 'channel';
const DEVICE = 'device';

/** A call of the sender: to whom, and what it tells of, by the ids of messages. */
export interface Call {
  readonly at: number;
  readonly row: NotificationRow;
  readonly tells: readonly string[];
  readonly recipient: string;
  readonly channel: Channel;
  readonly secrets: Secrets;
}

/** An outbox with one channel, over a store of its own, whose clocks, timers and other side are the test's. */
export interface OutboxWorld extends Disposable {
  /** What the other side says. */
  answer: (call: Call) => Answer | Promise<Answer>;
  recipients: readonly string[];
  readonly calls: Call[];
  readonly faults: unknown[];
  readonly channels: Channels;
  readonly scope: FactoryScope;
  /** Whether the factory is put away. */
  isArchived: boolean;
  /** Epoch ms. */
  readonly now: number;
  /** Since the beginning (ms), whoever sets the clock: as calls are stamped. */
  readonly passed: number;
  rows(): NotificationRow[];
  /** Something has happened to an alarm, by its number, of which the channel is to tell. @returns the message's id */
  news(alarm: number, kind: Notice, severity?: Severity): string;
  edit(more: { url?: string; quietHours?: QuietHours | null; ratePerMinute?: number }): void;
  /** Sets the clock on the wall: by so much (ms). */
  setClock(by: number): void;
  pass(ms: number): Promise<void>;
  /** Kills the outbox, and starts another one. */
  restart(): void;
}

export const DELIVERED: Answer = { isDelivered: true, detail: 'ok' };
export const FAILED: Answer = { isDelivered: false, detail: '503', mayRetry: true };
export const addressOf = (index: number) => `https://${index}.example`;

/** @param start - epoch ms */
export function outboxWorld(start = Date.UTC(2026, 0, 5, 11)): OutboxWorld {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const control = controlStore();
  const { store } = control;
  const scope = mintFactoryScope({ factoryId: 1, factoryUuid: 'u', slug: 'vpc', timezone: OUTBOX_ZONE });
  let [monotonic, wall, made, random] = [0, start, 0, 1];
  const now = () => wall + monotonic;
  const vault = { seal: (secret: string) => secret, open: (sealed: string) => sealed };
  const channels = createChannels({
    store,
    vault,
    now,
    isMember: () => true,
    usedBy: () => [],
    hasMailServer: false,
  });
  store.system('seed', (sql) =>
    sql.run(
      `insert into main.factories (id, uuid, slug, name, timezone, created_at) values (1, 'u', 'vpc', 'VPC', ?, 0)`,
      OUTBOX_ZONE,
    ),
  );
  store.write(scope, (sql) => {
    sql.run('insert into main.devices (factory_id, id, key, name, created_at) values (1, ?1, ?1, ?1, 0)', DEVICE);
    sql.run(
      `insert into main.notification_channels (factory_id, id, kind, name, is_active, config, secrets, secret_names,
         rate_per_minute, created_at, created_by, updated_at, updated_by)
       values (1, ?1, 'webhook', ?1, 1, json_object('url', ?2), json_object('url', ?2, 'signing_secret', 's'), '[]', ?3,
         0, 'Ada', 0, 'Ada')`,
      CHANNEL,
      addressOf(0),
      OUTBOX_RATE,
    );
  });

  const tellsOf = (row: NotificationRow): string[] =>
    row.kind === 'digest'
      ? store
          .read(scope, (sql) => sql.all<{ id: string }>('select id from notifications where digest_id = ?', row.id))
          .map(({ id }) => id)
      : [row.id];

  const begin = () => {
    const life = { isOver: false };
    const outbox = createOutbox({
      store,
      channels,
      delivery: {
        recipients: () => world.recipients,
        deliver: async (_scope, channel, secrets, message, recipient) => {
          const { row, tells } = message as unknown as Pick<Call, 'row' | 'tells'>;
          const call = { at: monotonic, row, tells, recipient, channel, secrets };
          world.calls.push(call);
          const answer = await world.answer(call);
          return life.isOver ? new Promise<never>(() => undefined) : answer;
        },
      },
      compose: (_scope, row) => ({ row, tells: tellsOf(row) }) as unknown as Message,
      scopeOf: () => (world.isArchived ? undefined : scope),
      scopes: () => [scope],
      now,
      monotonic: () => monotonic,
      random: () => {
        random = (random * 16_807) % 2_147_483_647;
        return random / 2_147_483_647;
      },
      pace: { maxAttempts: 4, retryBaseMs: 5_000, gatherMs: 5_000, digestEveryMs: 60_000 },
      accepted: () => undefined,
      onFault: (error) => world.faults.push(error),
    });
    outbox.start();
    return { outbox, life };
  };

  const world = {
    answer: (_call: Call): Answer | Promise<Answer> => DELIVERED,
    recipients: ['Anna'],
    calls: [] as Call[],
    faults: [] as unknown[],
    channels,
    scope,
    isArchived: false,
    get now() {
      return now();
    },
    get passed() {
      return monotonic;
    },
    rows: () => store.read(scope, (sql) => listRows(sql, {}, { limit: 1_000 })).toReversed(),
    news: (alarm: number, kind: Notice, severity: Severity = 'low') => {
      made += 1;
      const id = `n${made}`;
      store.write(scope, (sql) => {
        sql.run(
          `insert into main.alarms (factory_id, id, number, rule_id, rule_version, rule_name, device_id, severity, status,
             message, course, raised_at, recorded_at, suppressed_by, escalation)
           values (1, 'a' || ?1, ?1, 'r' || ?1, 1, 'r', ?2, 'low', 'active', 'm', '[]', 0, 0, '[]', '[]')
           on conflict do nothing`,
          alarm,
          DEVICE,
        );
        sql.run(
          `insert into main.notifications (factory_id, id, channel_id, alarm_id, event_id, kind, severity, created_at, due_at)
           values (1, ?1, ?2, 'a' || ?3, ?1, ?4, ?5, ?6, ?6)`,
          id,
          CHANNEL,
          alarm,
          kind,
          severity,
          now(),
        );
      });
      current.outbox.wake();
      return id;
    },
    edit: ({ url, ...more }: { url?: string; quietHours?: QuietHours | null; ratePerMinute?: number }) => {
      const channel = channels.get(scope, CHANNEL);
      const anew = url === undefined ? {} : { config: { url }, secrets: { url, signing_secret: url } };
      channels.update(scope, CHANNEL, { ...channel, secrets: {}, ...more, ...anew } as never, 'Ada');
    },
    setClock: (by: number) => {
      wall += by;
    },
    pass: async (ms: number) => {
      for (let left = ms; left > 0; ) {
        const step = Math.min(left, left > 60_000 ? 1_000 : left > 5_000 ? 250 : 50);
        monotonic += step;
        left -= step;
        mock.timers.tick(step);
        for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    restart: () => {
      end();
      current = begin();
    },
    [Symbol.dispose]: () => {
      end();
      mock.timers.reset();
      control[Symbol.dispose]();
    },
  } satisfies OutboxWorld;
  let current = begin();
  const end = () => {
    current.life.isOver = true;
    void current.outbox.stop();
    mock.timers.tick(2_000);
  };
  return world;
}
