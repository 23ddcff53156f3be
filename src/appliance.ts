import { throttleSignIns } from './accounts/accounts.ts';
import { type AlarmDesk, type AlarmDeskDeps, createAlarmDesk } from './alarm-wiring.ts';
import { createApi } from './api/server.ts';
import { applianceRoutes } from './appliance-routes.ts';
import { type Broker, createBroker, type OutgoingMessage, ReadGate, type Receivers } from './broker/broker.ts';
import type { Config } from './config/config.ts';
import { ingestLimits, knownSeries, openWatched, setUnits } from './control.ts';
import { assetFolder } from './core/assets.ts';
import { type Clock, clockIsTrusted } from './core/clock.ts';
import { AppError } from './core/errors.ts';
import type { Log } from './core/log.ts';
import { createMetrics } from './core/metrics.ts';
import { productVersion } from './core/version.ts';
import { furnishDemo } from './demo-factory.ts';
import { createDeviceTalk } from './device-wiring.ts';
import {
  createArchive,
  createDiskBudget,
  createEraser,
  createFaultList,
  createHistorian,
  createRecentMinutes,
  createRetention,
  createStock,
  createVerifier,
  removedDays,
  type Series,
  type StorageWork,
} from './historian/historian.ts';
import { type Addresses, listen, openSecurity } from './listening.ts';
import { followAccounts, publishStatuses, statusesOf } from './mqtt-wiring.ts';
import { createMailer } from './notify/notify.ts';
import { createNotifyDesk } from './notify-wiring.ts';
import { wireRules } from './rules-wiring.ts';
import type { DataDir } from './store/data-dir.ts';
import {
  createCommitPace,
  createIngest,
  createLiveHub,
  createLiveState,
  createMerging,
  createRateMeter,
  createRefusals,
  createRemoval,
} from './telemetry/telemetry.ts';
import { createExporter, createImports, type Imports } from './transfer/transfer.ts';
import {
  allDevices,
  healthChecks,
  inviteSender,
  newestSampleAt,
  openReplays,
  restore,
  senderBy,
  startPresence,
} from './wiring.ts';
import { createDemoSimulators, createQueryPool, startWriterThread } from './workers/workers.ts';

const MS = 1_000;
/** Of what a query could not read, the log names some. */
const FILES_LOGGED = 10;
/** One thing at a time behind the traffic; it may take long, and is cancelled at the end. */
const BACKGROUND = { query_threads: 1, query_queue: 16, query_timeout_s: 3_600 };

/** Files that come and go: one at a time, behind the traffic and apart from sealing. */
const TRANSFERS = { query_threads: 1, query_queue: 8, query_timeout_s: 6 * 3_600 };

/** What tests replace; everything has a real default but the log. */
export interface Overrides {
  readonly log: Log;
  readonly clock?: Clock;
  /** Milliseconds from any beginning; goes with `clock` when left out, which then never jumps. */
  readonly monotonic?: () => number;
  /** Checks every answer of the API against its schema. */
  readonly checkReplies?: boolean;
  /** How often it looks whether a certificate is due (ms). */
  readonly certificateCheckMs?: number;
  /** The rules that alarms are of, and who is handed the alarms. */
  readonly rules?: Pick<AlarmDeskDeps, 'ruleOf'> & { readonly opened: (desk: AlarmDesk) => void };
}

/** What the ready line says. */
export interface Ready extends Addresses {
  readonly pid: number;
  /** For the first run; null when the appliance is set up. */
  readonly setup_code: string | null;
}

export interface Appliance {
  /** @throws {AppError} with a remedy when something it needs is not to be had; nothing is left running then */
  start(): Promise<Ready>;
  /** Stops taking messages, commits what it has, and closes everything in the reverse order of its start. */
  stop(): Promise<void>;
  /** Publishes to those who have subscribed: commands to devices. */
  publish(message: OutgoingMessage): Promise<Receivers>;
  /** Rejects when a part dies that the appliance cannot run without. */
  readonly failed: Promise<never>;
}

/** Where the historian's queries look. */
const placeOf = ({ hotDb, controlDb, root }: DataDir) => ({ hotDb, sealed: { controlDb, root } });

/**
 * THE composition root: the whole appliance, wired by plain calls. Nothing else hands one domain's functions to
 * another. Building does no I/O; `start` does, and `stop` is its reverse.
 */
export function createAppliance(config: Config, overrides: Overrides): Appliance {
  const { log } = overrides;
  const stack = new AsyncDisposableStack();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  let publish: Broker['publish'] = async () => {
    throw new AppError('unavailable', 'the appliance is not running');
  };

  const start = async (): Promise<Ready> => {
    const metrics = createMetrics();
    const { clock, monotonic, watch, outages, control } = openWatched(config, overrides, stack, metrics);
    const { accounts, audit, devices, dataDir, store } = control;
    audit.start(config.audit);

    const { raw_days: raw, minute_days, quarter_days } = config.historian;
    const budget = createDiskBudget({ ...dataDir, bytes: config.historian.budget_bytes });
    const writer = stack.adopt(
      startWriterThread({
        hot: {
          file: dataDir.hotDb,
          backups: dataDir.backups,
          bucketSeconds: config.historian.bucket_s,
          now: clock.now(),
          reserveBytes: budget.reserveBytes,
        },
        onExit: (error) => failed.reject(error),
        onCheckpointFailure: (error) => log.warn({ err: error }, 'the newest values could not be written to disk'),
      }),
      (thread) => thread.close(),
    );
    const opened = await writer.open();
    const live = createLiveState();
    const { forgotten, nextSeriesId } = restore(control, live, opened, clock.now());

    const pool = stack.adopt(createQueryPool({ place: placeOf(dataDir), limits: config.historian }), (it) =>
      it.close(),
    );
    const background = createQueryPool({ place: placeOf(dataDir), limits: BACKGROUND, behind: true });
    const { tls, deviceCertificates, ofBroker, ofApi } = await openSecurity({
      config,
      ...control,
      clock,
      log,
      issue: (order) => pool.run('issue_certificate', order),
      checkMs: overrides.certificateCheckMs,
    });
    stack.defer(tls.stop);
    const faults = createFaultList(clock);
    const verifier = createVerifier({
      store,
      clock,
      root: dataDir.root,
      check: (order) => background.run('check_segments', order),
      checkSoon: (order) => pool.run('check_segments', order),
      onQuarantined: ({ file }, reason) =>
        log.error({ file, reason }, 'a file of the history is damaged or missing, and out of the answers: see doctor'),
      onReturned: ({ file }) => log.info({ file }, 'a file of the history is whole again, and in the answers'),
      onChecked: (files, inQuarantine) => {
        metrics.segmentsVerified.inc(files);
        metrics.segmentsQuarantined.set(inQuarantine);
      },
      onFault: (error) => {
        faults.note('verification', error);
        log.warn({ err: error }, 'the history could not be verified; it is tried again');
      },
    });
    const recent = createRecentMinutes();
    for (const { series } of allDevices(live)) for (const one of series.values()) recent.know(one);
    const unreadable = (files: readonly string[], reason: string) => {
      log.warn({ files: files.slice(0, FILES_LOGGED), reason }, 'a query could not read the history; it is verified');
      verifier.suspect(files);
    };
    const historian = createHistorian({
      recent: recent.partOf,
      run: (task, signal) => pool.run('history', task, signal),
      write: (task, signal) => pool.run('history_text', task, signal),
      unreadable,
    });
    const replays = openReplays({ place: placeOf(dataDir), outages, unreadable, stack });
    /** Remembers what did not work, and has verified what could not be read. */
    const noting = async <T>(work: StorageWork, factoryId: number | undefined, running: Promise<T>): Promise<T> => {
      try {
        return await running;
      } catch (error) {
        faults.note(work, error, factoryId);
        if (error instanceof AppError && error.code === 'unreadable') {
          verifier.suspect(error.faults.map(({ pointer }) => pointer));
        }
        throw error;
      }
    };
    const stock = createStock({
      store,
      clock,
      root: dataDir.root,
      roomBytes: () => -budget.excess({ segments: archive.sizeBytes, leaving: 0 }),
      countRecent: () => background.run('count_recent', { hotDb: dataDir.hotDb }),
      rawDays: (factoryId) => retention.daysOf(factoryId).raw,
      onSoonSpent: (days) => log.warn({ days }, 'space is running out: the oldest samples go in so many days'),
    });
    stack.defer(stock.stop);
    const transfers = stack.adopt(createQueryPool({ place: placeOf(dataDir), limits: TRANSFERS, behind: true }), (it) =>
      it.close(),
    );
    const exporter = createExporter({
      root: dataDir.root,
      csv: (task, signal) => transfers.run('export_csv', task, signal),
      parquet: (task, signal) => transfers.run('export_parquet', task, signal),
    });
    const refusals = createRefusals({ store, clock, log, metrics });
    refusals.start();
    stack.defer(() => refusals.stop());
    const hub = createLiveHub(live, clock);
    stack.defer(() => hub.stop());
    const presence = startPresence(config, clock, live, control, log);
    stack.defer(() => presence.stop());
    const rate = createRateMeter(clock);
    const rules = wireRules(
      { config, control, clock, monotonic, outages, live, seq: opened.seq, historian, metrics, log },
      () => ({ alarms: desk.alarms, ingest }),
    );

    const register = (created: readonly Series[]) => {
      for (const { factoryId, key, id } of devices.register(
        created,
        (id, key) => live.device(id, key)?.standing ?? 'active',
      )) {
        const device = live.device(factoryId, key);
        if (device !== undefined) device.id = id;
      }
    };
    const retention = createRetention({
      store,
      // Samples are as old as they are by the time that is trusted.
      clock: { now: clock.trustedNow },
      days: { raw, '1m': minute_days, '15m': quarter_days },
      excessBytes: budget.excess,
      onRemoved: ({ segment, reason }) => {
        metrics.removedSamples.inc({ level: segment.level, reason }, segment.rows);
        if (reason === 'budget')
          log.warn({ segment: segment.file }, 'old telemetry was removed: the disk budget is spent');
      },
    });
    let imports: Imports | undefined;
    const archive = createArchive({
      writer: {
        closeBuckets: async (closings) => {
          const buckets = await writer.closeBuckets(closings);
          budget.buckets(buckets);
          stock.buckets(buckets);
          return buckets;
        },
        dropBuckets: writer.dropBuckets,
      },
      store,
      clock,
      root: dataDir.root,
      hotDb: dataDir.hotDb,
      latenessMs: config.historian.lateness_s * MS,
      seal: (order) => noting('sealing', undefined, background.run('seal', order)),
      compact: (order) => noting('compaction', order.factoryId, background.run('compact', order)),
      mergeRollups: (order) => noting('compaction', order.factoryId, background.run('merge_rollups', order)),
      filter: (order) => noting('compaction', order.segment.factoryId, background.run('filter', order)),
      listSeries: (factoryId) =>
        background.run('list_series', { ...placeOf(dataDir).sealed, hotDb: dataDir.hotDb, factoryId }),
      retention,
      untilRead: rules.untilRead,
      keepsRaw: (factoryId) => imports?.isRunning(factoryId) ?? false,
      onFault: (error) => {
        metrics.sealFailures.inc();
        faults.note('sealing', error);
        log.warn({ err: error }, 'recent telemetry could not be sealed yet; it is kept, and tried again');
      },
    });
    archive.start();
    verifier.start();
    const eraser = createEraser({
      writer,
      purge: archive.purge,
      erased: control.removals.erased,
      onFault: (error) => log.warn({ err: error }, 'the history of removed devices could not be erased yet'),
    });
    // What is under way is cut off: the next start begins it anew.
    stack.defer(async () => {
      await Promise.all([eraser.stop(), archive.stop(), verifier.stop(), background.close()]);
    });
    const gate = new ReadGate();
    const ingest = createIngest({
      writer,
      state: live,
      nextSeriesId,
      bucketMs: opened.bucketMs,
      limits: ingestLimits(config, accounts),
      clock,
      oldestFor: retention.rawFrom,
      log,
      metrics,
      rate,
      recent,
      pace: createCommitPace(config.ingest.commit_interval_ms),
      register,
      forgotten: eraser.add,
      refused: refusals.record,
      watched: rules.watched,
      committed: (touched, imported) => {
        hub.touched(imported.size === 0 ? touched : new Set([...touched, ...imported]));
        presence.seen(touched);
      },
      throttle: (stop) => gate.set(stop),
      failed: (error) => failed.reject(error),
    });

    ingest.forgetSeries(forgotten);
    imports = createImports({
      store,
      root: dataDir.root,
      now: clock.now,
      spareBytes: budget.spareBytes,
      limits: { maxBytes: config.imports.max_bytes, minFreeBytes: config.imports.min_free_bytes },
      latest: () => (clockIsTrusted(clock) ? clock.now() + config.ingest.max_ahead_s * MS : Number.MAX_SAFE_INTEGER),
      rawFrom: retention.keptFrom,
      known: (scope) => knownSeries(control, scope),
      removedDays: (scope, days) => store.read(scope, (sql) => removedDays(sql, days)),
      scopeOf: (factoryId) => accounts.factories.byNumber(factoryId)?.scope,
      examine: (task, signal) => transfers.run('examine_import', task, signal),
      readPage: (task, signal) => transfers.run('read_import', task, signal),
      importRows: ingest.importRows,
      setUnits: (scope, series) => setUnits(control, scope, series),
      onFault: (error) => log.warn({ err: error }, 'a file could not be imported'),
    });
    imports.resume();
    const talk = createDeviceTalk({
      control,
      now: clock.trustedNow,
      deviceIdOf: (factoryId, key) => live.device(factoryId, key)?.id,
      refusals,
      log,
      broker: () => broker,
    });
    const desk = createAlarmDesk({
      control,
      clock,
      monotonic,
      ruleOf: overrides.rules?.ruleOf,
      log,
      broker: () => broker,
    });
    overrides.rules?.opened(desk);
    const notify = createNotifyDesk({ config, control, clock, monotonic, log, historian, desk, broker: () => broker });
    const broker = createBroker({
      config: config.mqtt,
      store,
      now: clock.trustedNow,
      ingest,
      gate,
      scopeBySlug: accounts.factories.scopeBySlug,
      authenticateDevice: throttleSignIns(senderBy(accounts), clock),
      statuses: statusesOf(live, presence),
      isShown: (factoryId, key) => live.device(factoryId, key)?.standing === 'active',
      ...ofBroker,
      ...talk.ofBroker,
      refused: refusals.record,
      connectionRefused: refusals.recordConnection,
      log,
      metrics,
    });
    publish = broker.publish;
    const removal = createRemoval({
      devices,
      removals: control.removals,
      factories: accounts.factories,
      live,
      ingest,
      hub,
      presence,
      refusals,
      archive,
      abandonImports: (factoryId) => imports?.abandonFactory(factoryId),
      disconnect: broker.disconnectFactory,
    });
    const merging = createMerging({ devices, merges: control.merges, live, ingest, hub, presence, refusals });
    followAccounts(accounts, broker);
    publishStatuses(accounts, live, presence, broker);
    deviceCertificates.onRevoked((certificateId) => broker.disconnect(certificateId));
    stack.defer(talk.start());
    stack.defer(desk.start());
    stack.defer(notify.start());
    stack.defer(rules.start());

    const sizes = () => budget.use(archive.sizeBytes);
    const api = createApi({
      config,
      ...ofApi,
      log,
      metrics,
      accounts,
      audit,
      clock,
      version: productVersion(),
      pages: assetFolder('dist/ui'),
      checkReplies: overrides.checkReplies ?? false,
      checks: [...healthChecks(ingest, control), rules.check],
      sendInvite: inviteSender(createMailer(config.smtp), accounts.factories),
      routes: applianceRoutes({
        config,
        control,
        clock,
        guard: clock,
        watch,
        audit,
        live,
        hub,
        presence,
        rate,
        stock,
        sizes,
        budgetBytes: budget.bytes,
        faults,
        verifier,
        retention,
        historian,
        exporter,
        replays,
        explain: rules.explain,
        faultOf: rules.faultOf,
        imports,
        removal,
        merging: desk.merging(merging),
        refusals,
        broker,
        talk,
        desk,
        notify,
        tls,
        deviceCertificates,
      }),
    });
    for (const server of api.servers) broker.attach(server);
    const addresses = await listen({ config, stack, broker, ingest, api, imports });
    const ready = { ...addresses, pid: process.pid, setup_code: accounts.setup.code() };
    const simulators = createDemoSimulators({
      factories: accounts.factories.list,
      grant: accounts.deviceCredentials.grantSimulator,
      describe: (scope, described) => furnishDemo(control, scope, described),
      newestSampleAt: (scope, key) => newestSampleAt(live, scope, key),
      url: ready.mqtt,
      log,
    });
    stack.defer(() => simulators.close());
    accounts.factories.onChanged(simulators.follow);
    simulators.follow();
    return ready;
  };

  return {
    start: async () => {
      try {
        return await start();
      } catch (error) {
        await stack.disposeAsync();
        throw error;
      }
    },
    stop: () => stack.disposeAsync(),
    publish: (message) => publish(message),
    failed: failed.promise,
  };
}
