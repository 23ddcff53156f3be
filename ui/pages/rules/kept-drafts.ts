import type { RuleDraft } from './rule-draft.ts';

/** Changes that were not saved when somebody went back in the browser, so that they are there again. */
const kept = new Map<string, RuleDraft>();

/** @param key - the factory and the rule that they are of */
export const keepDraft = (key: string, draft: RuleDraft | undefined): void => {
  if (draft === undefined) kept.delete(key);
  else kept.set(key, draft);
};

export const keptDraft = (key: string): RuleDraft | undefined => kept.get(key);

/** What a new rule begins with, handed over by the page that leads there. */
let begun: RuleDraft | undefined;

export const beginWith = (draft: RuleDraft): void => {
  begun = draft;
};

/** Takes it, once. */
export function takeBegun(): RuleDraft | undefined {
  const draft = begun;
  begun = undefined;
  return draft;
}
