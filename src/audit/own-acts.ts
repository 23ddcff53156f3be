import { type Actor, currentAct } from '../core/act.ts';
import { AppError } from '../core/errors.ts';
import type { NewEntry } from './content.ts';

/** Acts of one person at once, before they are paced. */
const AT_ONCE = 300;
/** Then one in such a time (ms): 8,640 a day, so that one person needs weeks to fill an audit. */
const PACE_MS = 10_000;
/** People remembered; at the bound the one whose last act is the longest ago starts again. */
const MAX_PEOPLE = 10_000;

const ENTERING = new Set(['auth.sign_in', 'auth.enter_factory']);
const OWN_KINDS = new Set(['user', 'second_factor', 'recovery_code']);

/** What everybody may do, whatever their role. Ending sessions is not paced: there are no more of them than sign-ins. */
const isOwn = ({ id }: Actor, { action, target }: NewEntry) =>
  ENTERING.has(action) || (OWN_KINDS.has(target.kind) && target.id === id);

/**
 * Keeps what people do to their own login, which needs no role, from pushing out of the audit what others did: it cannot be
 * left untold, so it is refused when it comes too fast. In memory: a restart forgets.
 *
 * @param now - ms, monotonic
 */
export function createOwnActs(now: () => number = () => performance.now()) {
  const people = new Map<string, { left: number; at: number }>();
  return {
    /** Counts what is about to be told. @throws {AppError} `too_many`, with the time to wait: then it must not happen */
    count: (entries: readonly NewEntry[]): void => {
      const { actor } = currentAct();
      const acts = actor.kind === 'user' ? entries.filter((entry) => isOwn(actor, entry)).length : 0;
      if (acts === 0) return;
      const at = now();
      const known = people.get(actor.id) ?? { left: AT_ONCE, at };
      const left = Math.min(AT_ONCE, known.left + (at - known.at) / PACE_MS);
      people.delete(actor.id);
      people.set(actor.id, { left: left < acts ? left : left - acts, at });
      const [oldest] = people.keys();
      if (people.size > MAX_PEOPLE && oldest !== undefined) people.delete(oldest);
      if (left >= acts) return;
      const retryAfterS = Math.ceil(((acts - left) * PACE_MS) / 1_000);
      throw new AppError('too_many', `you have signed in or changed your login too often: wait ${retryAfterS} s`, {
        retryAfterS,
      });
    },
  };
}
