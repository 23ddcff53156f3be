import { type Accounts, createVault, loadSigningKey, openAccounts } from './accounts/accounts.ts';
import { moveAlarms } from './alarms/alarms.ts';
import { AUDIT_MIGRATION, type Audit, createAudit } from './audit/audit.ts';
import type { Config } from './config/config.ts';
import { currentAct } from './core/act.ts';
import { assetFolder } from './core/assets.ts';
import { type Clock, systemClock } from './core/clock.ts';
import { createClockGuard } from './core/clock-guard.ts';
import type { Log } from './core/log.ts';
import type { Metrics } from './core/metrics.ts';
import type { FactoryScope } from './core/scope.ts';
import {
  type Catalogue,
  createCatalogue,
  createDevices,
  createMerges,
  createRemovals,
  type Devices,
  type Merges,
  type Removals,
} from './devices/devices.ts';
import { type Channels, createChannels, sealAddresses } from './notify/notify.ts';
import { createRules, type Rules } from './rules/rules.ts';
import { createClockRecord } from './store/clock-record.ts';
import { createClockWatch } from './store/clock-watch.ts';
import { type DataDir, holdDataDir } from './store/data-dir.ts';
import { migrate } from './store/migrations.ts';
import { createSql, openDatabase } from './store/sqlite.ts';
import { openStore, type Store } from './store/store.ts';

/** The control plane: what commands need that change accounts without running the appliance. */
export interface Control extends Disposable {
  readonly dataDir: DataDir;
  readonly store: Store;
  readonly audit: Audit;
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly catalogue: Catalogue;
  readonly removals: Removals;
  readonly merges: Merges;
  readonly rules: Rules;
  readonly channels: Channels;
}

export interface ControlDependencies {
  readonly clock: Clock;
  readonly log: Log;
  /** Called with the migrated store before anything in it is looked at. */
  readonly onStore?: (store: Store) => void;
}

/**
 * Takes the data directory and opens the control database in it, migrated.
 *
 * @throws {AppError} as `holdDataDir`, `migrate` and `openAccounts` do
 */
export function openControl(config: Config, dependencies: ControlDependencies): Control {
  const { clock, log } = dependencies;
  using cleanup = new DisposableStack();
  const dataDir = cleanup.use(holdDataDir(config.data_dir));
  const secret = loadSigningKey(dataDir.secretKey, log);
  const vault = createVault(secret);
  const opening = createAudit({ clock, log, secret, headFile: dataDir.auditHead });
  const migrating = openDatabase(dataDir.controlDb);
  try {
    migrate(migrating, assetFolder('migrations/control'), {
      backups: dataDir.backups,
      now: clock.now(),
      applied: (name) => name === AUDIT_MIGRATION && opening.begin(createSql(migrating)),
    });
    sealAddresses(createSql(migrating), vault);
  } finally {
    migrating.close();
  }
  const store = cleanup.adopt(openStore(dataDir.controlDb, { audit: opening.trail }), (opened) => opened.close());
  dependencies.onStore?.(store);
  const audit = cleanup.adopt(opening.open(store), (opened) => opened.stop());
  const accounts = openAccounts({
    store,
    config: config.accounts,
    limits: factoryLimits(config),
    clock,
    log,
    secretKeyFile: dataDir.secretKey,
  });
  const catalogue = createCatalogue(store);
  const devices = createDevices({ store, clock, catalogue });
  const removals = createRemovals(store, catalogue);
  const channels = createChannels({
    store,
    vault,
    now: clock.now,
    isMember: (scope, userId) =>
      accounts.members.list(scope, { limit: 10_000, after: undefined }).some((member) => member.userId === userId),
    usedBy: (scope, id) =>
      rules
        .all(scope)
        .flatMap(({ definition: { name, notifications, escalation } }) =>
          [...notifications, ...escalation].some(({ channel_id }) => channel_id === id) ? [name] : [],
        ),
    hasMailServer: config.smtp.host !== null,
  });
  const rules = createRules({
    store,
    now: clock.now,
    hasDevice: (scope, id) => catalogue.device(scope, id) !== undefined,
    hasChannel: channels.has,
  });
  const merges = createMerges({
    store,
    catalogue,
    now: clock.now,
    moveAlarms,
    onMerged: (scope, id, intoId) => rules.deviceMerged(scope, id, intoId, currentAct().actor.name),
  });
  const held = cleanup.move();
  return {
    dataDir,
    store,
    audit,
    accounts,
    devices,
    catalogue,
    removals,
    merges,
    rules,
    channels,
    [Symbol.dispose]: () => held.dispose(),
  };
}

const MAX_UNIT = 32;

/** What kind the factory's series have. */
export const knownSeries = ({ catalogue }: Control, scope: FactoryScope) =>
  catalogue
    .all(scope)
    .flatMap(({ key, parameters }) =>
      parameters.filter(({ seriesId }) => seriesId > 0).map(({ name, kind }) => [key, name, kind] as const),
    );

/** Gives parameters the unit that an imported file says, where people have not said one. */
export function setUnits(
  { catalogue, devices }: Control,
  scope: FactoryScope,
  series: readonly { readonly device: string; readonly parameter: string; readonly unit: string | null }[],
): void {
  const known = new Map(catalogue.all(scope).map((device) => [device.key, device]));
  for (const { device: key, parameter, unit } of series) {
    const device = known.get(key);
    const found = device?.parameters.find(({ name }) => name === parameter);
    if (device === undefined || found === undefined || unit === null || found.unit !== null) continue;
    devices.updateParameter(scope, device.id, parameter, { unit: unit.slice(0, MAX_UNIT) });
  }
}

/** The control database, and the clock that it remembers. */
export function openWatched(
  config: Config,
  overrides: { readonly log: Log; readonly clock?: Clock; readonly monotonic?: () => number },
  stack: AsyncDisposableStack,
  metrics: Pick<Metrics, 'clockTrusted'>,
) {
  const { log } = overrides;
  const wall = overrides.clock ?? systemClock;
  const monotonic = overrides.monotonic ?? (overrides.clock === undefined ? () => performance.now() : wall.now);
  const clock = createClockGuard({ wall, monotonic });
  let lastAlive: number | null = null;
  const onStore = (store: Store) => {
    const memory = createClockRecord(store).read();
    lastAlive = memory.trustedAt;
    clock.resume(memory);
  };
  const control = stack.use(openControl(config, { clock, log, onStore }));
  const record = createClockRecord(control.store);
  const startedAt = clock.trustedNow();
  if (lastAlive !== null && lastAlive < startedAt) record.addOutage(lastAlive, startedAt);
  const watch = createClockWatch({
    guard: clock,
    record,
    log,
    onTrust: (isTrusted) => metrics.clockTrusted.set(Number(isTrusted)),
  });
  watch.start();
  stack.defer(() => watch.stop());
  return { clock, monotonic, watch, outages: record.outages, control };
}

/** What a factory may take of the appliance, as it is configured. */
const factoryLimits = ({ ingest, limits }: Config) => ({
  devices: ingest.max_devices,
  requestsPerS: limits.factory_requests_per_s,
  streams: limits.factory_streams,
  heavyQueries: limits.factory_heavy_queries,
});

/** What telemetry may take, as it is configured. */
export const ingestLimits = ({ mqtt, ingest }: Config, { limits, factories }: Accounts) => ({
  maxPayloadBytes: mqtt.max_payload_bytes,
  maxPendingBytes: ingest.max_pending_bytes,
  maxAheadMs: ingest.max_ahead_s * 1_000,
  maxDevices: (factoryId: number) => limits.of(factoryId).devices,
  admission: (factoryId: number) => factories.byNumber(factoryId)?.deviceAdmission ?? 'open',
  maxPending: ingest.max_pending_devices,
  maxParameters: ingest.max_parameters,
  maxSeries: ingest.max_series,
});
