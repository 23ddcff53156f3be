import type { Notice, Severity } from '../rules/rules.ts';
import type { Sql, SqlReads } from '../store/store.ts';
import { MAX_REST_MS } from './pace.ts';

export const NOTIFICATION_STATES = ['pending', 'sent', 'dead', 'digested', 'suppressed'] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];
export const NOTIFICATION_KINDS = [
  'raised',
  'severity_changed',
  'acknowledged',
  'cleared',
  'escalated',
  'digest',
] as const;

/** Something that is to be said, or was. Times are epoch ms. */
export interface NotificationRow {
  readonly seq: number;
  /** Its idempotency key, too. */
  readonly id: string;
  readonly channelId: string;
  readonly alarmId: string | null;
  readonly alarmNumber: number | null;
  readonly eventId: string | null;
  readonly kind: Notice | 'digest';
  readonly severity: Severity;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly attempts: number;
  readonly state: NotificationState;
  readonly isHeld: number;
  readonly digestId: string | null;
  /** JSON of recipients. */
  readonly delivered: string;
  readonly answer: string | null;
  readonly providerId: string | null;
  readonly settledAt: number | null;
}

const COLUMNS = `seq, id, channel_id as channelId, alarm_id as alarmId,
  (select a.number from alarms a where a.id = alarm_id) as alarmNumber, event_id as eventId, kind, severity,
  created_at as createdAt, due_at as dueAt, attempts, state, is_held as isHeld, digest_id as digestId, delivered, answer,
  provider_id as providerId, settled_at as settledAt`;

const DAY_MS = 86_400_000;
/** Nothing waits for the end of quiet hours for longer. */
const MAX_HELD_MS = 8 * DAY_MS;
/** What is settled is kept for so long, and so much of it. */
const KEPT_DAYS = 30;
const MAX_ROWS = 50_000;
const REMOVED_AT_ONCE = 500;
/** Kept of what the other side says (characters). */
export const MAX_ANSWER = 1_000;

/** Due by `?1`, or put off for longer than anything is, by a clock that has been set since; in SQL. */
const DUE = `state = 'pending' and (due_at <= ?1
  or due_at > ?1 + case when is_held = 1 then ${MAX_HELD_MS} when attempts > 0 then ${MAX_REST_MS} else 0 end)`;

/** Which channels of which factories have something to say by now. Unscoped. Asked each second: of what waits alone (`+`). */
export const dueChannels = (sql: SqlReads, now: number): { factoryId: number; channelId: string }[] =>
  sql.all(`select distinct +factory_id as factoryId, +channel_id as channelId from notifications where ${DUE}`, now);

/** Counted no further: more than this is a flood at any rate. */
const MAX_COUNTED = 5_000;

/**
 * Of `n`, of the channel `?2`, in SQL: it is critical, or leads to something critical of its alarm that waits behind it.
 * Neither quiet hours nor a flood keep it waiting.
 */
const URGENT = `(n.severity = 'critical' or ifnull(n.alarm_id, '') in (select c.alarm_id from notifications c
  where c.channel_id = ?2 and c.state = 'pending' and c.severity = 'critical' and c.alarm_id is not null))`;
/** In SQL: nobody has tried to send it yet. */
const UNTRIED = `attempts = 0 and delivered = '[]' and kind <> 'digest'`;
/**
 * Of `n`, of the channel `?2`, in SQL: it waits for something earlier of its alarm, by itself or in a digest. What is
 * critical, or escalated, waits for no digest, nor for somebody who could not be told of what came earlier.
 *
 * @param but - of the earlier one: it is not waited for
 */
const waitsBut = (but: string) => `exists (select 1 from notifications e
  where e.alarm_id = n.alarm_id and +e.channel_id = ?2 and e.seq < n.seq and not (${but})
    and ((e.state = 'pending' and (e.delivered = '[]' or (n.severity <> 'critical' and n.kind <> 'escalated')))
      or (e.state = 'digested' and n.severity <> 'critical' and n.kind <> 'escalated' and e.digest_id in (
        select d.id from notifications d where d.channel_id = ?2 and d.state = 'pending' and d.kind = 'digest'))))`;
/** The same: a digest can tell of it. @param digestId - in SQL: of the digest that is being made */
const freshFor = (digestId: string) => `(${UNTRIED}
  and not ${waitsBut(`(${DUE} and ${UNTRIED}) or ifnull(e.digest_id = ${digestId}, 0)`)})`;
const FRESH = freshFor(`''`);

/** What a channel has to say for the first time, by now. */
export interface Fresh {
  readonly ordinary: number;
  readonly urgent: number;
  /** Of the ordinary ones: has waited for the end of quiet hours. */
  readonly held: number;
}

export const countFresh = (sql: SqlReads, channelId: string, now: number): Fresh =>
  sql.get(
    `select count(*) - coalesce(sum(is_urgent), 0) as ordinary, coalesce(sum(is_urgent), 0) as urgent,
       coalesce(sum(is_held and not is_urgent), 0) as held from (
       select is_held, ${URGENT} as is_urgent from notifications n where channel_id = ?2 and ${DUE} and ${FRESH}
       limit ${MAX_COUNTED})`,
    now,
    channelId,
  ) ?? { ordinary: 0, urgent: 0, held: 0 };

/** A row that may be sent. */
export type DueRow = Pick<NotificationRow, 'id'> & { readonly isUrgent: number };

/** Of what is not urgent, and of what is. */
export interface Skips {
  readonly ordinary: boolean;
  readonly urgent: boolean;
}

/**
 * What a channel has to say by now: what is urgent first, then what has been due for longest; of an alarm only what waits
 * for nothing earlier.
 *
 * @param waits - whether what is fresh waits for a digest
 * @param spent - whether the rate allows for no more; a digest goes all the same
 */
export const dueRows = (
  sql: SqlReads,
  channelId: string,
  now: number,
  waits: Skips,
  spent: Skips,
  limit: number,
): DueRow[] =>
  sql.all(
    `select id, is_urgent as isUrgent from (
       select seq, id, kind, due_at, ${URGENT} as is_urgent, ${FRESH} as is_fresh from notifications n
       where channel_id = ?2 and ${DUE} and not ${waitsBut('0')})
     where kind = 'digest' or not (iif(is_urgent, ?6, ?5) or (is_fresh and iif(is_urgent, ?4, ?3)))
     order by is_urgent desc, due_at, seq limit ?7`,
    now,
    channelId,
    ...[waits.ordinary, waits.urgent, spent.ordinary, spent.urgent].map(Number),
    limit,
  );

/** What a channel has sent since then, the newest first. */
export const sentSince = (
  sql: SqlReads,
  channelId: string,
  since: number,
  limit: number,
): Pick<NotificationRow, 'kind' | 'severity'>[] =>
  sql.all(
    `select kind, severity from (select kind, severity, settled_at from notifications
       where channel_id = ? and state = 'sent' order by seq desc limit ?) where settled_at > ?`,
    channelId,
    limit,
    since,
  );

/** How many digests could be brought to nobody so far, and are tried again. */
export const countStuckDigests = (sql: SqlReads, channelId: string): number =>
  sql.get<{ count: number }>(
    `select count(*) as count from notifications
     where channel_id = ? and state = 'pending' and kind = 'digest' and attempts > 0 and delivered = '[]'`,
    channelId,
  )?.count ?? 0;

/** Has what is not urgent wait until then, and what has become urgent meanwhile not wait any more. */
export function hold(sql: Sql, channelId: string, now: number, until: number): void {
  sql.run(
    `update main.notifications as n set due_at = ?3, is_held = 1
     where factory_id = current_factory() and channel_id = ?2 and ${DUE} and not ${URGENT}`,
    now,
    channelId,
    until,
  );
  sql.run(
    `update main.notifications as n set due_at = ?1, is_held = 0
     where factory_id = current_factory() and channel_id = ?2 and state = 'pending' and is_held = 1 and ${URGENT}`,
    now,
    channelId,
  );
}

/** Has what waits be looked at again: what it waits for has changed. */
export const release = (sql: Sql, channelId: string, now: number): void =>
  void sql.run(
    `update main.notifications set due_at = ?2
     where factory_id = current_factory() and channel_id = ?1 and state = 'pending' and is_held = 1`,
    channelId,
    now,
  );

/** Has what is tried again be so when its wait is over, though the clock was set: forward by so much (ms). */
export const shiftRetries = (sql: Sql, by: number): void =>
  void sql.run(
    `update main.notifications set due_at = due_at + ?
     where factory_id = current_factory() and state = 'pending' and attempts > 0 and is_held = 0`,
    by,
  );

/** Rank of a severity, in SQL: the worst is 0. */
const RANK = `case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end`;
/** Told of by a digest in one transaction. */
const GATHERED_AT_ONCE = 500;

/**
 * Has a digest tell of what a channel has to say for the first time; makes it if it is not there. To be called until
 * there is no more.
 *
 * @param withUrgent - also of what is urgent
 * @returns whether there may be more
 */
export function gather(sql: Sql, channelId: string, digestId: string, now: number, withUrgent: boolean): boolean {
  const count = sql.run(
    `update main.notifications set state = 'digested', digest_id = ?3, settled_at = ?1
     where +factory_id = current_factory() and seq in (
       select seq from notifications n where channel_id = ?2 and ${DUE} and ${freshFor('?3')} and (?4 or not ${URGENT})
       limit ${GATHERED_AT_ONCE})`,
    now,
    channelId,
    digestId,
    Number(withUrgent),
  );
  if (count === 0) return false;
  const worst = sql.get<{ severity: Severity }>(
    `select severity from notifications where digest_id = ? order by ${RANK} limit 1`,
    digestId,
  );
  sql.run(
    `insert into main.notifications (factory_id, id, channel_id, kind, severity, created_at, due_at)
     values (current_factory(), ?1, ?2, 'digest', ?3, ?4, ?4)
     on conflict (factory_id, id) do update set severity = excluded.severity`,
    digestId,
    channelId,
    worst?.severity ?? 'low',
    now,
  );
  return count === GATHERED_AT_ONCE;
}

/** Whether a channel has brought somebody news of an alarm; in SQL, by the channel and the alarm of `n`. */
const TOLD = `exists (select 1 from notifications t where t.channel_id = n.channel_id and t.alarm_id = n.alarm_id
  and (t.delivered <> '[]' or (t.state = 'digested'
    and exists (select 1 from notifications d where d.id = t.digest_id and d.delivered <> '[]'))))`;
/** Its alarm had not happened, and `n` is not the news of that to somebody who was told that it had; in SQL. */
const IS_VOID = `(exists (select 1 from alarms a where a.id = n.alarm_id and a.is_withdrawn = 1)
  and not (n.kind = 'cleared' and ${TOLD}))`;
/** `n` says that nobody has acknowledged an alarm, and by now somebody has, or it is closed; in SQL. */
const IS_ANSWERED = `(n.kind = 'escalated'
  and exists (select 1 from alarms a where a.id = n.alarm_id and a.status in ('acknowledged', 'closed')))`;
const OF_DIGEST = `notifications n where n.digest_id = ? and +n.state = 'digested' and not ${IS_VOID}
  and not ${IS_ANSWERED}`;

/** Takes out of a digest that nobody has yet what had not happened, or is not so any more. */
export const dropVoid = (sql: Sql, digestId: string): void =>
  void sql.run(
    `update main.notifications as n set state = 'suppressed', answer = iif(${IS_VOID},
       'it turned out that the alarm had not happened', 'the alarm has been acknowledged or closed meanwhile')
     where factory_id = current_factory() and digest_id = ? and state = 'digested' and (${IS_VOID} or ${IS_ANSWERED})`,
    digestId,
  );

/** What a digest tells of, the worst first. */
export const countsOf = (sql: SqlReads, digestId: string): { kind: Notice; severity: Severity; count: number }[] =>
  sql.all(
    `select kind, severity, count(*) as count from (select kind, severity from ${OF_DIGEST}) group by kind, severity
     order by ${RANK}, kind`,
    digestId,
  );

/** Its worst alarms, by id. */
export const worstOf = (sql: SqlReads, digestId: string, limit: number): string[] =>
  sql
    .all<{ id: string }>(
      `select id, min(${RANK}) as rank, min(seq) as first from (select alarm_id as id, severity, seq from ${OF_DIGEST})
       group by +id order by rank, first limit ?`,
      digestId,
      limit,
    )
    .map(({ id }) => id);

export const getRow = (sql: SqlReads, id: string): NotificationRow | undefined =>
  sql.get(`select ${COLUMNS} from notifications where id = ?`, id);

/** Whether a channel has brought somebody news of the alarm that a row is about. */
export const wasTold = (sql: SqlReads, id: string): boolean =>
  sql.get(`select 1 from notifications n where id = ? and ${TOLD}`, id) !== undefined;

/** What has become of an attempt. */
export interface Outcome {
  readonly state: NotificationState;
  readonly answer: string;
  /** When it is tried next, if it still waits (epoch ms). */
  readonly dueAt: number;
  readonly attempts: number;
}

/** Writes down what has become of one that waited, or was recalled too late. */
export const settle = (sql: Sql, id: string, outcome: Outcome, now: number): void =>
  void sql.run(
    `update main.notifications set state = ?2, answer = ?3, due_at = ?4, attempts = ?5, is_held = 0,
       settled_at = case when ?2 = 'pending' then null else ?6 end
     where factory_id = current_factory() and id = ?1
       and (state = 'pending' or (state = 'suppressed' and ?2 = 'sent'))`,
    id,
    outcome.state,
    outcome.answer,
    outcome.dueAt,
    outcome.attempts,
    now,
  );

/** Writes down that somebody has one, and what the provider calls it. */
export const noteDelivered = (sql: Sql, id: string, recipient: string, providerId: string | undefined): void =>
  void sql.run(
    `update main.notifications set delivered = json_insert(delivered, '$[#]', ?2),
       provider_id = iif(?3 is null, provider_id, ltrim(ifnull(provider_id, '') || ' ' || ?3))
     where factory_id = current_factory() and id = ?1`,
    id,
    recipient,
    providerId ?? null,
  );

/** Who got one from whom: each recipient stands at the place of the provider's id. */
export interface TakenRow {
  readonly id: string;
  readonly delivered: string;
  readonly providerId: string;
}

/** What a provider has taken of a channel since then, or of what is still on its way to others; the newest first. */
export const takenSince = (sql: SqlReads, channelId: string, since: number, limit: number): TakenRow[] =>
  sql.all(
    `select id, delivered, provider_id as providerId from notifications
     where channel_id = ?1 and state in ('sent', 'pending', 'dead') and ifnull(settled_at, ?2) >= ?2 and provider_id is not null
     order by seq desc limit ?3`,
    channelId,
    since,
    limit,
  );

/** Writes down what the provider says later of one that was sent. */
export const noteAnswer = (sql: Sql, id: string, answer: string): void =>
  void sql.run(
    `update main.notifications set answer = ?2 where factory_id = current_factory() and id = ?1 and state = 'sent'`,
    id,
    answer,
  );

/** Writes down that somebody does not have one after all: they get it when it is sent again, or with the next attempt. */
export function noteUndelivered(sql: Sql, id: string, recipient: string, answer: string, now: number): void {
  const row = getRow(sql, id);
  if (row === undefined) return;
  const delivered = (JSON.parse(row.delivered) as string[]).filter((one) => one !== recipient);
  const before = row.state === 'dead' && row.answer !== null ? `${row.answer}; ` : '';
  sql.run(
    `update main.notifications set state = iif(state = 'sent', 'dead', state), delivered = ?2, answer = ?3,
       settled_at = iif(state = 'pending', null, ?4)
     where factory_id = current_factory() and id = ?1 and state in ('pending', 'sent', 'dead')`,
    id,
    JSON.stringify(delivered),
    `${before}${answer}`.slice(0, MAX_ANSWER),
    now,
  );
}

/** Has one that was given up be sent again. @returns whether it was given up */
export const revive = (sql: Sql, id: string, now: number): boolean =>
  sql.run(
    `update main.notifications set state = 'pending', attempts = 0, due_at = ?2, is_held = 0, settled_at = null
     where factory_id = current_factory() and id = ?1 and state = 'dead'`,
    id,
    now,
  ) === 1;

/** Says of all that waits in a channel that nobody is told after all. */
export const suppressAll = (sql: Sql, channelId: string, why: string, now: number): void =>
  void sql.run(
    `update main.notifications set state = 'suppressed', answer = ?2, settled_at = ?3
     where factory_id = current_factory() and channel_id = ?1 and state = 'pending'`,
    channelId,
    why,
    now,
  );

/** Removes what is too old, or too much; not what a digest that waits tells of. @returns how many */
export const removeOld = (sql: Sql, now: number): number =>
  sql.run(
    `delete from main.notifications where factory_id = current_factory() and seq in (
       select seq from notifications
       where state <> 'pending'
         and (settled_at < ?1 or seq <= (select seq from notifications order by seq desc limit 1 offset ${MAX_ROWS}))
         and (digest_id is null or digest_id not in (select id from notifications where state = 'pending'))
       limit ${REMOVED_AT_ONCE})`,
    now - KEPT_DAYS * DAY_MS,
  );

/** Which to list. What is left out is any. */
export interface NotificationFilter {
  readonly states?: readonly NotificationState[] | undefined;
  readonly channelId?: string | undefined;
  readonly alarmId?: string | undefined;
}

/** The newest first; by states, so that an index has them in order. @param below - of the page before, the last one's number */
export const listRows = (
  sql: SqlReads,
  { states = NOTIFICATION_STATES, channelId, alarmId }: NotificationFilter,
  { limit, below = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly below?: number | undefined },
): NotificationRow[] =>
  sql.all(
    `select ${COLUMNS} from notifications
     where seq < ?1 and state in (select value from json_each(?4))
       and ${channelId === undefined ? '?2 is null' : 'channel_id = ?2'}
       and ${alarmId === undefined ? '?3 is null' : 'alarm_id = ?3'}
     order by seq desc limit ?5`,
    below,
    channelId ?? null,
    alarmId ?? null,
    JSON.stringify(states),
    limit,
  );
