import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import { appliesTo } from './applies-to.ts';
import { parametersOf, type Watch, watchOf } from './condition.ts';
import type { DeviceFeed } from './device-feed.ts';
import type { EngineOrder } from './engine-thread.ts';
import type { EngineDevice, EngineNow, EngineRule, KnownCourse } from './engine-types.ts';
import type { Rule, RuleChange, Rules } from './rule-store.ts';
import type { Snapshots } from './snapshots.ts';
import { deviatingIn, type UsualSeeding } from './usual-seeding.ts';

export interface WatchedRulesParts {
  readonly post: (order: EngineOrder) => void;
  readonly now: () => EngineNow;
  /** Epoch ms. */
  readonly clock: () => number;
  /** The newest commit. */
  readonly newest: () => number;
  readonly feed: DeviceFeed;
  readonly seeding: UsualSeeding;
  readonly snapshots: Pick<Snapshots, 'watched' | 'unwatched'>;
  /** A rule begins anew with the commits after `seq`: what there is to store of it. */
  readonly mark: (rule: EngineRule, seq: number) => void;
  readonly rules: Pick<Rules, 'all' | 'version'>;
  /** Factories in use. */
  readonly scopes: () => readonly FactoryScope[];
  readonly known: (factoryId: number, after: number) => readonly KnownCourse[];
}

/** What a snapshot has kept of a rule, and up to which commit. */
export interface Restored {
  readonly state: Uint8Array | undefined;
  readonly seq: number;
}

/** The rules that the engine watches. They are told one after the other, each once its devices are. */
export interface WatchedRules {
  /** Rules in use, whether or not the engine knows them. */
  active(): { readonly scope: FactoryScope; readonly rule: EngineRule }[];
  /** Tells of a factory, its devices, and what is known of its alarms since then (epoch ms): of all but the rules. */
  beginFactory(scope: FactoryScope, knownAfter: number): Promise<void>;
  /** Tells of a rule of a factory that has begun, as it was or from now on. */
  begin(rule: EngineRule, seq: number, restored: Restored | undefined): void;
  /** Whether a rule has watched for the same in another version: it was given another name, perhaps. */
  isWatchOf(scope: FactoryScope, rule: EngineRule, version: number): boolean;
  /** A rule is another, or has gone. */
  changed(scope: FactoryScope, change: RuleChange): Promise<void>;
  /** Factories have come, gone, or changed. */
  syncFactories(): Promise<void>;
  /** The engine has dropped a rule that threw: whatever is watched for next by it begins anew, with the alarms as they stand. */
  leftOut(ruleId: string): void;
  /** Hears of devices that the engine is told of. */
  told(devices: readonly EngineDevice[]): void;
  dropped(ids: readonly string[]): void;
  /** The version that is watched; undefined for a rule that is not. */
  versionOf(ruleId: string): number | undefined;
  ids(): Iterable<string>;
  factoryIds(): readonly number[];
  scope(factoryId: number): FactoryScope | undefined;
  /** The engine has gone. */
  forget(): void;
}

const isSameWatch = (one: Watch | undefined, other: Watch) => JSON.stringify(one) === JSON.stringify(other);

const engineRule = ({ factoryId }: FactoryScope, rule: Rule): EngineRule => {
  const { id, version, definition } = rule;
  const { device_ids: deviceIds, tags } = definition;
  return { factoryId, id, version, watch: watchOf(definition), deviceIds, tags };
};

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  one.size === other.size && [...one].every((each) => other.has(each));

export function createWatchedRules(parts: WatchedRulesParts): WatchedRules {
  const { post, now, feed, seeding, snapshots } = parts;
  const rules = new Map<string, EngineRule>();
  const scopes = new Map<number, FactoryScope>();
  /** Of rules that compare with the usual: devices of which they know it, or are being told. */
  const seeded = new Map<string, Set<string>>();
  /** Rules that the engine has dropped, and knows nothing of any more. */
  const left = new Set<string>();

  const seed = (ruleId: string, device: Pick<EngineDevice, 'factoryId' | 'id' | 'tags'>) => {
    const [rule, known] = [rules.get(ruleId), seeded.get(ruleId)];
    if (rule === undefined || known === undefined || known.has(device.id)) return;
    if (rule.factoryId !== device.factoryId || !appliesTo(rule, device)) return;
    known.add(device.id);
    seeding.begun(rule.factoryId, rule.id, rule.watch, device.id);
  };

  /** A rule that compares with the usual is told it of every device that it does not know it of. */
  const seedAll = ({ id, factoryId, watch }: EngineRule, known: Iterable<string>) => {
    seeding.ended(id);
    if (deviatingIn(watch).length === 0) return void seeded.delete(id);
    seeded.set(id, new Set(known));
    for (const device of feed.devices(factoryId)) seed(id, { factoryId, ...device });
  };

  const rulesIn = (factoryId: number) => [...rules.values()].filter((rule) => rule.factoryId === factoryId);
  const parametersIn = (factoryId: number): ReadonlySet<string> =>
    new Set(rulesIn(factoryId).flatMap(({ watch }) => parametersOf(watch)));

  /** From now on the rows are sent that rules read, and no others. */
  const follow = async (factoryId: number, before: ReadonlySet<string>): Promise<void> => {
    const parameters = parametersIn(factoryId);
    if (parameters.size === 0) return feed.unwatch(factoryId);
    if (isSame(parameters, before)) return;
    feed.watch(factoryId, parameters);
    await feed.tellAll(factoryId);
  };

  const drop = async ({ id, factoryId }: EngineRule): Promise<void> => {
    const before = parametersIn(factoryId);
    post({ kind: 'drop rule', ruleId: id });
    rules.delete(id);
    snapshots.unwatched(id);
    seeded.delete(id);
    left.delete(id);
    seeding.ended(id);
    await follow(factoryId, before);
  };

  /** A rule that is watched from now on, or in another way. */
  const set = async (rule: EngineRule, isOther: boolean): Promise<void> => {
    const before = parametersIn(rule.factoryId);
    const wasLeftOut = left.delete(rule.id);
    const isAnew = isOther || wasLeftOut;
    // What comes from here on is its business, however long it takes to tell of all devices.
    const seq = parts.newest();
    rules.set(rule.id, rule);
    await follow(rule.factoryId, before);
    // The engine may have gone meanwhile.
    if (!rules.has(rule.id)) return;
    snapshots.watched(rule.id, rule.factoryId, null);
    if (wasLeftOut) {
      const courses = parts.known(rule.factoryId, parts.clock()).filter(({ ruleId }) => ruleId === rule.id);
      post({ kind: 'known', courses });
    }
    post({ kind: 'rule', rule, saved: undefined, seq, now: now() });
    if (isAnew) parts.mark(rule, seq);
    seedAll(rule, isAnew ? [] : (seeded.get(rule.id) ?? []));
  };

  const activeIn = (scope: FactoryScope): EngineRule[] =>
    parts.rules
      .all(scope)
      .filter(({ definition }) => definition.is_active)
      .map((rule) => engineRule(scope, rule));

  const beginFactory = async (scope: FactoryScope, knownAfter: number): Promise<void> => {
    const { factoryId, timezone } = scope;
    scopes.set(factoryId, scope);
    post({ kind: 'factory', factory: { factoryId, timezone } });
    const active = activeIn(scope);
    if (active.length === 0) return;
    post({ kind: 'known', courses: parts.known(factoryId, knownAfter) });
    for (const rule of active) rules.set(rule.id, rule);
    await follow(factoryId, new Set());
  };

  const syncFactory = async (scope: FactoryScope): Promise<void> => {
    const { factoryId, timezone } = scope;
    const known = scopes.get(factoryId);
    if (known === undefined) await beginFactory(scope, parts.clock());
    else scopes.set(factoryId, scope);
    if (known?.timezone === timezone) return;
    post({ kind: 'factory', factory: { factoryId, timezone } });
    for (const rule of rulesIn(factoryId)) await set(rule, true);
  };

  return {
    active: () => parts.scopes().flatMap((scope) => activeIn(scope).map((rule) => ({ scope, rule }))),
    beginFactory,
    begin: (rule, seq, restored) => {
      // It may have changed meanwhile: then it is told next.
      if (!rules.has(rule.id)) return;
      snapshots.watched(rule.id, rule.factoryId, restored?.seq ?? null);
      post({ kind: 'rule', rule, saved: restored?.state, seq: restored?.seq ?? seq, now: now() });
      if (restored === undefined) parts.mark(rule, seq);
      seedAll(rule, restored === undefined ? [] : [...feed.devices(rule.factoryId)].map(({ id }) => id));
    },
    isWatchOf: (scope, { id, watch }, version) => {
      try {
        return isSameWatch(watchOf(parts.rules.version(scope, id, version).definition), watch);
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return false;
        throw error;
      }
    },
    changed: async (scope, { kind, rule }) => {
      if (!scopes.has(scope.factoryId)) return;
      const known = rules.get(rule.id);
      if (kind === 'saved' && rule.definition.is_active) {
        const changed = engineRule(scope, rule);
        await set(changed, !isSameWatch(known?.watch, changed.watch));
      } else if (known !== undefined) await drop(known);
    },
    syncFactories: async () => {
      const current = parts.scopes();
      for (const factoryId of scopes.keys()) {
        if (current.some((scope) => scope.factoryId === factoryId)) continue;
        for (const rule of rulesIn(factoryId)) await drop(rule);
        post({ kind: 'drop factory', factoryId });
        scopes.delete(factoryId);
      }
      for (const scope of current) await syncFactory(scope);
    },
    leftOut: (ruleId) => void left.add(ruleId),
    told: (devices) => {
      for (const ruleId of seeded.keys()) for (const device of devices) seed(ruleId, device);
    },
    dropped: (ids) => {
      for (const known of seeded.values()) for (const id of ids) known.delete(id);
    },
    versionOf: (ruleId) => rules.get(ruleId)?.version,
    ids: () => rules.keys(),
    factoryIds: () => [...new Set([...rules.values()].map(({ factoryId }) => factoryId))],
    scope: (factoryId) => scopes.get(factoryId),
    forget: () => {
      for (const factoryId of scopes.keys()) feed.unwatch(factoryId);
      scopes.clear();
      rules.clear();
      seeded.clear();
      left.clear();
      seeding.stop();
    },
  };
}
