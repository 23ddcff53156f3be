import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { LiveState, WatchedBatch } from '../telemetry/telemetry.ts';
import { createDeviceFeed } from './device-feed.ts';
import type { EngineAnswer, EngineOrder, EngineThread, PackedRule, StartEngine } from './engine-thread.ts';
import type { EngineFigures, EngineNow, EngineRule, KnownCourse } from './engine-types.ts';
import type { Explanation } from './explain.ts';
import { createFlow, type FlowLimits } from './flow.ts';
import { pack } from './packed-rule.ts';
import { createReportQueue } from './report-queue.ts';
import type { RuleStates, StateHead } from './rule-states.ts';
import type { Rule, Rules } from './rule-store.ts';
import { createSnapshots } from './snapshots.ts';
import type { Report } from './transition.ts';
import { createUsualSeeding, type UsualSeedingParts } from './usual-seeding.ts';
import { createWatchedRules } from './watched-rules.ts';

/** What of the driver is counted. */
export interface DriverFigures extends EngineFigures {
  /** Rows folded, and snapshots stored, since the start. */
  readonly folded: number;
  readonly snapshots: number;
  readonly catchUps: number;
  readonly restarts: number;
  /** Rules that are left out, because they threw. */
  readonly dropped: number;
  /** Rows on their way to the engine, for how long (ms), and reports that are not written down yet. */
  readonly rows: number;
  readonly lagMs: number;
  readonly reports: number;
}

/** Why a rule is left out. */
export interface RuleFault {
  /** Since when (epoch ms). */
  readonly at: number;
  readonly message: string;
}

/** Runs the engine beside telemetry: tells it of everything, and has written down what it reports. */
export interface RulesDriver {
  start(): void;
  /** Takes each commit with its number, before the live state is brought up to it. Never throws, never waits. */
  watched(batch: WatchedBatch, seq: number): void;
  /** Resolves when nothing that is committed until now would have to be read again after a kill; in half a minute at most. */
  untilRead(): Promise<void>;
  /**
   * Why a rule fires or not on a device; undefined when it does not apply to it.
   *
   * @throws {AppError} `unavailable` while the engine does not run
   */
  explain(ruleId: string, deviceId: string): Promise<Explanation | undefined>;
  /** A device's tags are others now. */
  tagsChanged(deviceId: string): void;
  /** Factories have come, gone, or changed. */
  factoriesChanged(): void;
  /**
   * Why a rule is left out in this version; undefined where it is not. Another version is tried anew, and so is every rule
   * when the engine or the appliance starts: so it is kept in memory alone.
   */
  faultOf(rule: Pick<Rule, 'id' | 'version'>): RuleFault | undefined;
  readonly figures: DriverFigures;
  /** Why rules are not watched now, if they are not. */
  readonly fault: string | undefined;
  /** Has everything folded and stored. */
  stop(): Promise<void>;
}

export interface RulesDriverParts {
  readonly startEngine: StartEngine;
  readonly latenessMs: number;
  readonly graceMs: number;
  readonly returnMs: number;
  readonly snapshotIntervalMs: number;
  readonly outages: () => readonly (readonly [number, number])[];
  readonly now: () => EngineNow;
  /** Epoch ms. */
  readonly clock: () => number;
  /** Factories in use. */
  readonly scopes: () => readonly FactoryScope[];
  readonly rules: Pick<Rules, 'all' | 'version' | 'onChanged'>;
  readonly states: RuleStates;
  readonly live: Pick<LiveState, 'device' | 'devices' | 'departures'>;
  readonly tagsOf: (factoryId: number, deviceId: string) => readonly string[];
  /** The last commit before the start. */
  readonly seq: number;
  readonly isStoring: () => boolean;
  /** What is recorded of alarms that stand, and of those that cleared after a time (epoch ms). */
  readonly known: (factoryId: number, after: number) => readonly KnownCourse[];
  /** Writes reports down. */
  readonly apply: (factoryId: number, reports: readonly Report[]) => Promise<void>;
  readonly hours: UsualSeedingParts['hours'];
  readonly log: Log;
  readonly tickMs?: number;
  readonly limits?: FlowLimits;
  readonly backoffMs?: number;
}

const TICK_MS = 500;
/** After its first failure the engine waits so long, then twice as long, …, until it has run for a minute. */
const [BACKOFF_MS, MAX_BACKOFF_MS, STEADY_MS] = [1_000, 60_000, 60_000];
/** At the end, everything has to be stored within this; what is not is read again at the next start. */
const STOP_MS = 8_000;
const MAX_QUESTIONS = 100;
/** What is told of a fault is no longer (characters): it stands in answers and on a page. */
const MAX_REASON = 200;
/** A snapshot that says what the one before says is stored after this time, so that a start does not look back further. */
const MOST_AGE_MS = 3_600_000;
/** Samples that are read once more at a start are no older than this, and so much as late ones may be. */
const MAX_REMEMBERED_MS = 1_800_000;

export function createRulesDriver(parts: RulesDriverParts): RulesDriver {
  const { log, now, states, backoffMs = BACKOFF_MS } = parts;
  let thread: EngineThread | undefined;
  let fault: string | undefined;
  let restarts = 0;
  let waitMs = backoffMs;
  let restartTimer: NodeJS.Timeout | undefined;
  let tickTimer: NodeJS.Timeout | undefined;
  let isStopping = false;
  /** Nothing is to be watched, and no engine runs. */
  let isIdle = false;
  let nextQuestion = 1;
  let engineFigures: EngineFigures = { instances: 0, tooLate: 0 };
  /** Of engines that have gone. */
  let tooLateBefore = 0;
  let [folded, snapshotCount] = [0, 0];
  let isSaving = false;
  /** Hears that no state is awaited any more. */
  let onSaved: (() => void) | undefined;
  /** Of rules that the engine has dropped. */
  const faults = new Map<string, RuleFault & { readonly version: number }>();
  const questions = new Map<number, PromiseWithResolvers<Explanation | undefined>>();
  const monotonic = () => now().monotonic;
  const snapshots = createSnapshots(parts.snapshotIntervalMs, monotonic);

  /** What is on disk of each rule, and since when. */
  const stored = new Map<string, { readonly text: string; readonly at: number }>();

  /** One that no sample has come for is as it was: to store it once more would only say that it has looked. */
  const isNews = (packed: PackedRule): boolean => {
    const known = stored.get(packed.ruleId);
    return known?.text !== textOf(packed) || monotonic() - known.at > MOST_AGE_MS;
  };

  const post = (order: EngineOrder, handed: readonly ArrayBuffer[] = []) => {
    if (order.kind === 'rule') faults.delete(order.rule.id);
    if (order.kind === 'drop rule') faults.delete(order.ruleId);
    thread?.post(order, handed);
  };

  const reports = createReportQueue({
    apply: parts.apply,
    save: (factoryId, packed) => {
      const scope = watched.scope(factoryId);
      if (scope === undefined || watched.versionOf(packed.ruleId) === undefined) return;
      if (isNews(packed)) {
        states.save(scope, packed);
        stored.set(packed.ruleId, { text: textOf(packed), at: monotonic() });
        snapshotCount++;
      }
      snapshots.saved(packed.ruleId, packed.seq);
    },
    onFault: (error, snapshot) => {
      log.warn({ err: error }, FAULTS[snapshot === undefined ? 'reports' : 'snapshot']);
      if (snapshot !== undefined) snapshots.failed(snapshot.ruleId);
    },
  });
  const feed = createDeviceFeed({
    live: parts.live,
    tagsOf: parts.tagsOf,
    tell: (devices) => {
      post({ kind: 'devices', devices, now: now() });
      watched.told(devices);
    },
    drop: (ids) => {
      post({ kind: 'drop devices', ids });
      watched.dropped(ids);
    },
  });
  const flow = createFlow({
    post,
    feed,
    now,
    factoryIds: () => watched.factoryIds(),
    unapplied: () => reports.waiting,
    isStoring: parts.isStoring,
    seq: parts.seq,
    onFault: (error) => log.error({ err: error }, 'samples could not be handed to the rules; they are read from disk'),
    ...(parts.limits && { limits: parts.limits }),
  });

  const seeding = createUsualSeeding({
    hours: parts.hours,
    tell: (ruleId, deviceId, parameter, hours) => post({ kind: 'hours', ruleId, deviceId, parameter, hours }),
    onFault: (error) => log.warn({ err: error }, 'what is usual could not be read from the history'),
  });
  const watched = createWatchedRules({
    post,
    now,
    clock: parts.clock,
    newest: () => flow.newest,
    feed,
    seeding,
    snapshots,
    mark: ({ id, version, factoryId }, seq) =>
      reports.snapshot(factoryId, { ruleId: id, version, seq, state: pack({ version, instances: [] }) }),
    rules: parts.rules,
    scopes: parts.scopes,
    known: parts.known,
  });

  /** Snapshots that rules can go on from. Numbers of another `hot.db` say nothing of this one. */
  const usableHeads = (all: readonly { readonly scope: FactoryScope; readonly rule: EngineRule }[], seq: number) => {
    const rules = new Map(all.map(({ rule }) => [rule.id, rule]));
    const heads = new Map<string, StateHead>();
    for (const scope of new Set(all.map((each) => each.scope))) {
      for (const head of states.heads(scope)) {
        const rule = rules.get(head.ruleId);
        if (rule === undefined || head.seq > seq) continue;
        if (head.version === rule.version || watched.isWatchOf(scope, rule, head.version)) heads.set(head.ruleId, head);
      }
    }
    return heads;
  };

  /** From when on samples of before a snapshot may be needed, because others come late. */
  const rememberFrom = (heads: readonly StateHead[]): number => {
    const at = parts.clock();
    const oldest = Math.min(at, ...heads.map(({ savedAt }) => savedAt));
    return Math.max(oldest, at - MAX_REMEMBERED_MS) - 2 * parts.latenessMs;
  };

  /** Begins where the snapshots are, or now; not before there is something to watch. */
  const begin = async (): Promise<void> => {
    // What was reported before has to be recorded before it is asked what is recorded.
    await reports.settled();
    const all = watched.active();
    isIdle = all.length === 0;
    snapshots.ended();
    if (isIdle) snapshots.begun();
    fault = isIdle ? undefined : fault;
    if (isStopping || isIdle) return;
    const started = parts.startEngine({
      engine: {
        latenessMs: parts.latenessMs,
        graceMs: parts.graceMs,
        returnMs: parts.returnMs,
        outages: parts.outages(),
      },
      onAnswer: (answer) => thread === started && answered(answer),
      onExit: (error) => thread === started && died(error),
    });
    thread = started;
    const startedAt = monotonic();
    const seq = flow.newest;
    const heads = usableHeads(all, seq);
    const remembered = rememberFrom([...heads.values()]);
    for (const scope of parts.scopes()) {
      await watched.beginFactory(scope, remembered);
      if (thread !== started) return;
    }
    let after = seq;
    for (const { scope, rule } of all) {
      const head = heads.get(rule.id);
      after = Math.min(after, head?.seq ?? seq);
      watched.begin(rule, seq, head && { state: states.load(scope, rule.id), seq: head.seq });
      await nextTurn();
      if (thread !== started) return;
    }
    feed.sweep();
    // What is read now was heard of at some time before: until they say more, devices' time is that of the clock.
    flow.begin(after, remembered, { ...now(), monotonic: Number.NaN });
    fault = undefined;
    setTimeout(() => {
      if (thread === started && monotonic() - startedAt >= STEADY_MS) waitMs = backoffMs;
    }, STEADY_MS).unref();
  };

  const forget = () => {
    thread = undefined;
    tooLateBefore += engineFigures.tooLate;
    engineFigures = { instances: 0, tooLate: 0 };
    flow.end();
    feed.reset();
    watched.forget();
    snapshots.ended();
    stored.clear();
    faults.clear();
    isSaving = false;
    onSaved?.();
    const gone = new AppError('unavailable', 'the rules are being started anew: try again in a moment');
    for (const question of questions.values()) question.reject(gone);
    questions.clear();
  };

  const restartSoon = (reason: string) => {
    fault = reason;
    restarts++;
    restartTimer = setTimeout(() => enqueue(begin), waitMs);
    waitMs = Math.min(2 * waitMs, MAX_BACKOFF_MS);
  };

  const died = (error: Error) => {
    forget();
    if (isStopping) return;
    log.error(
      { err: error, again_in_s: waitMs / 1_000 },
      'the rules have stopped; they are started again from snapshots',
    );
    restartSoon(error.message);
  };

  const saveNext = () => {
    const ruleId = isSaving || !flow.isCurrent ? undefined : snapshots.due();
    if (ruleId === undefined) return;
    isSaving = true;
    snapshots.asked(ruleId, flow.sent);
    post({ kind: 'save', ruleId, seq: flow.sent });
  };

  const dropped = ({ ruleId, version, reason }: EngineAnswer & { kind: 'dropped' }) => {
    log.error(
      { rule: ruleId, version, reason },
      'a rule could not be evaluated; it is left out until it is changed, turned off and on, or the next start',
    );
    // It may be another by now, or gone.
    if (watched.versionOf(ruleId) !== version) return;
    const message = `it could not be evaluated (${reason.slice(0, MAX_REASON)})`;
    faults.set(ruleId, { version, at: parts.clock(), message });
    watched.leftOut(ruleId);
    // There will be none of it: whoever waits for snapshots does not wait for that.
    snapshots.unwatched(ruleId);
  };

  const answered = (answer: EngineAnswer) => {
    flow.answered(answer);
    switch (answer.kind) {
      case 'folded':
      case 'catching up':
      case 'caught up':
        folded += answer.rows;
        engineFigures = answer.figures;
        reports.add(answer.reports);
        if (answer.kind === 'caught up') snapshots.begun();
        return;
      case 'saved': {
        isSaving = false;
        const factoryId = snapshots.factoryOf(answer.ruleId);
        if (answer.saved !== null && factoryId !== undefined) reports.snapshot(factoryId, answer.saved);
        onSaved?.();
        if (snapshots.isAwaited) saveNext();
        return;
      }
      case 'explained':
        questions.get(answer.id)?.resolve(answer.explanation ?? undefined);
        questions.delete(answer.id);
        return;
      case 'unreadable':
        log.error(
          { rule: answer.ruleId, reason: answer.reason },
          'the snapshot of a rule cannot be read; it begins anew',
        );
        return;
      case 'dropped':
        dropped(answer);
    }
  };

  /** One thing after the other: each is told to the engine in parts. */
  let running = Promise.resolve();
  const enqueue = (work: () => Promise<void>) => {
    running = running.then(work).catch((error: unknown) => {
      log.error({ err: error }, 'the rules could not be told of a change; they are started anew');
      const dying = thread;
      forget();
      void dying?.end();
      if (!isStopping) restartSoon(error instanceof Error ? error.message : String(error));
    });
  };

  /** Asks for every state, one after the other. */
  const saveAll = async (): Promise<void> => {
    const saved = () =>
      new Promise<void>((resolve) => {
        onSaved = resolve;
      });
    if (isSaving) await saved();
    for (const ruleId of watched.ids()) {
      if (thread === undefined) return;
      post({ kind: 'save', ruleId, seq: flow.sent });
      await saved();
    }
  };

  return {
    start: () => {
      parts.rules.onChanged((scope, change) =>
        enqueue(async () => (isIdle ? begin() : watched.changed(scope, change))),
      );
      enqueue(begin);
      tickTimer = setInterval(() => {
        flow.tick();
        saveNext();
      }, parts.tickMs ?? TICK_MS);
    },
    watched: flow.watched,
    untilRead: async () => {
      const stored = snapshots.untilStored(flow.newest);
      saveNext();
      return stored;
    },
    explain: async (ruleId, deviceId) => {
      if (thread === undefined && isIdle) return undefined;
      if (thread === undefined)
        throw new AppError('unavailable', 'the rules are not being watched: try again in a moment');
      if (questions.size >= MAX_QUESTIONS) throw new AppError('busy', 'too many ask at once: try again in a moment');
      const id = nextQuestion++;
      const question = Promise.withResolvers<Explanation | undefined>();
      questions.set(id, question);
      post({ kind: 'explain', id, ruleId, deviceId, now: now() });
      return question.promise;
    },
    faultOf: ({ id, version }) => {
      const known = faults.get(id);
      return known?.version === version ? { at: known.at, message: known.message } : undefined;
    },
    tagsChanged: (deviceId) => feed.changed(deviceId),
    factoriesChanged: () => enqueue(async () => (isIdle ? begin() : watched.syncFactories())),
    get figures() {
      const { instances, tooLate } = engineFigures;
      return {
        instances,
        tooLate: tooLateBefore + tooLate,
        folded,
        snapshots: snapshotCount,
        catchUps: flow.catchUps,
        restarts,
        dropped: faults.size,
        rows: flow.rows,
        lagMs: flow.lagMs,
        reports: reports.waiting,
      };
    },
    get fault() {
      return fault;
    },
    stop: async () => {
      clearInterval(tickTimer);
      clearTimeout(restartTimer);
      isStopping = true;
      snapshots.stop();
      const limit = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
      const finish = async () => {
        await running;
        if (flow.isCurrent) await saveAll();
        await reports.settled();
      };
      await Promise.race([finish(), limit]);
      reports.stop();
      const last = thread;
      forget();
      await last?.end();
    },
  };
}

/** By which it is told whether two snapshots are the same. */
const textOf = ({ version, state }: PackedRule): string => `${version} ${hash('sha256', state)}`;

const FAULTS = {
  reports: 'alarms could not be written down yet; it is tried again',
  snapshot: 'how far a rule is could not be written down; the one before stands',
} as const;
