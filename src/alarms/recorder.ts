import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemCode } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { KnownCourse, Report } from '../rules/rules.ts';
import type { Sql, Store } from '../store/store.ts';
import type { ShownParameter } from './alarm-message.ts';
import type { OutOfService, Written } from './attention.ts';
import { type AlarmRule, beginRecording, endRecording, knownCourses, type Prepared, recordReport } from './record.ts';

/** Writes into a transaction what has to be stored together with the reports. It must name its factory. */
export type Also = (sql: Sql) => void;

/** What rules report, written down. */
export interface Recorder {
  /**
   * Brings what is recorded to what the reports say, and says so to whoever listens, once it is on disk. Reports may be
   * given again: what is recorded already is not changed. They are taken in their order, in transactions of a few
   * milliseconds with pauses between them; calls for one factory wait for each other.
   *
   * @param also - called in the last transaction, even without reports
   * @throws what the database throws: then some of the reports are recorded, and `also` is not; give them again
   */
  apply(factoryId: number, reports: readonly Report[], also?: Also): Promise<void>;
  /** What is recorded of alarms that stand, and of those that cleared after a time (epoch ms): for a fold that begins. */
  known(factoryId: number, after: number): readonly KnownCourse[];
  /** Of a rule: reports of its versions up to this one are out of date from now on. */
  ended(factoryId: number, ruleId: string, version: number): void;
}

export interface RecorderParts {
  readonly store: Store;
  /** Undefined when it is not in use any more: then what is still reported of it says nothing. */
  readonly ruleOf: (scope: FactoryScope, ruleId: string) => AlarmRule | undefined;
  /** Whether a device takes part. */
  readonly takesPart: (scope: FactoryScope, deviceId: string) => boolean;
  readonly tagsOf: (scope: FactoryScope, deviceId: string) => readonly string[];
  readonly describe: (scope: FactoryScope, deviceId: string, parameter: string) => ShownParameter | undefined;
  readonly now: () => number;
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  readonly outOfService: (scope: FactoryScope) => OutOfService;
  readonly tell: (scope: FactoryScope, written: readonly Written[]) => void;
  /** A report could not be recorded, and never can. */
  readonly onFault: (error: unknown) => void;
}

/** A transaction takes no further report after so long; the commit, and telling, take as long again. */
const SLICE_MS = 6;
const SLICE_REPORTS = 40;

const isRefusedByDatabase = (error: unknown) => systemCode(error)?.startsWith('SQLITE_CONSTRAINT') === true;

export function createRecorder(parts: RecorderParts): Recorder {
  const { store, scopeOf } = parts;
  const last = new Map<number, Promise<void>>();
  const endedVersions = new Map<string, number>();

  const isCurrent = ({ factoryId, ruleId, ruleVersion }: Report) =>
    ruleVersion > (endedVersions.get(`${factoryId}/${ruleId}`) ?? Number.NEGATIVE_INFINITY);

  /** Asked before the transaction: whoever answers may have to read something. */
  const prepare = (
    scope: FactoryScope,
    report: Report,
    rules: Map<string, AlarmRule | undefined>,
  ): Prepared | undefined => {
    const { ruleId, deviceId, transitions } = report;
    if (!isCurrent(report)) return undefined;
    if (!rules.has(ruleId)) rules.set(ruleId, parts.ruleOf(scope, ruleId));
    const rule = rules.get(ruleId);
    if (rule === undefined || !parts.takesPart(scope, deviceId)) return undefined;
    // What was on its way when it left the rule would stand for good: nothing more is reported of it.
    if (!rule.isFor(deviceId, parts.tagsOf(scope, deviceId))) return undefined;
    const shown = new Map<string, ShownParameter>();
    for (const { parameter } of transitions) {
      if (parameter === null || shown.has(parameter)) continue;
      const described = parts.describe(scope, deviceId, parameter);
      if (described !== undefined) shown.set(parameter, described);
    }
    return { report, rule, shown };
  };

  /** Records as many as there is time for. @returns how many it took */
  const recordSlice = (
    scope: FactoryScope,
    reports: readonly Report[],
    most: number,
    also: Also | undefined,
  ): number => {
    const began = performance.now();
    const rules = new Map<string, AlarmRule | undefined>();
    const prepared = reports.slice(0, most).map((report) => prepare(scope, report, rules));
    const isOut = parts.outOfService(scope);
    const out = new Set(prepared.flatMap((one) => (one && isOut(one.report.deviceId) ? [one.report.deviceId] : [])));
    let taken = 0;
    const written = store.write(scope, (sql) => {
      const on = beginRecording({ sql, now: parts.now(), isOut: (deviceId) => out.has(deviceId) });
      const changed: Written[] = [];
      while (taken < prepared.length && (taken === 0 || performance.now() - began < SLICE_MS)) {
        const next = prepared[taken++];
        if (next !== undefined) changed.push(...recordReport(on, next));
      }
      changed.push(...endRecording(on, changed));
      if (taken === reports.length) also?.(sql);
      return changed;
    });
    parts.tell(scope, written);
    return taken;
  };

  const recordAll = async (factoryId: number, reports: readonly Report[], also: Also | undefined) => {
    let left = reports;
    let most = SLICE_REPORTS;
    for (;;) {
      // It may have gone meanwhile, and all that is of it.
      const scope = scopeOf(factoryId);
      if (scope === undefined) return;
      try {
        const taken = recordSlice(scope, left, most, also);
        if (taken === left.length) return;
        left = left.slice(taken);
      } catch (error) {
        if (!isRefusedByDatabase(error) || left.length === 0) throw error;
        // One of them says what cannot be: the others are recorded one by one, so that it holds up nothing.
        if (most === 1) {
          parts.onFault(error);
          left = left.slice(1);
        }
        most = 1;
      }
      await nextTurn();
    }
  };

  return {
    apply: (factoryId, reports, also) => {
      const before = last.get(factoryId) ?? Promise.resolve();
      const running = before.then(() => recordAll(factoryId, reports, also));
      const settled = running.catch(() => {});
      last.set(factoryId, settled);
      void settled.then(() => last.get(factoryId) === settled && last.delete(factoryId));
      return running;
    },
    known: (factoryId, after) => {
      const scope = scopeOf(factoryId);
      return scope === undefined ? [] : store.read(scope, (sql) => knownCourses(sql, after));
    },
    ended: (factoryId, ruleId, version) => void endedVersions.set(`${factoryId}/${ruleId}`, version),
  };
}
