import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, SqlReads, Store } from '../store/store.ts';
import { type AlarmRow, getAlarm, listOpen } from './alarm-rows.ts';
import { stepsOf, suppressAgain, type Written } from './attention.ts';
import { writeAlarm } from './event-rows.ts';
import { close } from './record.ts';
import { IS_IN_USE, overdueShelves } from './shelf-rows.ts';
import { takeFromShelf } from './shelving.ts';
import type { Windows } from './windows.ts';

const S = 1_000;
const DAY_MS = 86_400_000;
const SWEEP_MS = S;
const TIDY_MS = 600_000;
/** A difference between the clocks that is a step of the one, and not its slow correction. */
const STEP_MS = 2_000;
/** Looked at again in one transaction. */
const SLICE_ALARMS = 50;
const REMOVED_AT_ONCE = 50;

/** How long closed alarms are kept. */
const KEPT_DAYS = 3 * 365;
/** Alarms of a factory; of more, the oldest closed ones go. */
const MAX_ALARMS = 500_000;
/** Of a factory, that have cleared and that nobody has acknowledged; of more, the oldest are closed. */
const MAX_CLEARED = 10_000;

export interface SweepParts {
  readonly store: Store;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
  /** Milliseconds from any beginning. */
  readonly monotonic: () => number;
  /** Whether ages can be counted by the clock. */
  readonly isTrusted: () => boolean;
  readonly scopes: () => readonly FactoryScope[];
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  readonly windows: Windows;
  /** Undefined for who is no member of the factory, or not any more. */
  readonly memberName: (scope: FactoryScope, userId: string) => string | undefined;
  readonly tell: (scope: FactoryScope, written: readonly Written[]) => void;
  readonly onFault: (error: unknown) => void;
}

/** What becomes of alarms by time alone: escalations, ends of shelves and of maintenance, of what is too old, and of who has left. */
export interface Sweep {
  start(): void;
  stop(): Promise<void>;
  /** Looks now, as it does each second. For tests, and for whoever has changed a window. */
  look(): Promise<void>;
}

/** Does the next step of an alarm's escalation. */
function escalate(sql: Sql, alarm: AlarmRow, now: number): Written[] {
  const due = alarm.escalatesAt;
  const steps = stepsOf(alarm);
  const step = steps[alarm.escalated];
  if (due === null || due > now || step === undefined) return [];
  alarm.escalated += 1;
  const next = steps[alarm.escalated];
  alarm.escalatesAt = next === undefined ? null : due + Math.round((next.after_seconds - step.after_seconds) * S);
  const data = { step: alarm.escalated, after_seconds: step.after_seconds, channel_id: step.channel_id };
  return [{ alarm, events: writeAlarm(sql, alarm, [{ kind: 'escalated', data }], now) }];
}

/** Closes what nobody has acknowledged, where there is too much of it. */
function closeTooMany(sql: Sql, now: number): Written[] {
  // Both are said, so that the index of those that are not closed is enough.
  const tooMany = sql.all<{ id: string }>(
    `select id from alarms where status <> 'closed' and status = 'cleared' order by number desc limit ${REMOVED_AT_ONCE} offset ${MAX_CLEARED}`,
  );
  return tooMany.flatMap(({ id }) => {
    const alarm = getAlarm(sql, id);
    if (alarm === undefined) return [];
    const events = close(alarm, now, { because: 'too_many' });
    return [{ alarm, events: writeAlarm(sql, alarm, events, now) }];
  });
}

/** Who looks after alarms that are not closed. */
const assignees = (sql: SqlReads): string[] =>
  sql
    .all<{ id: string }>(
      `select distinct assignee_id as id from alarms where status <> 'closed' and assignee_id is not null`,
    )
    .map(({ id }) => id);

/** Says of alarms that are not closed, and of which these look after, that nobody does. */
function giveBack(sql: Sql, people: readonly string[], now: number): Written[] {
  if (people.length === 0) return [];
  const theirs = sql.all<{ id: string }>(
    `select id from alarms where status <> 'closed' and assignee_id in (select value from json_each(?)) limit ${SLICE_ALARMS}`,
    JSON.stringify(people),
  );
  return theirs.flatMap(({ id }) => {
    const alarm = getAlarm(sql, id);
    if (alarm === undefined) return [];
    Object.assign(alarm, { assigneeId: null, assigneeName: null });
    return [{ alarm, events: writeAlarm(sql, alarm, [{ kind: 'assigned', data: { to: null } }], now) }];
  });
}

/** Removes what is too old, or too much. Rows are not looked for by their factory (`+`). @returns how many */
const removeOld = (sql: Sql, now: number): number =>
  sql.run(
    `delete from main.alarms where +factory_id = current_factory() and seq in (
       select seq from alarms where status = 'closed' and cleared_at < ?1 limit ${REMOVED_AT_ONCE})`,
    now - KEPT_DAYS * DAY_MS,
  ) +
  sql.run(
    `delete from main.alarms where +factory_id = current_factory() and seq in (
       select seq from alarms where number <= (select last from alarm_numbers) - ${MAX_ALARMS} and status = 'closed'
       order by number limit ${REMOVED_AT_ONCE})`,
  );

export function createSweep(parts: SweepParts): Sweep {
  const { store, now, monotonic, scopeOf, tell } = parts;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let tidiedAt = Number.NEGATIVE_INFINITY;
  let seen = { wall: now(), monotonic: monotonic() };
  /** Windows that were in effect when alarms were last looked at, of each factory. */
  const inEffect = new Map<number, string>();

  /** A clock that was set has neither let time pass nor taken it back: what is due stays as far away as it was. */
  const followSteps = () => {
    const [wall, passed] = [now(), monotonic()];
    const step = wall - seen.wall - (passed - seen.monotonic);
    seen = { wall, monotonic: passed };
    if (Math.abs(step) < STEP_MS) return;
    store.system('watch alarms', (sql) =>
      sql.run(
        'update main.alarms set escalates_at = escalates_at + ? where escalates_at is not null',
        Math.round(step),
      ),
    );
  };

  const escalateDue = () => {
    const due = store.systemRead('watch alarms', (sql) =>
      sql.all<{ factoryId: number; id: string }>(
        `select factory_id as factoryId, id from alarms
         where escalates_at <= ? and ${IS_IN_USE} order by escalates_at limit 50`,
        now(),
      ),
    );
    for (const [factoryId, alarms] of Map.groupBy(due, (one) => one.factoryId)) {
      const scope = scopeOf(factoryId);
      if (scope === undefined) continue;
      const written = store.write(scope, (sql) =>
        alarms.flatMap(({ id }) => {
          const alarm = getAlarm(sql, id);
          return alarm === undefined ? [] : escalate(sql, alarm, now());
        }),
      );
      tell(scope, written);
    }
  };

  const endShelves = () => {
    const overdue = store.systemRead('watch alarms', (sql) => overdueShelves(sql, now()));
    for (const shelf of overdue) {
      const scope = scopeOf(shelf.factoryId);
      if (scope === undefined) continue;
      const written = store.write(scope, (sql) => takeFromShelf(sql, shelf, now(), { because: 'time' }));
      tell(scope, written);
    }
  };

  /** Where windows have begun or ended, every alarm that is not closed is looked at. */
  const followWindows = async (scope: FactoryScope) => {
    const current = parts.windows.inEffect(scope);
    // At the first look after a start anything may have changed.
    const before = inEffect.get(scope.factoryId);
    if (before === current) return;
    const open = store.read(scope, listOpen);
    for (let next = 0; next < open.length; next += SLICE_ALARMS) {
      const slice = open.slice(next, next + SLICE_ALARMS);
      const isOut = parts.windows.outOfService(scope);
      const out = new Set(slice.filter(({ deviceId }) => isOut(deviceId)).map(({ deviceId }) => deviceId));
      const written = store.write(scope, (sql) => {
        const alarms = slice.flatMap(({ id }) => getAlarm(sql, id) ?? []).filter(({ status }) => status !== 'closed');
        return suppressAgain(sql, alarms, (deviceId) => out.has(deviceId), now());
      });
      tell(scope, written);
      await nextTurn();
    }
    inEffect.set(scope.factoryId, current);
  };

  const tidy = async (scope: FactoryScope) => {
    const left = store.read(scope, assignees).filter((id) => parts.memberName(scope, id) === undefined);
    for (;;) {
      const written = store.write(scope, (sql) => [...closeTooMany(sql, now()), ...giveBack(sql, left, now())]);
      tell(scope, written);
      const removed = store.write(scope, (sql) => removeOld(sql, now()));
      if (written.length === 0 && removed === 0) return;
      await nextTurn();
    }
  };

  const lookOnce = async () => {
    followSteps();
    escalateDue();
    endShelves();
    for (const scope of parts.scopes()) await followWindows(scope);
    if (!parts.isTrusted() || monotonic() - tidiedAt < TIDY_MS) return;
    tidiedAt = monotonic();
    for (const scope of parts.scopes()) await tidy(scope);
  };

  const look = (): Promise<void> => {
    running ??= lookOnce()
      .catch(parts.onFault)
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    look,
    start: () => {
      timer = setInterval(() => void look(), SWEEP_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
