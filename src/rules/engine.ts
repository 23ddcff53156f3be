import { isDeepStrictEqual } from 'node:util';
import { appliesTo } from './applies-to.ts';
import { describe } from './describe.ts';
import { createDeviceLog, type DeviceLog } from './device-log.ts';
import type {
  Engine,
  EngineDevice,
  EngineNow,
  EngineOptions,
  EngineRows,
  EngineRule,
  EngineSample,
  EngineSeries,
} from './engine-types.ts';
import { explain } from './explain.ts';
import { compile, type Fold } from './fold.ts';
import { createInstance, type Instance, type SavedInstance } from './instance.ts';
import { type Environment, textNumber } from './leaves.ts';
import { copyOf, SLOT } from './state.ts';
import type { Report, Transition } from './transition.ts';

interface Watched {
  readonly rule: EngineRule;
  readonly fold: Fold;
  readonly instances: Map<string, Placed>;
}

/** An instance in its place. */
interface Placed {
  readonly rule: { current: EngineRule };
  readonly device: Device;
  readonly instance: Instance;
  /** What the alarms have been told of it: what may still change, and the one before that. */
  reported: readonly Transition[];
  /** Its place among the device's. */
  place: number;
}

/** What of each instance of a device is looked at with every sample, in columns: most of them need not be touched. */
interface Columns {
  readonly placed: readonly Placed[];
  readonly instances: readonly Instance[];
  /** Stamp of the oldest of its samples in the rows at hand; infinite for those that read none of them. */
  readonly oldestNew: Float64Array;
  /** When it changes by itself next (epoch ms of the device's time). */
  readonly wakes: Float64Array;
  /** Places of those that read a parameter. */
  readonly byParameter: ReadonlyMap<string, readonly number[]>;
}

const NO_COLUMNS: Columns = {
  placed: [],
  instances: [],
  oldestNew: new Float64Array(0),
  wakes: new Float64Array(0),
  byParameter: new Map(),
};

interface Device {
  spec: EngineDevice;
  readonly log: DeviceLog;
  readonly kinds: Map<string, EngineSeries['kind']>;
  readonly newest: Map<string, { readonly ts: number; readonly value: EngineSample }>;
  /** By rule. */
  readonly placed: Map<string, Placed>;
  columns: Columns;
  trimAt: number;
  /** No instance changes by itself before (epoch ms of its own time). */
  wake: number;
  /** Newest stamp, and when it came (monotonic ms; NaN: before this run). */
  ts: number;
  heardAt: number;
}

/** Courses of instances that are not there: they may come back soon. Beyond it the oldest are forgotten. */
const MAX_KNOWN = 100_000;

/** A device of which nothing is known. */
const NOBODY: Pick<Device, 'ts' | 'newest'> = { ts: Number.NEGATIVE_INFINITY, newest: new Map() };
const FIRST_TRIM = 256;
const isSame = (a: readonly Transition[], b: readonly Transition[]): boolean =>
  a.length === b.length &&
  a.every((one, i) => {
    const other = b[i];
    const isSameChange = one.at === other?.at && one.severity === other.severity;
    return isSameChange && one.parameter === other.parameter && one.value === other.value;
  });

/**
 * @param onFault - hears of a rule that could not be folded: it is dropped, and the others go on. Without it what is thrown
 *   is thrown
 */
export function createEngine(
  { latenessMs, graceMs, returnMs, outages }: EngineOptions,
  onFault: (rule: EngineRule, error: unknown) => void = (_, error) => {
    throw error;
  },
): Engine {
  const environments = new Map<number, Environment>();
  const rules = new Map<string, Watched>();
  const devices = new Map<string, Device>();
  const bySeries = new Map<number, { readonly device: Device; readonly parameter: string }>();
  const known = new Map<string, readonly Transition[]>();
  const changed = new Set<Placed>();
  /** Rules that have thrown something. */
  const broken = new Map<EngineRule, unknown>();
  let tooLate = 0;
  /** Devices that have sent since the beginning, though they may have gone and come again. */
  const heard = new Set<string>();
  /** When it heard of the first device (ms, monotonic). */
  let begunAt = Number.POSITIVE_INFINITY;
  let instances = 0;

  const keyOf = (ruleId: string, deviceId: string) => `${ruleId} ${deviceId}`;

  /** A device's time now: it goes on from its newest sample as ours does, however wrong its clock is. */
  const deviceNow = ({ ts, heardAt, spec }: Device, { monotonic, wall }: EngineNow): number => {
    if (!Number.isNaN(heardAt)) return ts + (monotonic - heardAt);
    if (wall === null) return ts;
    return Number.isFinite(ts) && spec.seenAt != null ? ts + Math.max(0, wall - spec.seenAt) : wall;
  };

  /** Once instances have come or gone. New ones have to be looked at soon. */
  const index = (device: Device) => {
    const { wakes } = device.columns;
    const placed = [...device.placed.values()];
    const byParameter = new Map<string, number[]>();
    for (const [place, { instance }] of placed.entries()) {
      for (const parameter of instance.fold.parameters) {
        const reading = byParameter.get(parameter);
        if (reading === undefined) byParameter.set(parameter, [place]);
        else reading.push(place);
      }
    }
    device.columns = {
      placed,
      instances: placed.map(({ instance }) => instance),
      oldestNew: new Float64Array(placed.length).fill(Number.POSITIVE_INFINITY),
      wakes: Float64Array.from(placed, ({ place }) => wakes[place] ?? Number.NEGATIVE_INFINITY),
      byParameter,
    };
    for (const [place, each] of placed.entries()) each.place = place;
  };

  const remove = (placed: Placed) => {
    const { id } = placed.rule.current;
    const last = placed.reported.at(-1);
    // If it comes back, that has come to an end: nothing is said of the same moment once more.
    if (last !== undefined) known.set(keyOf(id, placed.device.spec.id), [{ ...last, severity: null }]);
    const [oldest] = known.size > MAX_KNOWN ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    placed.device.placed.delete(id);
    rules.get(id)?.instances.delete(placed.device.spec.id);
    changed.delete(placed);
    instances--;
  };

  /**
   * Begins with what is known of the device and of the alarm: all that may be said is said of the instants from then on.
   * Of a device that has never said anything that is whatever comes. What was so already is said of now: it may have been
   * said of then, by a rule or of a device that was another.
   *
   * @param at - the device's time now
   */
  const begin = (
    fold: Fold,
    device: Pick<Device, 'ts' | 'newest'>,
    before: readonly Transition[],
    now: EngineNow,
    at: number,
  ) => {
    const last = before.at(-1);
    const newest = Math.max(device.ts, ...[...device.newest.values()].map(({ ts }) => ts));
    const knownUntil = Math.max(newest - 1, last?.at ?? Number.NEGATIVE_INFINITY);
    const bornAt = Math.max(knownUntil + 1, Number.isFinite(newest) ? newest : (now.wall ?? 0));
    const state = fold.start(bornAt, last?.severity ?? null);
    state.numbers[SLOT.time] = knownUntil;
    state.numbers[SLOT.wake] = Math.max(bornAt, Math.floor(at - graceMs));
    for (const [parameter, { ts, value }] of device.newest) fold.know(state, { parameter, value }, ts);
    return { from: state, since: Math.max(knownUntil, 0) };
  };

  /**
   * Whether what a device has sent since a snapshot that does not know it will be told again: then an alarm that stands is
   * raised again by it. Where nothing has come since the alarm, what raised it may be older than the snapshot.
   */
  const comesAgain = ({ newest }: Device, before: readonly Transition[]): boolean => {
    const last = before.at(-1);
    if (last === undefined || last.severity === null) return true;
    return [...newest.values()].some(({ ts }) => ts > last.at);
  };

  const place = (
    watched: Watched,
    device: Device,
    now: EngineNow,
    before: readonly Transition[],
    saved?: SavedInstance | 'not yet there',
  ) => {
    const { rule, fold } = watched;
    const begun = (as: Pick<Device, 'ts' | 'newest'>, told: readonly Transition[]) =>
      begin(fold, as, told, now, deviceNow(device, now));
    const beginning =
      saved === 'not yet there'
        ? comesAgain(device, before)
          ? begun(NOBODY, before.slice(0, before.findLastIndex(({ severity }) => severity === null) + 1))
          : begun(device, before)
        : saved === undefined
          ? begun(device, before)
          : { from: saved, since: saved.since };
    const placed: Placed = {
      rule: { current: rule },
      device,
      instance: createInstance({
        fold,
        latenessMs,
        describe: (change) => describe(change, (parameter) => device.kinds.get(parameter) === 'boolean'),
        ...beginning,
      }),
      reported: [...before],
      place: -1,
    };
    device.wake = Number.NEGATIVE_INFINITY;
    watched.instances.set(device.spec.id, placed);
    device.placed.set(rule.id, placed);
    // From here on it is what has been said here.
    known.delete(keyOf(rule.id, device.spec.id));
    instances++;
    changed.add(placed);
  };

  const takeRow = (rows: EngineRows, row: number, now: EngineNow | undefined): Device | undefined => {
    const found = bySeries.get(rows.seriesIds[row] as number);
    if (found === undefined) return undefined;
    const { device, parameter } = found;
    const ts = rows.timestamps[row] as number;
    const number = rows.values[row] as number;
    const kind = device.kinds.get(parameter);
    const value = kind === 'state' ? (rows.texts.get(row) ?? '') : kind === 'boolean' ? number !== 0 : number;
    device.log.add(ts, { parameter, value });
    if (ts >= (device.newest.get(parameter)?.ts ?? Number.NEGATIVE_INFINITY))
      device.newest.set(parameter, { ts, value });
    if (now === undefined) return device;
    if (ts >= device.ts) {
      device.ts = ts;
      if (Number.isNaN(device.heardAt)) heard.add(device.spec.id);
      device.heardAt = now.monotonic;
    }
    const { oldestNew, byParameter } = device.columns;
    for (const place of byParameter.get(parameter) ?? []) {
      if (ts < (oldestNew[place] as number)) oldestNew[place] = ts;
    }
    return device;
  };

  /** Notes what has become of an instance. Of most there is nothing to report: they are not looked at again. */
  const hear = ({ placed, wakes }: Columns, place: number, instance: Instance) => {
    wakes[place] = instance.wake;
    if (instance.hasNews) changed.add(placed[place] as Placed);
  };

  const trim = (device: Device) => {
    if (device.log.length < device.trimAt) return;
    let settled = Number.POSITIVE_INFINITY;
    for (const { settledUntil } of device.columns.instances) settled = Math.min(settled, settledUntil);
    device.log.trim(settled);
    device.trimAt = Math.max(FIRST_TRIM, 2 * device.log.length);
  };

  const fold = (device: Device, isFor: ((ruleId: string) => boolean) | undefined) => {
    const { columns, log } = device;
    const { placed, instances, oldestNew, wakes } = columns;
    // All of them before the first goes on: so their states come from memory side by side, not one after the other.
    for (let place = 0; place < instances.length; place++) {
      const oldest = oldestNew[place] as number;
      if (oldest === Number.POSITIVE_INFINITY) continue;
      const instance = instances[place] as Instance;
      const isInOrder = oldest > instance.time;
      if (isInOrder && isFor === undefined) continue;
      const isMeant = isFor === undefined || isFor((placed[place] as Placed).rule.current.id);
      if (isMeant && (isInOrder || instance.goBack(log, oldest))) continue;
      oldestNew[place] = Number.POSITIVE_INFINITY;
      if (isMeant) tooLate++;
    }
    let { wake } = device;
    for (let place = 0; place < instances.length; place++) {
      if (oldestNew[place] === Number.POSITIVE_INFINITY) continue;
      oldestNew[place] = Number.POSITIVE_INFINITY;
      const instance = instances[place] as Instance;
      try {
        instance.goOn(log);
      } catch (error) {
        broken.set((placed[place] as Placed).rule.current, error);
      }
      hear(columns, place, instance);
      wake = Math.min(wake, wakes[place] as number);
    }
    device.wake = wake;
    trim(device);
  };

  const dropDevice = (deviceId: string) => {
    const device = devices.get(deviceId);
    if (device === undefined) return;
    for (const placed of [...device.placed.values()]) remove(placed);
    for (const { seriesId } of device.spec.series) bySeries.delete(seriesId);
    devices.delete(deviceId);
  };

  const dropRule = (ruleId: string) => {
    const watched = rules.get(ruleId);
    if (watched === undefined) return;
    for (const placed of [...watched.instances.values()]) {
      remove(placed);
      index(placed.device);
    }
    rules.delete(ruleId);
  };

  /** One rule must not stop all others, again and again, whatever is wrong with it. */
  const dropBroken = () => {
    for (const [rule, error] of broken) {
      dropRule(rule.id);
      onFault(rule, error);
    }
    broken.clear();
  };

  /** What the alarms know of a rule on a device, by what it has said here or by what they said at the start. */
  const courseOf = (ruleId: string, deviceId: string): readonly Transition[] =>
    rules.get(ruleId)?.instances.get(deviceId)?.reported ?? known.get(keyOf(ruleId, deviceId)) ?? [];

  return {
    setFactory: ({ factoryId, timezone }) => {
      if (environments.get(factoryId)?.timezone !== timezone) environments.set(factoryId, { timezone, outages });
    },
    dropFactory: (factoryId) => {
      for (const { rule } of [...rules.values()]) if (rule.factoryId === factoryId) dropRule(rule.id);
      for (const { spec } of [...devices.values()]) if (spec.factoryId === factoryId) dropDevice(spec.id);
      environments.delete(factoryId);
    },
    setKnown: (courses) => {
      for (const { ruleId, deviceId, transitions } of courses) known.set(keyOf(ruleId, deviceId), transitions);
    },
    setRule: (rule, now, saved) => {
      const environment = environments.get(rule.factoryId);
      if (environment === undefined) throw new TypeError('the factory of a rule is set before it');
      const before = rules.get(rule.id);
      const isKept =
        before !== undefined &&
        before.fold.environment === environment &&
        isDeepStrictEqual(before.rule.watch, rule.watch);
      const watched: Watched = {
        rule,
        fold: isKept ? before.fold : compile(rule.watch, environment),
        instances: isKept ? before.instances : new Map(),
      };
      const savedOf = saved?.version === rule.version ? new Map(saved.instances) : undefined;
      const courses = new Map([...(before?.instances.keys() ?? [])].map((id) => [id, courseOf(rule.id, id)]));
      if (!isKept) for (const placed of [...(before?.instances.values() ?? [])]) remove(placed);
      rules.set(rule.id, watched);
      for (const device of devices.values()) {
        if (device.spec.factoryId !== rule.factoryId) continue;
        const placed = watched.instances.get(device.spec.id);
        if (!appliesTo(rule, device.spec)) {
          if (placed !== undefined) remove(placed);
        } else if (placed !== undefined) placed.rule.current = rule;
        else {
          const course = courses.get(device.spec.id) ?? courseOf(rule.id, device.spec.id);
          // One that has come since the snapshot: all that it has said is still to be taken.
          const before = savedOf && (savedOf.get(device.spec.id) ?? 'not yet there');
          place(watched, device, now, course, before);
        }
        index(device);
      }
    },
    dropRule,
    setDevice: (spec, now) => {
      begunAt = Math.min(begunAt, now.monotonic);
      const device = devices.get(spec.id) ?? {
        spec,
        log: createDeviceLog(),
        kinds: new Map(),
        newest: new Map(),
        placed: new Map(),
        columns: NO_COLUMNS,
        trimAt: FIRST_TRIM,
        wake: Number.POSITIVE_INFINITY,
        ts: Number.NEGATIVE_INFINITY,
        heardAt: Number.NaN,
      };
      for (const { seriesId } of device.spec.series) bySeries.delete(seriesId);
      device.spec = spec;
      devices.set(spec.id, device);
      device.kinds.clear();
      for (const { seriesId, parameter, kind, newest } of spec.series) {
        bySeries.set(seriesId, { device, parameter });
        device.kinds.set(parameter, kind);
        if (newest === null || newest.ts <= (device.newest.get(parameter)?.ts ?? Number.NEGATIVE_INFINITY)) continue;
        device.newest.set(parameter, newest);
        // A snapshot has its number alone.
        if (typeof newest.value === 'string') textNumber(newest.value);
        // Of one that has been heard of here, time goes on from then.
        if (Number.isNaN(device.heardAt)) device.ts = Math.max(device.ts, newest.ts);
      }
      for (const watched of rules.values()) {
        if (watched.rule.factoryId !== spec.factoryId) continue;
        const placed = watched.instances.get(spec.id);
        const applies = appliesTo(watched.rule, spec);
        if (applies && placed === undefined) place(watched, device, now, courseOf(watched.rule.id, spec.id));
        if (!applies && placed !== undefined) remove(placed);
      }
      index(device);
    },
    dropDevice,
    parametersOf: (factoryId) => {
      const all = new Set<string>();
      for (const { rule, fold: each } of rules.values()) {
        if (rule.factoryId === factoryId) for (const parameter of each.parameters) all.add(parameter);
      }
      return all;
    },
    take: (rows, now, isFor) => {
      const touched = new Set<Device>();
      for (let row = 0; row < rows.length; row++) {
        const device = takeRow(rows, row, now);
        if (device !== undefined) touched.add(device);
      }
      for (const device of touched) fold(device, isFor);
      if (broken.size > 0) dropBroken();
    },
    remember: (rows, after) => {
      for (const { log } of devices.values()) log.lacks(after);
      for (let row = 0; row < rows.length; row++) takeRow(rows, row, undefined);
    },
    passTime: (now) => {
      const areBack = now.monotonic - begunAt >= returnMs;
      // Nobody asks who has come back any more: a device that is gone leaves nothing behind.
      if (areBack) heard.clear();
      for (const device of devices.values()) {
        if (!areBack && !heard.has(device.spec.id)) continue;
        const to = deviceNow(device, now) - graceMs;
        if (device.wake >= to) continue;
        const { columns } = device;
        for (const [place, instance] of columns.instances.entries()) {
          if ((columns.wakes[place] as number) >= to) continue;
          try {
            instance.passTime(to);
          } catch (error) {
            broken.set((columns.placed[place] as Placed).rule.current, error);
          }
          hear(columns, place, instance);
        }
        device.wake = columns.wakes.reduce((soonest, wake) => Math.min(soonest, wake), Number.POSITIVE_INFINITY);
      }
      if (broken.size > 0) dropBroken();
    },
    reports: () => {
      const reports: Report[] = [];
      for (const placed of changed) {
        const { since, until, transitions } = placed.instance.course();
        const said = placed.reported.filter(({ at: time }) => time > since && time <= until);
        if (!isSame(said, transitions)) {
          const { factoryId, id: ruleId, version: ruleVersion } = placed.rule.current;
          const deviceId = placed.device.spec.id;
          reports.push({ factoryId, ruleId, ruleVersion, deviceId, since, until, transitions: [...transitions] });
        }
        const before = placed.reported.findLast(({ at: time }) => time <= since);
        const later = placed.reported.filter(({ at: time }) => time > until);
        placed.reported = [...(before === undefined ? [] : [before]), ...transitions, ...later];
        placed.instance.settle(later.length === 0);
      }
      changed.clear();
      return reports;
    },
    knowHours: (ruleId, deviceId, parameter, hours) =>
      rules.get(ruleId)?.instances.get(deviceId)?.instance.knowHours(parameter, hours),
    save: (ruleId) => {
      const watched = rules.get(ruleId);
      if (watched === undefined) return undefined;
      const saved = [...watched.instances].map(([id, { instance }]) => [id, instance.save()] as const);
      return { version: watched.rule.version, instances: saved };
    },
    explain: (ruleId, deviceId, now) => {
      const placed = rules.get(ruleId)?.instances.get(deviceId);
      if (placed === undefined) return undefined;
      const { fold, current } = placed.instance;
      const shown = copyOf(current);
      const at = deviceNow(placed.device, now);
      // As far as it would be decided by now, without what may still be on its way.
      if (at - graceMs > (shown.numbers[SLOT.time] as number)) fold.look(shown, at - graceMs);
      return explain(fold, shown, at);
    },
    get figures() {
      return { instances, tooLate };
    },
  };
}
