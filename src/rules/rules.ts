import type { HistoryEngine } from '../historian/historian.ts';
import type { ReplayContext, ReplayOutcome, ReplayTask } from './replay-history.ts';

export { SEVERITIES, type Severity } from './condition.ts';
export { leafSchema } from './condition-schema.ts';
export {
  definitionSchema,
  MAX_TAGS,
  type Notice,
  patchSchema,
  type RuleDefinition,
  ruleShape,
  tagSchema,
} from './definition.ts';
export {
  createRulesDriver,
  type DriverFigures,
  type RuleFault,
  type RulesDriver,
  type RulesDriverParts,
} from './driver.ts';
export { createEngineSide } from './engine-side.ts';
export type { EngineAnswer, EngineOrder, EngineThread, EngineThreadOptions } from './engine-thread.ts';
export type { EngineNow, EngineOptions, KnownCourse } from './engine-types.ts';
export type { Explained, ExplainedLeaf, Explanation } from './explain.ts';
export { type ExplainWords, explanationText, leafText } from './explain-text.ts';
export type { Firing } from './replay.ts';
export type { ReplayContext, ReplayOutcome, ReplayTask } from './replay-history.ts';
export {
  createReplays,
  type DeviceReplay,
  type ReplayDevice,
  type ReplayRecord,
  type Replays,
  type ReplaysParts,
} from './replays.ts';
export { createRuleStates } from './rule-states.ts';
export {
  createRules,
  isSameWatch,
  type Rule,
  type RuleChange,
  type RulePage,
  type Rules,
  type RuleVersion,
  watches,
} from './rule-store.ts';
export type { Report, Transition } from './transition.ts';
export type { HourFigures } from './usual.ts';

/**
 * Folds a rule over the stored past of a device; see `replay-history.ts`. For a query thread, and loaded when called: the
 * calendar that the fold asks has no business in the others.
 */
export async function replayRule(
  engine: HistoryEngine,
  task: ReplayTask,
  context: ReplayContext,
): Promise<ReplayOutcome> {
  const { replayHistory } = await import('./replay-history.ts');
  return replayHistory(engine, task, context);
}
