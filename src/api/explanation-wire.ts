import * as z from 'zod';
import {
  type Explained,
  type ExplainedLeaf,
  type ExplainWords,
  type Explanation,
  explanationText,
  leafSchema,
  leafText,
  type Rule,
  SEVERITIES,
} from '../rules/rules.ts';
import { isoTime, isoTimeSchema } from './wire.ts';

/** How the API says why a rule fires or does not. */

const isoOrNull = (ms: number | null) => (ms === null ? null : isoTime(ms));
const timeOrNull = isoTimeSchema.nullable();
const severity = z.enum(SEVERITIES);

const leafExplanation = z
  .object({
    kind: z.literal('leaf'),
    holds: z.boolean(),
    text: z.string().meta({ examples: ['temperature is 78.2 °C, 3 s old: not above 80'] }),
    leaf: leafSchema,
    value: z
      .union([z.number(), z.boolean(), z.string()])
      .nullable()
      .describe('What was compared: a value, an average, a rate, a count; null while it is not known'),
    sampled_at: timeOrNull.describe("Of the parameter's newest sample; null before the first"),
    since: timeOrNull.describe('Since when it holds, or would but for `for_seconds`; null: it does not'),
    holds_from: timeOrNull.describe('When `for_seconds` will be over'),
    usual: z
      .object({ center: z.number(), sigma: z.number() })
      .nullable()
      .describe('Of `deviates`: the usual of now; null while too little is known'),
    filled_at: timeOrNull.describe('Of an aggregate: when its window will be filled; null when it is'),
  })
  .meta({ id: 'ExplainedLeaf' });

type LeafExplanation = z.input<typeof leafExplanation>;
type Node =
  | LeafExplanation
  | { readonly kind: 'all' | 'any'; readonly holds: boolean; readonly members: readonly Node[] };

const groupExplanation = z
  .object({
    kind: z.enum(['all', 'any']),
    holds: z.boolean(),
    get members(): z.ZodType<readonly Node[]> {
      return z.array(node);
    },
  })
  .meta({ id: 'ExplainedGroup' });

const node: z.ZodType<Node> = z.union([leafExplanation, groupExplanation]).meta({ id: 'Explained' });

export const explanationSchema = z.object({
  rule_id: z.uuid(),
  rule_version: z.int(),
  device_id: z.uuid(),
  is_active: z.boolean().describe('False: it is switched off, and nothing else is known of it'),
  text: z.string().describe('The answer in a sentence'),
  severity: severity.nullable().describe('Of the alarm that is open; null: none is'),
  levels: z
    .array(z.object({ severity, holds: z.boolean(), condition: node }))
    .describe('Most severe first: the first that holds decides'),
  now: timeOrNull.describe("The device's time, as well as it is known"),
  folded_until: timeOrNull.describe(
    'Until when it was looked at: by the newest sample, or by a clock that waits for none',
  ),
  schedule: z.object({ applies: z.boolean(), until: timeOrNull.describe('Until when that stays so') }).nullable(),
  cooldown_until: timeOrNull.describe('Until when no new alarm is raised; null: one may be'),
  kept_until: timeOrNull.describe(
    'When the alarm clears, if the condition does not hold before; null: nothing is being kept',
  ),
  looks_again_at: timeOrNull.describe('When it looks again if no sample comes before'),
});

function leafReply(explained: ExplainedLeaf, now: number, words: ExplainWords): LeafExplanation {
  const { leaf, value } = explained;
  const isItself = leaf.operator !== 'occurrences' && leaf.operator !== 'rate_of_change' && !('aggregate' in leaf);
  const isBoolean = isItself && typeof value === 'number' && words.shown(leaf.parameter).isBoolean;
  return {
    kind: 'leaf',
    holds: explained.holds,
    text: leafText(explained, now, words),
    leaf: leaf as LeafExplanation['leaf'],
    value: isBoolean ? value !== 0 : value,
    sampled_at: isoOrNull(explained.sampled_at),
    since: isoOrNull(explained.since),
    holds_from: isoOrNull(explained.holds_from),
    usual: explained.usual,
    filled_at: isoOrNull(explained.filled_at),
  };
}

const nodeReply = (explained: Explained, now: number, words: ExplainWords): Node =>
  explained.kind === 'leaf'
    ? leafReply(explained, now, words)
    : { ...explained, members: explained.members.map((member) => nodeReply(member, now, words)) };

const headOf = ({ id, version, definition }: Rule, deviceId: string) => ({
  rule_id: id,
  rule_version: version,
  device_id: deviceId,
  is_active: definition.is_active,
});

export function explanationReply(
  rule: Rule,
  deviceId: string,
  explanation: Explanation,
  words: ExplainWords,
): z.input<typeof explanationSchema> {
  const { now, levels, schedule } = explanation;
  return {
    ...headOf(rule, deviceId),
    text: explanationText(explanation, words),
    severity: explanation.severity,
    levels: levels.map(({ severity, holds, condition }) => ({
      severity,
      holds,
      condition: nodeReply(condition, now, words),
    })),
    now: isoTime(now),
    folded_until: isoOrNull(explanation.folded_until),
    schedule: { applies: schedule.applies, until: isoOrNull(schedule.until) },
    cooldown_until: isoOrNull(explanation.cooldown_until),
    kept_until: isoOrNull(explanation.kept_until),
    looks_again_at: isoOrNull(explanation.looks_again_at),
  };
}

/** Of a rule that is switched off. */
export const offReply = (rule: Rule, deviceId: string): z.input<typeof explanationSchema> => ({
  ...headOf(rule, deviceId),
  text: 'No alarm: the rule is switched off',
  severity: null,
  levels: [],
  now: null,
  folded_until: null,
  schedule: null,
  cooldown_until: null,
  kept_until: null,
  looks_again_at: null,
});
