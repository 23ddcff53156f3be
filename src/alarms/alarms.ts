import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import { type Acts, createActs } from './acts.ts';
import {
  type Alarm,
  type AlarmCounts,
  type AlarmFilter,
  type AlarmPage,
  countAlarms,
  findAlarm,
  listAlarms,
} from './alarm-list.ts';
import type { ShownParameter } from './alarm-message.ts';
import { getAlarm, openOnDevice } from './alarm-rows.ts';
import { suppressAgainOn, type Written } from './attention.ts';
import { createEndings, type Ending } from './endings.ts';
import { type AlarmEvent, eventsOf, notesOf } from './event-rows.ts';
import type { AlarmQuality } from './quality.ts';
import { alarmQuality } from './quality-query.ts';
import type { AlarmRule } from './record.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { createSweep } from './sweep.ts';
import { createWindows, type Windows } from './windows.ts';

export { type Acts, MAX_SHELF_DAYS, type Outcome } from './acts.ts';
export type { Alarm, AlarmCounts, AlarmFilter, AlarmPage } from './alarm-list.ts';
export type { ShownParameter } from './alarm-message.ts';
export { ALARM_STATUSES, type AlarmStatus, CORRECTIONS, type EscalationStep, SUPPRESSIONS } from './alarm-rows.ts';
export { type Ending, moveAlarms } from './endings.ts';
export { type AlarmEvent, EVENT_KINDS } from './event-rows.ts';
export type { AlarmQuality, Figure } from './quality.ts';
export type { AlarmRule } from './record.ts';
export type { Also } from './recorder.ts';
export type { Shelf } from './shelf-rows.ts';
export type { MaintenanceWindow, Windows } from './windows.ts';

/** An alarm, as it is now, and what has just happened to it. */
export interface AlarmNews {
  readonly scope: FactoryScope;
  readonly alarm: Alarm;
  readonly events: readonly AlarmEvent[];
}

/**
 * Alarms after ISA-18.2: what rules report becomes alarms, with which people deal. All is on disk before anybody is told
 * of it.
 */
export interface Alarms extends Acts, Pick<Recorder, 'apply' | 'known'> {
  /** Newest first. */
  list(scope: FactoryScope, filter: AlarmFilter, page: { limit: number; below?: number | undefined }): AlarmPage;
  /** @throws whatever the database throws; undefined for one of another factory */
  get(scope: FactoryScope, id: string): Alarm | undefined;
  events(scope: FactoryScope, id: string): AlarmEvent[];
  /** What was said when these were acknowledged, the last time, by their ids. Null: nothing. */
  notes(scope: FactoryScope, ids: readonly string[]): ReadonlyMap<string, string | null>;
  counts(scope: FactoryScope): AlarmCounts;
  /** @param from,to - epoch ms. @throws {AppError} `invalid_input` for too many alarms */
  quality(scope: FactoryScope, from: number, to: number): Promise<AlarmQuality>;
  readonly windows: Pick<Windows, 'list' | 'get' | 'add' | 'change' | 'remove'>;
  /** A device has other tags: it may be worked on now, or no more. */
  tagsChanged(scope: FactoryScope): void;
  /**
   * A rule is not in use any more, or another one by now: its alarms that stand are cleared. Reports of its versions up
   * to this one are out of date from then on, and are not recorded.
   *
   * @param deviceId - only there
   */
  ruleEnded(
    scope: FactoryScope,
    rule: { readonly id: string; readonly version: number },
    why: Ending,
    deviceId?: string,
  ): Promise<void>;
  /** A device does not take part any more: its alarms that stand are cleared. */
  deviceEnded(scope: FactoryScope, deviceId: string, why: Ending): Promise<void>;
  /** Alarms on a device that are not closed, by their ids, and how many events each has. */
  openOn(scope: FactoryScope, deviceId: string): ReadonlyMap<string, number>;
  /**
   * A device has become a part of another (`moveAlarms`): says to whoever listens what has come of it.
   *
   * @param before - what `openOn` said of it
   */
  deviceMerged(scope: FactoryScope, intoId: string, before: ReadonlyMap<string, number>): void;
  /** Of a factory. */
  subscribe(factoryId: number, listener: (news: AlarmNews) => void): () => void;
  /** Of all factories. */
  onNews(listener: (news: AlarmNews) => void): void;
  /** Ends what came to an end while the appliance was not running, and begins to watch what becomes of alarms by time. */
  start(): void;
  stop(): Promise<void>;
  /** Looks at once at what time has brought, as it does each second. */
  look(): Promise<void>;
}

export interface AlarmsDeps {
  readonly store: Store;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
  /** Milliseconds from any beginning. */
  readonly monotonic: () => number;
  /** Whether ages can be counted by the clock. */
  readonly isTrusted: () => boolean;
  /** Of every factory that is in use. */
  readonly scopes: () => readonly FactoryScope[];
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  /** A rule as it is now; undefined when there is none, or it is not in use. */
  readonly ruleOf: (scope: FactoryScope, ruleId: string) => AlarmRule | undefined;
  /** The key of a device that takes part; undefined for any other. */
  readonly deviceKey: (scope: FactoryScope, deviceId: string) => string | undefined;
  /** Of any standing. */
  readonly hasDevice: (scope: FactoryScope, deviceId: string) => boolean;
  readonly tagsOf: (scope: FactoryScope, deviceId: string) => readonly string[];
  readonly describe: (scope: FactoryScope, deviceId: string, parameter: string) => ShownParameter | undefined;
  /** What a member of the factory is called; undefined for anybody else. */
  readonly memberName: (scope: FactoryScope, userId: string) => string | undefined;
  readonly onFault: (error: unknown) => void;
}

export function createAlarms(deps: AlarmsDeps): Alarms {
  const { store, now, ruleOf } = deps;
  const listeners = new Map<number, Set<(news: AlarmNews) => void>>();
  const everywhere: ((news: AlarmNews) => void)[] = [];
  const counted = new Map<number, { readonly revision: number; readonly counts: AlarmCounts }>();
  const takesPart = (scope: FactoryScope, deviceId: string) => deps.deviceKey(scope, deviceId) !== undefined;

  const tell = (scope: FactoryScope, written: readonly Written[]) => {
    for (const { alarm, events } of written) {
      const key =
        deps.deviceKey(scope, alarm.deviceId) ?? store.read(scope, (sql) => findAlarm(sql, alarm.id))?.deviceKey;
      if (key === undefined) continue;
      const news = { scope, alarm: { ...alarm, deviceKey: key }, events };
      for (const listener of [...everywhere, ...(listeners.get(scope.factoryId) ?? [])]) {
        try {
          listener(news);
        } catch (error) {
          // It is recorded, whoever cannot be told of it.
          deps.onFault(error);
        }
      }
    }
  };

  const windows = createWindows({ store, now, tagsOf: deps.tagsOf, hasDevice: deps.hasDevice });
  const outOfService = windows.outOfService;
  const recorder = createRecorder({ ...deps, takesPart, outOfService, tell });
  const isInUse = (scope: FactoryScope, ruleId: string) => ruleOf(scope, ruleId) !== undefined;
  const isWatched = (scope: FactoryScope, ruleId: string, deviceId: string) =>
    takesPart(scope, deviceId) && ruleOf(scope, ruleId)?.isFor(deviceId, deps.tagsOf(scope, deviceId)) === true;
  const acts = createActs({ store, now, ruleOf, isWatched, memberName: deps.memberName, outOfService, tell });
  const endings = createEndings({ store, now, isInUse, takesPart, isWatched, outOfService, tell });
  const sweep = createSweep({ ...deps, windows, tell });
  let beginning: Promise<void> | undefined;

  return {
    ...acts,
    apply: recorder.apply,
    known: recorder.known,
    list: (scope, filter, page) => store.read(scope, (sql) => listAlarms(sql, filter, page)),
    get: (scope, id) => store.read(scope, (sql) => findAlarm(sql, id)),
    events: (scope, id) => store.read(scope, (sql) => eventsOf(sql, id)),
    notes: (scope, ids) => store.read(scope, (sql) => notesOf(sql, ids)),
    counts: (scope) => {
      const known = counted.get(scope.factoryId);
      const { revision } = store;
      if (known?.revision === revision) return known.counts;
      const counts = store.read(scope, countAlarms);
      counted.set(scope.factoryId, { revision, counts });
      return counts;
    },
    quality: (scope, from, to) => alarmQuality(store, scope, from, to),
    windows: {
      list: windows.list,
      get: windows.get,
      add: (...given) => {
        const added = windows.add(...given);
        void sweep.look();
        return added;
      },
      change: (...given) => {
        const changed = windows.change(...given);
        void sweep.look();
        return changed;
      },
      remove: (...given) => {
        windows.remove(...given);
        void sweep.look();
      },
    },
    ruleEnded: (scope, { id, version }, why, deviceId) => {
      if (deviceId === undefined) recorder.ended(scope.factoryId, id, version);
      return endings.endRule(scope, id, why, deviceId);
    },
    deviceEnded: endings.endDevice,
    openOn: (scope, deviceId) =>
      new Map(store.read(scope, (sql) => openOnDevice(sql, deviceId)).map(({ id, events }) => [id, events])),
    tagsChanged: (scope) => {
      windows.tagsChanged(scope);
      void sweep.look();
    },
    deviceMerged: (scope, intoId, before) => {
      windows.deviceMerged(scope);
      const written = store.read(scope, (sql) =>
        [...before].flatMap(([alarmId, known]) => {
          const alarm = getAlarm(sql, alarmId);
          const events = eventsOf(sql, alarmId).slice(known);
          return alarm === undefined || events.length === 0 ? [] : [{ alarm, events }];
        }),
      );
      tell(scope, written);
      // What they had explained is explained no more; what stands on the other device may explain what has come to it.
      const isOut = outOfService(scope);
      tell(
        scope,
        store.write(scope, (sql) => suppressAgainOn(sql, [intoId], isOut, now())),
      );
    },
    subscribe: (factoryId, listener) => {
      const held = listeners.get(factoryId) ?? new Set();
      listeners.set(factoryId, held.add(listener));
      return () => {
        held.delete(listener);
        if (held.size === 0) listeners.delete(factoryId);
      };
    },
    onNews: (listener) => void everywhere.push(listener),
    start: () => {
      const endForgotten = async () => {
        for (const scope of deps.scopes()) await endings.endForgotten(scope);
      };
      beginning = endForgotten().catch(deps.onFault);
      sweep.start();
    },
    stop: async () => {
      await sweep.stop();
      await beginning;
    },
    look: sweep.look,
  };
}
