import type { Device, Replay, Rule, RuleVersion } from '../../api/schema.ts';
import type { AlarmBand } from '../../charts/alarm-bands.ts';
import type { RuleLimit } from '../../charts/rule-limits.ts';
import { appliedTo } from './applied-devices.ts';
import { type DraftGroup, type DraftLeaf, leavesOf, type Severity } from './condition-draft.ts';
import { ruleDraftOf } from './rule-draft.ts';

/** What of a rule is drawn: its limits, and when it fires. */

/** The conditions of a rule with their severities. */
interface Levelled {
  readonly severity: Severity;
  readonly when: DraftGroup;
}

type Line = Omit<RuleLimit, 'parameter' | 'severity'>;

const UPPER: ReadonlySet<string> = new Set(['gt', 'gte']);
const LOWER: ReadonlySet<string> = new Set(['lt', 'lte']);

/** Aggregates that are as large as the values they are taken of. */
const SAME_SCALE: ReadonlySet<string | undefined> = new Set([undefined, 'avg', 'min', 'max', 'last']);

/** Where a comparison begins to hold, and where it is over again. */
function linesOf(leaf: DraftLeaf): Line[] {
  const { operator, value, other, low, high, hysteresis = 0, aggregate } = leaf;
  if (!SAME_SCALE.has(aggregate)) return [];
  const lines: Line[] = [];
  const add = (limit: number | undefined, side: Line['side'], release: number) => {
    if (limit === undefined) return;
    lines.push({ value: limit, side });
    if (hysteresis > 0)
      lines.push({ value: Number((limit + release * hysteresis).toPrecision(12)), side, isRelease: true });
  };
  const limit = typeof value === 'number' && other === undefined ? value : undefined;
  if (UPPER.has(operator)) add(limit, 'high', -1);
  if (LOWER.has(operator)) add(limit, 'low', 1);
  // Outside: above the upper or below the lower one. Between: the other way round, and so is what ends it.
  if (operator === 'outside') {
    add(high, 'high', -1);
    add(low, 'low', 1);
  }
  if (operator === 'between') {
    add(low, 'high', -1);
    add(high, 'low', 1);
  }
  return lines;
}

/** The limits of a rule as lines: of comparisons of a parameter with a fixed value. */
export const limitsOf = (levels: readonly Levelled[]): RuleLimit[] =>
  levels.flatMap(({ severity, when }) =>
    leavesOf(when).flatMap((leaf) => linesOf(leaf).map((line) => ({ ...line, parameter: leaf.parameter, severity }))),
  );

/** Every parameter that a rule reads, each once. */
export const parametersOf = (levels: readonly Pick<Levelled, 'when'>[]): readonly string[] => [
  ...new Set(
    levels
      .flatMap(({ when }) => leavesOf(when))
      .flatMap(({ parameter, other }) => [parameter.trim(), other?.trim() ?? ''])
      .filter((name) => name !== ''),
  ),
];

type ReplayedDevice = Replay['devices'][number];

/** When a rule would have stood on a device, each part in the severity that it had; in all charts of the device. */
export const bandsOf = ({ device_id: deviceId, firings }: Pick<ReplayedDevice, 'device_id' | 'firings'>): AlarmBand[] =>
  firings.flatMap(({ raised_at, cleared_at, severity, changes }) => {
    const from = Date.parse(raised_at);
    const steps = changes.flatMap((change) =>
      change.severity === null ? [] : [{ at: Math.max(from, Date.parse(change.at)), severity: change.severity }],
    );
    const parts = steps.length > 0 ? steps : [{ at: from, severity }];
    return parts.map((part, place) => ({
      id: `${raised_at} ${place}`,
      deviceId,
      parameter: null,
      severity: part.severity,
      from: part.at,
      to: parts[place + 1]?.at ?? (cleared_at === null ? null : Date.parse(cleared_at)),
    }));
  });

/** The limits of a rule, or of a version of one, on some devices. */
function limitsOn(
  rule: Omit<RuleVersion, 'version' | 'made_at' | 'made_by'>,
  deviceIds: ReadonlySet<string>,
): RuleLimit[] {
  const { severity, when, levels } = ruleDraftOf(rule);
  // Where one is over would be too much beside what it is about.
  return limitsOf([{ severity, when }, ...levels])
    .filter(({ isRelease }) => isRelease !== true)
    .map((limit) => ({ ...limit, deviceIds, rule: rule.name }));
}

/** The limits of the rules that watch, each with the devices among these that it is for. */
export const ruleLimits = (rules: readonly Rule[], devices: readonly Device[]): RuleLimit[] =>
  rules
    .filter((rule) => rule.is_active)
    .flatMap((rule) => {
      const deviceIds = new Set(appliedTo(rule, devices).map(({ id }) => id));
      return deviceIds.size === 0 ? [] : limitsOn(rule, deviceIds);
    });

/** The limits of a version that raised an alarm, on the device of the alarm: whatever the rule says now, and of whom. */
export const versionLimits = (version: RuleVersion, deviceId: string): RuleLimit[] =>
  limitsOn(version, new Set([deviceId]));
