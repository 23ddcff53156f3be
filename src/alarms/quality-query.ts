import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import { type AlarmQuality, type JudgedAlarm, judgeAlarms } from './quality.ts';

/** Read at once, so that nothing waits for it. */
const PAGE = 1_000;
const MAX_ALARMS = 200_000;
const DAY_MS = 86_400_000;

interface Row extends Omit<JudgedAlarm, 'isChattering'> {
  readonly seq: number;
  readonly isChattering: number;
  readonly isQuiet: number;
}

const COLUMNS = `a.seq as seq, a.rule_id as ruleId, a.rule_name as ruleName, a.device_id as deviceId, d.key as deviceKey,
  a.severity as severity, a.raised_at as raisedAt, a.cleared_at as clearedAt, a.recorded_at as recordedAt,
  a.acknowledged_at as acknowledgedAt, a.is_chattering as isChattering, a.is_quiet as isQuiet`;

/** Those raised in a span, in the order of time. */
const RAISED = `select ${COLUMNS} from alarms a join devices d on d.id = a.device_id
  where a.raised_at >= ?1 and a.raised_at < ?2 and (a.raised_at, a.seq) > (?1, ?3) order by a.raised_at, a.seq limit ${PAGE}`;

/** All that cleared since it began, by when they did: few stood for long, so that to look for these alone is no small piece. */
const CLEARED_LATER = `select a.seq as seq, a.raised_at as raisedAt, a.cleared_at as clearedAt,
  a.is_withdrawn as isWithdrawn from alarms a
  where a.cleared_at >= ?1 and (a.cleared_at, a.seq) > (?1, ?2) order by a.cleared_at, a.seq limit ${PAGE}`;

/** Of those that stand there are few: they are not looked for by their time (`+`), of which there are years. */
const STANDING = `select raised_at as raisedAt, cleared_at as clearedAt from alarms
  where status <> 'closed' and cleared_at is null and +raised_at < ?`;

type Stood = Pick<Row, 'raisedAt' | 'clearedAt'>;
type Cleared = Readonly<Record<'seq' | 'raisedAt' | 'clearedAt' | 'isWithdrawn', number>>;

/**
 * The quality of a factory's alarms that were raised in a span (epoch ms, its end excluded) and shown to people, read in
 * pieces of a millisecond or two.
 *
 * @throws {AppError} `invalid_input` for more than 200,000 alarms
 */
export async function alarmQuality(store: Store, scope: FactoryScope, from: number, to: number): Promise<AlarmQuality> {
  const fold = judgeAlarms(from, to);
  const read = <T>(fn: (sql: SqlReads) => T[]) => store.read(scope, fn);
  let [at, seq, seen] = [from, -1, 0];
  for (;;) {
    const rows = read((sql) => sql.all<Row>(RAISED, at, to, seq));
    for (const { isChattering, isQuiet, ...row } of rows) {
      if (isQuiet === 0) fold.add({ ...row, isChattering: isChattering === 1 });
    }
    seen += rows.length;
    if (seen > MAX_ALARMS) {
      const message = `more than ${MAX_ALARMS} alarms in this time: ask for less of it`;
      throw new AppError('invalid_input', message, { faults: [{ pointer: '/from', message }] });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    [at, seq] = [last.raisedAt, last.seq];
    await nextTurn();
  }
  [at, seq] = [from, -1];
  for (;;) {
    const rows = read((sql) => sql.all<Cleared>(CLEARED_LATER, at, seq));
    for (const row of rows) {
      const isLong = row.clearedAt - row.raisedAt > DAY_MS;
      if (isLong && row.raisedAt < to && row.isWithdrawn === 0) fold.stood(row);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    [at, seq] = [last.clearedAt, last.seq];
    await nextTurn();
  }
  for (const row of read((sql) => sql.all<Stood>(STANDING, to - DAY_MS))) fold.stood(row);
  return fold.result();
}
