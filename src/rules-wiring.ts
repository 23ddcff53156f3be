import type { Alarms } from './alarms/alarms.ts';
import type { Config } from './config/config.ts';
import type { Control } from './control.ts';
import type { ClockGuard } from './core/clock-guard.ts';
import { AppError } from './core/errors.ts';
import type { Log } from './core/log.ts';
import { type Metrics, showFigures } from './core/metrics.ts';
import type { FactoryScope } from './core/scope.ts';
import type { Historian } from './historian/historian.ts';
import {
  createRuleStates,
  createRulesDriver,
  type HourFigures,
  type Rule,
  type RulesDriver,
  type RulesDriverParts,
  watches,
} from './rules/rules.ts';
import type { Ingest, LiveState } from './telemetry/telemetry.ts';
import { startRulesThread } from './workers/workers.ts';

export interface RulesWiringParts {
  readonly config: Config;
  readonly control: Control;
  readonly clock: ClockGuard;
  /** Milliseconds from any beginning. */
  readonly monotonic: () => number;
  readonly outages: RulesDriverParts['outages'];
  readonly live: LiveState;
  /** The last commit before the start. */
  readonly seq: number;
  readonly historian: Historian;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Parts that are made after the rules; asked once they are there. */
export interface LaterParts {
  readonly alarms: Pick<Alarms, 'apply' | 'known' | 'ruleEnded'>;
  readonly ingest: Pick<Ingest, 'state'>;
}

/** Rules, between telemetry and alarms. */
export interface RulesWatch extends Pick<RulesDriver, 'watched' | 'untilRead' | 'explain' | 'faultOf'> {
  /** Begins to watch. @returns how to stop */
  start(): () => Promise<void>;
  /** For `readyz`. */
  readonly check: { readonly name: string; readonly check: () => void };
}

const MS = 1_000;
const HOUR_MS = 3_600_000;
/** What is usual is learnt from so much of the past. */
const USUAL_MS = 8 * 7 * 24 * HOUR_MS;

/** What a parameter did in each whole hour before now. */
const hoursOf =
  ({ control, clock, historian }: RulesWiringParts) =>
  async (factoryId: number, deviceId: string, parameter: string): Promise<readonly HourFigures[]> => {
    const scope = control.accounts.factories.byNumber(factoryId)?.scope;
    const known = scope && control.catalogue.device(scope, deviceId)?.parameters.find(({ name }) => name === parameter);
    if (scope === undefined || known === undefined || known.kind !== 'number') return [];
    const to = Math.floor(clock.trustedNow() / HOUR_MS) * HOUR_MS;
    const { seriesId, kind, also } = known;
    const asked = { series: [{ seriesId, parameter, kind, also }], from: to - USUAL_MS, to, interval: '1h' } as const;
    const answer = await historian.query(scope, asked);
    if (answer.interval === 'raw') return [];
    return answer.series.flatMap(({ points }) =>
      points.flatMap(({ t: start, avg, min, max, count }) =>
        avg === null || typeof min !== 'number' || typeof max !== 'number' ? [] : [{ start, avg, min, max, count }],
      ),
    );
  };

/** Alarms end where their rule is not for their device any more. */
function followEnds({ control, log }: RulesWiringParts, later: () => LaterParts): void {
  const { catalogue, devices, rules } = control;
  const end = (scope: FactoryScope, rule: Rule, deviceId: string) => {
    later()
      .alarms.ruleEnded(scope, rule, 'device_out_of_rule', deviceId)
      .catch((error: unknown) => log.error({ err: error }, 'alarms of a rule could not be cleared'));
  };
  rules.onChanged((scope, { kind, rule, previous }) => {
    if (kind === 'removed' || previous === undefined || !rule.definition.is_active) return;
    for (const device of catalogue.devices(scope)) {
      if (watches(previous.definition, device) && !watches(rule.definition, device)) end(scope, rule, device.id);
    }
  });
  devices.onTagsChanged((scope, device) => {
    for (const rule of rules.all(scope)) {
      const { definition } = rule;
      const isOut = definition.is_active && definition.tags.length > 0 && !watches(definition, device);
      if (isOut) end(scope, rule, device.id);
    }
  });
}

function show({ registry }: Metrics, { figures }: { readonly figures: () => RulesDriver['figures'] }): void {
  const [counter, gauge] = ['counter', 'gauge'] as const;
  showFigures(registry, [
    {
      name: 'factoryops_rules_instances',
      help: 'Rules times the devices that they watch.',
      kind: gauge,
      read: () => figures().instances,
    },
    {
      name: 'factoryops_rules_folded_rows_total',
      help: 'Samples that rules have looked at.',
      kind: counter,
      read: () => figures().folded,
    },
    {
      name: 'factoryops_rules_too_late_total',
      help: 'Times that samples came too late for a rule.',
      kind: counter,
      read: () => figures().tooLate,
    },
    {
      name: 'factoryops_rules_queue_rows',
      help: 'Samples on their way to the rules.',
      kind: gauge,
      read: () => figures().rows,
    },
    {
      name: 'factoryops_rules_lag_seconds',
      help: 'For how long the oldest of them has been.',
      kind: gauge,
      read: () => figures().lagMs / MS,
    },
    {
      name: 'factoryops_rules_reports_waiting',
      help: 'Reports of rules that are not written down yet.',
      kind: gauge,
      read: () => figures().reports,
    },
    {
      name: 'factoryops_rules_catch_ups_total',
      help: 'Times that rules have read from disk what they had missed.',
      kind: counter,
      read: () => figures().catchUps,
    },
    {
      name: 'factoryops_rules_snapshots_total',
      help: 'Snapshots of rules that were stored.',
      kind: counter,
      read: () => figures().snapshots,
    },
    {
      name: 'factoryops_rules_restarts_total',
      help: 'Times that the thread of the rules had to be started again.',
      kind: counter,
      read: () => figures().restarts,
    },
    {
      name: 'factoryops_rules_dropped',
      help: 'Rules that are left out, because they could not be evaluated.',
      kind: gauge,
      read: () => figures().dropped,
    },
  ]);
}

/** What watches rules: the engine in its thread, told of everything, and its reports on their way to alarms. */
export function wireRules(parts: RulesWiringParts, later: () => LaterParts): RulesWatch {
  const { config, control, clock, monotonic, metrics, log } = parts;
  const { factories } = control.accounts;
  const tagsOf = (scope: FactoryScope, deviceId: string) => control.catalogue.device(scope, deviceId)?.tags ?? [];
  const driver = createRulesDriver({
    startEngine: startRulesThread(control.dataDir.hotDb),
    latenessMs: config.historian.lateness_s * MS,
    graceMs: config.rules.grace_ms,
    returnMs: config.rules.return_s * MS,
    snapshotIntervalMs: config.rules.snapshot_interval_s * MS,
    outages: parts.outages,
    now: () => ({ monotonic: monotonic(), wall: clock.isTrusted ? clock.now() : null }),
    clock: clock.trustedNow,
    scopes: () => factories.list().flatMap(({ scope, archivedAt }) => (archivedAt === null ? [scope] : [])),
    rules: control.rules,
    states: createRuleStates(control.store, clock.trustedNow),
    live: parts.live,
    tagsOf: (factoryId, deviceId) => {
      const scope = factories.byNumber(factoryId)?.scope;
      return scope === undefined ? [] : tagsOf(scope, deviceId);
    },
    seq: parts.seq,
    isStoring: () => later().ingest.state === 'open',
    known: (factoryId, after) => later().alarms.known(factoryId, after),
    apply: (factoryId, reports) => later().alarms.apply(factoryId, reports),
    hours: hoursOf(parts),
    log,
    limits: { rows: config.rules.max_queue_rows, reports: MAX_REPORTS },
  });
  show(metrics, { figures: () => driver.figures });
  return {
    watched: driver.watched,
    untilRead: driver.untilRead,
    explain: driver.explain,
    faultOf: driver.faultOf,
    start: () => {
      followEnds(parts, later);
      control.devices.onTagsChanged((_, { id }) => driver.tagsChanged(id));
      factories.onChanged(driver.factoriesChanged);
      driver.start();
      return driver.stop;
    },
    check: {
      name: 'rules',
      check: () => {
        if (driver.fault !== undefined) throw new AppError('unavailable', `rules are not watched: ${driver.fault}`);
      },
    },
  };
}

/** Reports that are not written down; the engine is asked no further then. */
const MAX_REPORTS = 10_000;
