import { newOrderedId } from '../core/ids.ts';
import type { Notice, Severity } from '../rules/rules.ts';
import type { Sql, SqlReads } from '../store/store.ts';
import { type AlarmRow, RANK } from './alarm-rows.ts';
import type { AlarmEvent } from './event-rows.ts';

/** Whom to tell of what, as a rule says it. */
export interface Telling {
  readonly channel_id: string;
  readonly on: readonly Notice[];
}

/** Something that has happened, of which a channel is to tell. */
interface NewNotice {
  readonly eventId: string;
  readonly kind: Notice;
  readonly channelId: string;
}

const TOLD: ReadonlySet<string> = new Set<Notice>([
  'raised',
  'severity_changed',
  'acknowledged',
  'cleared',
  'escalated',
]);
/** Nobody has to look at it any more: nor are they told what has not been sent yet. */
const GOES: ReadonlySet<string> = new Set(['shelved', 'suppressed']);
const COMES_BACK: ReadonlySet<string> = new Set(['unshelved', 'unsuppressed']);
/** What of it is told then depends on what has been told. */
const SAYS_ANEW: ReadonlySet<string> = new Set([...COMES_BACK, 'corrected']);

// A channel that has gone is told nothing; one that is switched off is, in the log.
const INSERT = `insert into main.notifications
    (factory_id, id, channel_id, alarm_id, event_id, kind, severity, created_at, due_at, state, answer, settled_at)
  select current_factory(), ?1, c.id, ?3, ?4, ?5, ?6, ?7, ?7,
    case when c.is_active = 1 then 'pending' else 'suppressed' end,
    case when c.is_active = 1 then null else 'the channel is switched off' end,
    case when c.is_active = 1 then null else ?7 end
  from notification_channels c where c.id = ?2
  on conflict do nothing`;

// What a digest is to tell that nobody has yet is taken out of it.
const RECALL = `update main.notifications set state = 'suppressed', answer = 'the alarm is kept from people', settled_at = ?2
  where factory_id = current_factory() and alarm_id = ?1 and (state = 'pending' or (state = 'digested'
    and digest_id in (select id from notifications where state = 'pending' and kind = 'digest' and delivered = '[]')))`;

// The row of the highest number of each: so SQLite takes it. Rows are not looked for by their channel (`+`).
const LAST_TOLD = `select channel_id as channelId, kind, max(seq) as seq from notifications
  where alarm_id = ? and kind in ('raised', 'cleared') and state <> 'suppressed' group by +channel_id`;
/** What each channel has told last, is about to, or has tried: that it was raised, or that it is over. */
const lastTold = (sql: SqlReads, alarmId: string): Map<string, Notice> =>
  new Map(
    sql.all<{ channelId: string; kind: Notice }>(LAST_TOLD, alarmId).map(({ channelId, kind }) => [channelId, kind]),
  );

const LAST_SEVERITY = `select channel_id as channelId, severity, max(seq) as seq from notifications
  where alarm_id = ? and state <> 'suppressed' group by +channel_id`;
/** How bad each channel has said that it is, the last time. */
const severityTold = (sql: SqlReads, alarmId: string): ReadonlyMap<string, Severity> =>
  new Map(
    sql
      .all<{ channelId: string; severity: Severity }>(LAST_SEVERITY, alarmId)
      .map(({ channelId, severity }) => [channelId, severity]),
  );

/** Whether an alarm that is stored is kept from people. */
export const isKeptFromPeople = (sql: SqlReads, alarmId: string): boolean =>
  sql.get('select 1 from alarms where id = ? and (shelved_until is not null or suppression is not null)', alarmId) !==
  undefined;

function noticesOf(sql: SqlReads, alarm: AlarmRow, events: readonly AlarmEvent[]): NewNotice[] {
  const tellings = JSON.parse(alarm.notifications) as Telling[];
  const to = (eventId: string, kind: Notice): NewNotice[] =>
    tellings.filter(({ on }) => on.includes(kind)).map(({ channel_id: channelId }) => ({ eventId, kind, channelId }));
  const told = events.some(({ kind }) => SAYS_ANEW.has(kind)) ? lastTold(sql, alarm.id) : new Map<string, Notice>();
  const noticesOfOne = ({ id, kind, data }: AlarmEvent): NewNotice[] => {
    if (SAYS_ANEW.has(kind)) {
      if (alarm.clearedAt !== null) return [];
      // It was raised while nobody was to be told, or was over when they were: whoever was told so has to know, and while
      // nobody has acknowledged it, who was told nothing.
      const isNews = (last: Notice | undefined) => (alarm.status === 'active' ? last !== 'raised' : last === 'cleared');
      const anew = to(id, 'raised').filter(({ channelId }) => isNews(told.get(channelId)));
      if (!COMES_BACK.has(kind)) return anew;
      const severities = severityTold(sql, alarm.id);
      const isWorse = (channelId: string) => RANK[alarm.severity] > RANK[severities.get(channelId) ?? 'critical'];
      const worse = to(id, 'severity_changed').filter(
        ({ channelId }) => told.get(channelId) === 'raised' && isWorse(channelId),
      );
      return [...anew, ...worse];
    }
    if (!TOLD.has(kind)) return [];
    const notices = to(id, kind as Notice);
    const step = kind === 'escalated' && typeof data.channel_id === 'string' ? data.channel_id : undefined;
    return step === undefined ? notices : [{ eventId: id, kind: 'escalated', channelId: step }, ...notices];
  };
  return events.flatMap((event) => {
    const notices = noticesOfOne(event);
    for (const { channelId, kind } of notices) if (kind === 'raised' || kind === 'cleared') told.set(channelId, kind);
    return notices;
  });
}

/**
 * Writes down of whom to tell what of an alarm to which something has happened, in the transaction that says so: what is
 * on disk will be told, and nothing else. Nobody is told of an alarm that is shelved or suppressed; of one that was
 * raised, or became worse, so and still stands when that is over, they are told then; and so is whoever was told that it
 * is over when a correction says that it stands.
 *
 * @param wasKept - whether it was kept from people before: one that is closed by this is not any more
 * @param now - epoch ms
 */
export function queueNotices(
  sql: Sql,
  alarm: AlarmRow,
  events: readonly AlarmEvent[],
  wasKept: boolean,
  now: number,
): void {
  if (alarm.notifications === '[]' && alarm.escalation === '[]') return;
  if (alarm.shelvedUntil !== null || alarm.suppression !== null) {
    if (events.some(({ kind }) => GOES.has(kind))) sql.run(RECALL, alarm.id, now);
    return;
  }
  if (wasKept && alarm.status === 'closed') return;
  // What led to it happened while nobody was to be told.
  const back = events.findLastIndex(({ kind }) => COMES_BACK.has(kind));
  for (const { eventId, kind, channelId } of noticesOf(sql, alarm, events.slice(Math.max(back, 0)))) {
    sql.run(INSERT, newOrderedId(now), channelId, alarm.id, eventId, kind, alarm.severity, now);
  }
}
