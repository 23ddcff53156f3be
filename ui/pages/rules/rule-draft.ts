import type { Reply } from '../../api/client.ts';
import type { Operations, Rule } from '../../api/schema.ts';
import {
  conditionOf,
  type DraftGroup,
  draftOf,
  isGroup,
  leavesOf,
  newGroup,
  newId,
  newLeaf,
  pointersOf,
  rootOf,
  type Severity,
} from './condition-draft.ts';
import { isComplete } from './leaf-edits.ts';

export type RuleBody = Operations['POST /rules']['body'];
type Saved = Omit<Reply<'GET /rules/{id}/versions'>['items'][number], 'version' | 'made_at' | 'made_by'>;
export type Schedule = NonNullable<Rule['schedule']>;

/** A further severity. */
export interface DraftLevel {
  readonly id: number;
  readonly severity: Severity;
  readonly when: DraftGroup;
}

/** A rule while it is edited. */
export interface RuleDraft extends Omit<Saved, 'condition' | 'levels'> {
  readonly when: DraftGroup;
  readonly levels: readonly DraftLevel[];
}

/** Least first. */
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/** What a saved rule, or a version of one, says. */
export function ruleDraftOf(rule: Saved): RuleDraft {
  return {
    name: rule.name,
    guidance: rule.guidance,
    is_active: rule.is_active,
    device_ids: rule.device_ids,
    tags: rule.tags,
    severity: rule.severity,
    cooldown_seconds: rule.cooldown_seconds,
    keep_firing_seconds: rule.keep_firing_seconds,
    schedule: rule.schedule,
    suppressed_by: rule.suppressed_by,
    note_required: rule.note_required,
    notifications: rule.notifications,
    escalation: rule.escalation,
    when: rootOf(rule.condition),
    levels: rule.levels.map(({ severity, condition }) => ({ id: newId(), severity, when: rootOf(condition) })),
  };
}

/** A rule that says nothing yet. */
export const emptyDraft = (when: DraftGroup = newGroup('all')): RuleDraft => ({
  name: '',
  guidance: '',
  is_active: true,
  device_ids: [],
  tags: [],
  severity: 'high',
  cooldown_seconds: 0,
  keep_firing_seconds: 0,
  schedule: null,
  suppressed_by: [],
  note_required: false,
  notifications: [],
  escalation: [],
  when,
  levels: [],
});

/** The draft as the API takes it. */
export function bodyOf({ when, levels, ...rest }: RuleDraft): RuleBody {
  return {
    ...rest,
    name: rest.name.trim(),
    guidance: rest.guidance.trim(),
    condition: conditionOf(when),
    levels: levels.map(({ severity, when: inner }) => ({ severity, condition: conditionOf(inner) })),
  };
}

/** What of a draft is not as it was: the rest is left to whoever changes it meanwhile. */
export function changesOf(base: RuleDraft, draft: RuleDraft): Partial<RuleBody> {
  const before = bodyOf(base);
  const isChanged = ([member, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(before[member as keyof RuleBody]);
  return Object.fromEntries(Object.entries(bodyOf(draft)).filter(isChanged));
}

/** Whether two drafts say the same. */
export const saysSame = (one: RuleDraft, other: RuleDraft): boolean => Object.keys(changesOf(one, other)).length === 0;

/** Whether nothing is missing in any of its conditions: only then is there something to replay. */
export const isWhole = ({ when, levels, cooldown_seconds, keep_firing_seconds }: RuleDraft): boolean =>
  !Number.isNaN(cooldown_seconds + keep_firing_seconds) &&
  [when, ...levels.map((level) => level.when)].every((root) => leavesOf(root).every(isComplete));

/** JSON pointers of all parts of its conditions, by their ids. */
export const rulePointers = ({ when, levels }: RuleDraft): ReadonlyMap<number, string> =>
  new Map([
    ...pointersOf(when, '/condition'),
    ...levels.flatMap((level, place) => [
      [level.id, `/levels/${place}`] as const,
      ...pointersOf(level.when, `/levels/${place}/condition`),
    ]),
  ]);

/** The severities that a rule does not have yet, worst first. */
export const freeSeverities = ({ severity, levels }: Pick<RuleDraft, 'severity' | 'levels'>): readonly Severity[] =>
  SEVERITIES.filter((one) => one !== severity && levels.every((level) => level.severity !== one)).toReversed();

/** A further severity, with the rule's own condition to change: that is what it mostly is. */
export function withLevel(draft: RuleDraft): RuleDraft {
  const [severity] = freeSeverities(draft);
  if (severity === undefined) return draft;
  const copy = draftOf(conditionOf(draft.when));
  const when = isGroup(copy) ? copy : newGroup('all', [copy]);
  return { ...draft, levels: [...draft.levels, { id: newId(), severity, when }] };
}

export const EXAMPLES = ['limit', 'silent', 'rising', 'unusual', 'state'] as const;
export type Example = (typeof EXAMPLES)[number];

/** A condition to begin with. Parameters are left open: every factory has its own. */
export function exampleCondition(example: Example): DraftGroup {
  const leaf = newLeaf();
  if (example === 'limit')
    return newGroup('all', [{ ...leaf, operator: 'gt', value: 80, hysteresis: 3, forSeconds: 60 }]);
  if (example === 'silent') return newGroup('all', [{ ...leaf, operator: 'no_data', forSeconds: 300 }]);
  if (example === 'rising') {
    return newGroup('all', [{ ...leaf, operator: 'rate_of_change', value: 5, per: 'minute', span: 60 }]);
  }
  if (example === 'unusual') return newGroup('all', [{ ...leaf, operator: 'deviates', sigmas: 4, forSeconds: 300 }]);
  return newGroup('all', [
    { ...leaf, operator: 'eq', value: true },
    { ...newLeaf(), operator: 'lt', value: 6, forSeconds: 30 },
  ]);
}
