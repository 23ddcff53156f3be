import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Sql, Store } from '../store/store.ts';
import { type AlarmRow, getAlarm, openOfBoth } from './alarm-rows.ts';
import { type OutOfService, rearm, suppressAgainOn, type Written } from './attention.ts';
import { MAX_EVENTS, type NewEvent, writeAlarm } from './event-rows.ts';
import { type AlarmRule, close, endOneShot } from './record.ts';
import { listShelves, putOnShelf, type Shelf, shelfById, shelfOf } from './shelf-rows.ts';
import { saysOf, takeFromShelf } from './shelving.ts';

/** Shelving is for a time (ISA-18.2, 11.7); so long at most. */
export const MAX_SHELF_DAYS = 7;
const DAY_MS = 86_400_000;
/** Of a factory. */
const MAX_SHELVES = 1_000;
/** A transaction takes no further alarm after so long. */
const SLICE_MS = 4;
const SLICE_ALARMS = 25;

/** What somebody says, and who. */
export interface Said {
  readonly by: string;
  /** Null: nothing. */
  readonly comment: string | null;
}

/** What has become of one of several. */
export interface Outcome {
  readonly id: string;
  readonly outcome: 'acknowledged' | 'not_found' | 'conflict' | 'invalid_input';
  /** What is in the way; null: nothing. */
  readonly detail: string | null;
}

/** What somebody wants to hear nothing of for a while. */
export interface Shelving {
  readonly by: string;
  /** Epoch ms. */
  readonly until: number;
  /** It ends when the alarm clears, if that is earlier. */
  readonly isOneShot: boolean;
  readonly reason: string;
}

/** What people do with alarms. Each throws `not_found` for an alarm of another factory, and `conflict` where it is not its time. */
export interface Acts {
  /**
   * Says that somebody knows. One that has cleared is closed by it.
   *
   * @throws {AppError} `invalid_input` when its rule asks for a note and there is none
   */
  acknowledge(scope: FactoryScope, id: string, said: Said): void;
  /** Of up to 1,000, in transactions of a few milliseconds. @returns what has become of each, in their order */
  acknowledgeAll(scope: FactoryScope, ids: readonly string[], said: Said): Promise<Outcome[]>;
  comment(scope: FactoryScope, id: string, said: { readonly by: string; readonly comment: string }): void;
  /** @param to - a member of the factory; null: nobody. @throws {AppError} `invalid_input` when it is no member */
  assign(scope: FactoryScope, id: string, by: string, to: string | null): void;
  /**
   * Keeps a rule's alarms on a device from people for a time: this one, and those that come until then.
   *
   * @throws {AppError} `invalid_input` when the time is over, or more than 7 days away
   */
  shelve(scope: FactoryScope, id: string, shelving: Shelving): void;
  unshelve(scope: FactoryScope, id: string, by: string): void;
  /** Takes alarms from a shelf, whether or not there is one that is not closed. */
  endShelf(scope: FactoryScope, shelfId: string, by: string): void;
  /** Whose time is not over. */
  shelves(scope: FactoryScope): Shelf[];
  /** Closes one that has cleared; or, with a reason, one whose rule or device is not in use any more, or not for each other. */
  close(scope: FactoryScope, id: string, said: Said): void;
}

export interface ActsParts {
  readonly store: Store;
  readonly now: () => number;
  readonly ruleOf: (scope: FactoryScope, ruleId: string) => AlarmRule | undefined;
  /** Whether a rule is in use, and for a device that takes part. */
  readonly isWatched: (scope: FactoryScope, ruleId: string, deviceId: string) => boolean;
  readonly memberName: (scope: FactoryScope, userId: string) => string | undefined;
  readonly outOfService: (scope: FactoryScope) => OutOfService;
  readonly tell: (scope: FactoryScope, written: readonly Written[]) => void;
}

const notFound = () => new AppError('not_found', 'not found');

/** @throws {AppError} `invalid_input` */
const invalid = (pointer: string, message: string) =>
  new AppError('invalid_input', message, { faults: [{ pointer, message }] });

const withoutNote = () => invalid('/comment', 'the rule of this alarm asks for a note: say what was found, or done');

function acknowledgeRow(alarm: AlarmRow, { by, comment }: Said, now: number): NewEvent[] {
  if (alarm.status === 'acknowledged' || alarm.status === 'closed') {
    const who = alarm.acknowledgedBy === null ? '' : `, by ${alarm.acknowledgedBy}`;
    throw new AppError('conflict', `the alarm is ${alarm.status} already${who}`);
  }
  const hasCleared = alarm.status === 'cleared';
  alarm.status = 'acknowledged';
  alarm.acknowledgedAt = now;
  alarm.acknowledgedBy = by;
  rearm(alarm, now);
  const event: NewEvent = { kind: 'acknowledged', actor: by, data: { comment } };
  return hasCleared ? [event, ...close(alarm, now, { because: 'acknowledged' })] : [event];
}

export function createActs(parts: ActsParts): Acts {
  const { store, now, ruleOf, isWatched, tell } = parts;

  const readAlarm = (scope: FactoryScope, id: string): AlarmRow => {
    const alarm = store.read(scope, (sql) => getAlarm(sql, id));
    if (alarm === undefined) throw notFound();
    return alarm;
  };
  /** Does something with an alarm as it is within the transaction. */
  const act = (scope: FactoryScope, id: string, fn: (alarm: AlarmRow, sql: Sql) => Written[]) => {
    const written = store.write(scope, (sql) => {
      const alarm = getAlarm(sql, id);
      if (alarm === undefined) throw notFound();
      return fn(alarm, sql);
    });
    tell(scope, written);
  };
  const say = (scope: FactoryScope, id: string, fn: (alarm: AlarmRow, sql: Sql) => NewEvent[]) =>
    act(scope, id, (alarm, sql) => {
      if (alarm.events >= MAX_EVENTS) {
        throw new AppError(
          'conflict',
          `so much has happened to this alarm (${MAX_EVENTS}) that no more is written down`,
        );
      }
      const events = fn(alarm, sql);
      return [{ alarm, events: writeAlarm(sql, alarm, events, now()) }];
    });

  const needsNote = (scope: FactoryScope, { ruleId }: AlarmRow, { comment }: Said) =>
    comment === null && ruleOf(scope, ruleId)?.note_required === true;

  /** Acknowledges some. What is in the way of one is in the way of no other. */
  const acknowledgeSome = (scope: FactoryScope, ids: readonly string[], said: Said): Outcome[] => {
    const began = performance.now();
    const known = store.read(scope, (sql) => ids.map((id) => getAlarm(sql, id)));
    const lacksNote = new Set(known.flatMap((alarm) => (alarm && needsNote(scope, alarm, said) ? [alarm.id] : [])));
    const written: Written[] = [];
    const outcomes = store.write(scope, (sql) => {
      const done: Outcome[] = [];
      for (const id of ids) {
        if (done.length > 0 && performance.now() - began > SLICE_MS) break;
        const alarm = getAlarm(sql, id);
        if (alarm === undefined) done.push({ id, outcome: 'not_found', detail: 'not found' });
        else if (lacksNote.has(id)) done.push({ id, outcome: 'invalid_input', detail: withoutNote().message });
        else if (alarm.status === 'acknowledged' || alarm.status === 'closed') {
          done.push({ id, outcome: 'conflict', detail: `the alarm is ${alarm.status} already` });
        } else {
          const events = acknowledgeRow(alarm, said, now());
          written.push({ alarm, events: writeAlarm(sql, alarm, events, now()) });
          done.push({ id, outcome: 'acknowledged', detail: null });
        }
      }
      return done;
    });
    tell(scope, written);
    return outcomes;
  };

  return {
    acknowledge: (scope, id, said) => {
      if (needsNote(scope, readAlarm(scope, id), said)) throw withoutNote();
      act(scope, id, (alarm, sql) => {
        const events = acknowledgeRow(alarm, said, now());
        return [{ alarm, events: writeAlarm(sql, alarm, events, now()) }];
      });
    },
    acknowledgeAll: async (scope, ids, said) => {
      const outcomes: Outcome[] = [];
      while (outcomes.length < ids.length) {
        if (outcomes.length > 0) await nextTurn();
        outcomes.push(...acknowledgeSome(scope, ids.slice(outcomes.length, outcomes.length + SLICE_ALARMS), said));
      }
      return outcomes;
    },
    comment: (scope, id, { by, comment }) =>
      say(scope, id, () => [{ kind: 'commented', actor: by, data: { comment } }]),
    assign: (scope, id, by, to) => {
      const name = to === null ? null : parts.memberName(scope, to);
      if (name === undefined) throw invalid('/user_id', 'not a member of this factory');
      say(scope, id, (alarm) => {
        alarm.assigneeId = to;
        alarm.assigneeName = name;
        return [{ kind: 'assigned', actor: by, data: { to: name } }];
      });
    },
    shelve: (scope, id, { by, until, isOneShot, reason }) => {
      if (until <= now()) throw invalid('/until', 'that time is over');
      if (until > now() + MAX_SHELF_DAYS * DAY_MS) throw invalid('/until', `at most ${MAX_SHELF_DAYS} days from now`);
      act(scope, id, (alarm, sql) => {
        if (alarm.status === 'closed') throw new AppError('conflict', 'the alarm is closed');
        const { ruleId, deviceId, ruleName } = alarm;
        const isNew = shelfOf(sql, ruleId, deviceId) === undefined;
        if (isNew && listShelves(sql, now()).length >= MAX_SHELVES) {
          throw new AppError(
            'conflict',
            `${MAX_SHELVES} alarms are shelved already: unshelve some, or mend what raises them`,
          );
        }
        const order = { ruleId, deviceId, ruleName, until, isOneShot: Number(isOneShot), reason };
        const shelf = { ...order, id: newId(), shelvedBy: by, shelvedAt: now() };
        putOnShelf(sql, shelf);
        const data = saysOf(shelf);
        return openOfBoth(sql, ruleId, deviceId).map((one) => {
          one.shelvedUntil = until;
          rearm(one, now());
          // Somebody has done it to the one; the others come along.
          const actor = one.id === id ? by : null;
          return { alarm: one, events: writeAlarm(sql, one, [{ kind: 'shelved', actor, data }], now()) };
        });
      });
    },
    unshelve: (scope, id, by) =>
      act(scope, id, (alarm, sql) => {
        const shelf = shelfOf(sql, alarm.ruleId, alarm.deviceId);
        if (shelf === undefined) throw new AppError('conflict', 'the alarm is not shelved');
        return takeFromShelf(sql, shelf, now(), { because: 'by_hand' }, alarm, by);
      }),
    endShelf: (scope, shelfId, by) => {
      const written = store.write(scope, (sql) => {
        const shelf = shelfById(sql, shelfId);
        if (shelf === undefined) throw notFound();
        // There is an alarm of it, or there was one: it tells who has ended it.
        const last = sql.get<{ id: string }>(
          'select id from alarms where rule_id = ? and device_id = ? order by seq desc limit 1',
          shelf.ruleId,
          shelf.deviceId,
        );
        const alarm = last && getAlarm(sql, last.id);
        return takeFromShelf(sql, shelf, now(), { because: 'by_hand' }, alarm, by);
      });
      tell(scope, written);
    },
    shelves: (scope) => store.read(scope, (sql) => listShelves(sql, now())),
    close: (scope, id, { by, comment }) => {
      const { ruleId, deviceId } = readAlarm(scope, id);
      const isInUse = isWatched(scope, ruleId, deviceId);
      const isOut = parts.outOfService(scope);
      act(scope, id, (alarm, sql) => {
        if (alarm.status === 'closed') throw new AppError('conflict', 'the alarm is closed already');
        const events: NewEvent[] = [];
        if (alarm.clearedAt === null) {
          if (isInUse) throw new AppError('conflict', 'the alarm still stands: it can be closed once it has cleared');
          if (comment === null) throw invalid('/comment', 'say why it is closed: it has not cleared');
          alarm.isSettled = 1;
          alarm.clearedAt = Math.max(now(), alarm.raisedAt);
          alarm.clearedBecause = 'by_hand';
          const data = { because: 'by_hand', parameter: null, value: null };
          events.push({ kind: 'cleared', at: alarm.clearedAt, actor: by, data });
        }
        close(alarm, now(), {});
        events.push({ kind: 'closed', actor: by, data: { because: 'by_hand', comment } });
        const closed = endOneShot(sql, now(), { alarm, events: writeAlarm(sql, alarm, events, now()) });
        // What it had explained is explained no more.
        return [...closed, ...suppressAgainOn(sql, [deviceId], isOut, now())];
      });
    },
  };
}
