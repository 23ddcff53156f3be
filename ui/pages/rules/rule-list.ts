import type { Alarm, Device, Rule } from '../../api/schema.ts';
import { appliedText, appliedTo, variedDevices } from './applied-devices.ts';
import { choicesOf, type DeviceParameters, knownOf } from './parameter-choices.ts';
import { ruleDraftOf, SEVERITIES } from './rule-draft.ts';
import { conditionText } from './sentence.ts';

/** What the list shows of a rule. */
export interface ListedRule {
  readonly rule: Rule;
  /** Its condition as a sentence, and that of its levels. */
  readonly sentence: string;
  readonly devices: string;
  readonly deviceCount: number;
  /** Alarms that stand now. */
  readonly standing: number;
  /** Epoch ms; null: none is among the alarms that were looked at. */
  readonly lastFiredAt: number | null;
  /** What is looked through, in lower case. */
  readonly searched: string;
}

export const FILTERS = ['all', 'firing', 'stopped', 'active', 'resting'] as const;
export type Filter = (typeof FILTERS)[number];

export const filterOf = (word: string | undefined): Filter => FILTERS.find((filter) => filter === word) ?? 'all';

/** The worst severity that a rule may raise. */
export const worstOf = ({ severity, levels }: Pick<Rule, 'severity' | 'levels'>): Rule['severity'] =>
  [severity, ...levels.map((level) => level.severity)].toSorted(
    (left, right) => SEVERITIES.indexOf(right) - SEVERITIES.indexOf(left),
  )[0] ?? severity;

/** For sorting: worst first. */
export const rankOf = ({ rule }: ListedRule): number => -SEVERITIES.indexOf(worstOf(rule));

/** Devices that tell the units of the rules: of each rule one, and others as different as can be. */
export function tellingDevices(rules: readonly Rule[], devices: readonly Device[], most: number): readonly Device[] {
  const ofRules = rules.flatMap((rule) => appliedTo(rule, devices).slice(0, 1));
  return [...new Set([...ofRules, ...variedDevices(devices, most)])].slice(0, most);
}

/**
 * Rules with all that the list says of them; a value has the unit that one of the rule's own devices sends.
 *
 * @param alarms - the newest ones, and those that are open
 * @param parameters - of some of the devices
 */
export function listedRules(
  rules: readonly Rule[],
  devices: readonly Device[],
  alarms: readonly Alarm[],
  parameters: readonly DeviceParameters[],
): readonly ListedRule[] {
  const fired = new Map<string, number>();
  const standing = new Map<string, number>();
  for (const { rule_id: id, raised_at: raisedAt, cleared_at: clearedAt } of alarms) {
    fired.set(id, Math.max(fired.get(id) ?? 0, Date.parse(raisedAt)));
    if (clearedAt === null) standing.set(id, (standing.get(id) ?? 0) + 1);
  }
  return rules.map((rule) => {
    const applied = appliedTo(rule, devices);
    const own = new Set(applied.map(({ id }) => id));
    const known = knownOf(choicesOf(parameters.filter(({ id }) => own.has(id))));
    const sentence = conditionText(ruleDraftOf(rule).when, known);
    const who = appliedText(rule, devices);
    return {
      rule,
      sentence,
      devices: who,
      deviceCount: applied.length,
      standing: standing.get(rule.id) ?? 0,
      lastFiredAt: fired.get(rule.id) ?? null,
      searched: `${rule.name}\n${sentence}\n${who}`.toLowerCase(),
    };
  });
}

/** One that has stopped does not watch, though it is on. */
const passes = ({ rule, standing }: ListedRule, filter: Filter): boolean =>
  ({
    all: true,
    firing: standing > 0,
    active: rule.is_active && rule.fault === null,
    resting: !rule.is_active,
    stopped: rule.fault !== null,
  })[filter];

/** Those that hold every word typed, and are in the state asked for. */
export function matching(rules: readonly ListedRule[], typed: string, filter: Filter): readonly ListedRule[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter((rule) => passes(rule, filter) && words.every((word) => rule.searched.includes(word)));
}

/** How many rules each filter would show. */
export const countsOf = (rules: readonly ListedRule[]): Readonly<Record<Filter, number>> => ({
  all: rules.length,
  firing: rules.filter((rule) => passes(rule, 'firing')).length,
  active: rules.filter((rule) => passes(rule, 'active')).length,
  resting: rules.filter((rule) => passes(rule, 'resting')).length,
  stopped: rules.filter((rule) => passes(rule, 'stopped')).length,
});
