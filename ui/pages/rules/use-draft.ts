import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Rule } from '../../api/schema.ts';
import { factory } from '../../state/session.ts';
import { keepDraft, keptDraft, takeBegun } from './kept-drafts.ts';
import { emptyDraft, type RuleDraft, ruleDraftOf, saysSame } from './rule-draft.ts';

/** What one edits of a rule. */
export interface Draft {
  /** What is saved, as far as is known; undefined for a rule that is not there yet. */
  readonly saved: Rule | undefined;
  /** What is changed: as it was saved when one began. */
  readonly base: RuleDraft;
  readonly draft: RuleDraft;
  readonly isChanged: boolean;
  /** The changes are of before, and were kept over a way back in the browser. */
  readonly wasKept: boolean;
  /** Somebody else has saved what the changes know nothing of. */
  readonly isBehind: boolean;
  setDraft(draft: RuleDraft): void;
  /** What one has saved. @param sent - the draft that it was; what has been changed since stays a change */
  settle(rule: Rule, sent?: RuleDraft): void;
  /** Back to what is saved. */
  discard(): void;
  forget(): void;
}

/**
 * The changes on a rule. What somebody else saves meanwhile is taken over where nothing is changed, and kept away from
 * changes until they are saved or given up.
 *
 * @param told - what the appliance said last; it may be older than what one has saved oneself
 */
export function useDraft(id: string, told: Rule | undefined): Draft {
  const keyOf = (ruleId: string) => `${factory.value?.id ?? ''} ${ruleId}`;
  const key = keyOf(id);
  const [basis, setBasis] = useState(told);
  const saved = told !== undefined && basis !== undefined && told.version < basis.version ? basis : told;
  const [base, setBase] = useState(() => (told === undefined ? emptyDraft() : ruleDraftOf(told)));
  const [wasKept] = useState(() => keptDraft(key) !== undefined);
  const [draft, setDraft] = useState(() => keptDraft(key) ?? (told === undefined ? takeBegun() : undefined) ?? base);
  const isChanged = !saysSame(draft, base);
  const isBehind = saved?.version !== basis?.version;
  const latest = useRef(draft);
  latest.current = draft;
  const settle = (rule: Rule, sent = latest.current) => {
    const next = ruleDraftOf(rule);
    const isLate = latest.current !== sent;
    setBasis(rule);
    setBase(next);
    keepDraft(key, undefined);
    // A new rule goes on at its own address, and takes along what has been changed since.
    if (isLate) keepDraft(keyOf(rule.id), latest.current);
    if (!isLate || rule.id !== id) setDraft(next);
  };
  useLayoutEffect(() => keepDraft(key, isChanged ? draft : undefined), [key, draft, isChanged]);
  // Before it is painted: what is typed next is a change of what is seen.
  useLayoutEffect(() => {
    if (isBehind && !isChanged && saved !== undefined) settle(saved);
  }, [isBehind, isChanged, saved]);
  return {
    saved,
    base,
    draft,
    isChanged,
    wasKept,
    isBehind,
    setDraft,
    settle,
    discard: () => (saved === undefined ? setDraft(base) : settle(saved)),
    forget: () => keepDraft(key, undefined),
  };
}
