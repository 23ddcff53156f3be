import { type Act, currentAct, withinAct } from '../core/act.ts';
import type { Clock } from '../core/clock.ts';
import type { NewEntry, Target } from './content.ts';

/** Something that was refused to somebody: a sign-in, a key, what their role does not allow. */
export interface RefusedAct {
  readonly action: string;
  readonly target: Target;
  /** Whose admins see it, beside the owners. */
  readonly factoryId?: number | null | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** So long are the same ones counted instead of written (ms). */
const WINDOW_MS = 3_600_000;
/** Different ones of an action written in that time; of further ones only the number is. */
const MAX_WRITTEN = 50;

interface Counted {
  readonly act: Act;
  readonly refused: RefusedAct;
  readonly firstAt: number;
  count: number;
}

/**
 * Keeps guessing from filling the audit. The first refusal of each kind (what, of whom, from where) is written at once; its
 * repeats within an hour are counted, and their number is written when the hour is over. Of more than fifty different ones
 * of an action only one number is written: so at most 101 entries an hour for each of the few actions, whoever tries whatever.
 */
export interface RefusedActs {
  /** On behalf of the current act. What cannot be written is logged: it is refused all the same. */
  note(refused: RefusedAct): void;
  /** Writes what was counted, if its time has come; at the end, whatever there is. */
  settle(isEnd?: boolean): void;
}

export function createRefusedActs(parts: {
  readonly clock: Clock;
  readonly write: (entries: readonly NewEntry[]) => void;
  readonly onFault: (error: unknown) => void;
}): RefusedActs {
  const { clock, write, onFault } = parts;
  const known = new Map<string, Counted>();
  let beganAt = clock.now();
  const different = new Map<string, number>();
  const others = new Map<string, number>();

  const attempt = (fn: () => void) => {
    try {
      fn();
    } catch (error) {
      onFault(error);
    }
  };
  const entryOf = ({ action, target, factoryId = null, details }: RefusedAct, more = {}): NewEntry => ({
    action,
    factoryId,
    target,
    content: { details: { ...details, ...more } },
  });
  const since = (ms: number) => new Date(ms).toISOString();

  const settle = (isEnd = false) => {
    const now = clock.now();
    // A clock set back must not keep the hour from ending.
    if (!isEnd && now >= beganAt && now < beganAt + WINDOW_MS) return;
    const repeated = [...known.values()].filter(({ count }) => count > 0);
    const [left, from] = [[...others], beganAt];
    for (const counts of [known, different, others]) counts.clear();
    beganAt = now;
    for (const { act, refused, firstAt, count } of repeated) {
      attempt(() => withinAct(act, () => write([entryOf(refused, { repeats: count, since: since(firstAt) })])));
    }
    for (const [action, more] of left) {
      const target = { kind: 'audit', id: '', name: action };
      const entry = entryOf({ action: 'auth.more_refused', target, details: { more, since: since(from) } });
      attempt(() => withinAct({ address: '', requestId: '' }, () => write([entry])));
    }
  };

  return {
    settle,
    note: (refused) => {
      settle();
      const act = currentAct();
      const { action } = refused;
      const { kind, id } = act.actor;
      const key = JSON.stringify([action, refused.target, kind, id, act.address]);
      const counted = known.get(key);
      if (counted !== undefined) counted.count += 1;
      else if ((different.get(action) ?? 0) >= MAX_WRITTEN) others.set(action, (others.get(action) ?? 0) + 1);
      else {
        different.set(action, (different.get(action) ?? 0) + 1);
        known.set(key, { act, refused, firstAt: clock.now(), count: 0 });
        attempt(() => write([entryOf(refused)]));
      }
    },
  };
}
