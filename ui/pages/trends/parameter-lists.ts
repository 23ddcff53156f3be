import { type ReadonlySignal, signal } from '@preact/signals';
import type { Parameter } from '../../api/schema.ts';
import { isNews, type Kinds, kindsOf } from '../known-parameters.ts';

/** How many devices are asked at once. */
const AT_ONCE = 6;
/** A list that does not know what comes is fetched again, but not at every value. */
const AGAIN_MS = 3_000;

/** A value as the stream brings it. */
interface Value {
  readonly parameter: string;
  readonly value: number | boolean | string;
}

/** The parameters of those devices that somebody wanted to see, kept up to date by what comes. */
export interface ParameterLists {
  /** By the device's id. */
  readonly known: ReadonlySignal<ReadonlyMap<string, readonly Parameter[]>>;
  /** Fetches those that are not known yet. */
  want(ids: Iterable<string>): void;
  /** Fetches all that are known again. */
  renew(): void;
  /** Fetches a device's again when it sends what they do not say. */
  takeLive(id: string, values: readonly Value[]): void;
  /** Whether a parameter that is not in its device's list was looked for again since `doubt` named it first. */
  isSure(id: string, name: string): boolean;
  /** Looks for a parameter again that is not in its device's list, once. */
  doubt(id: string, name: string): void;
}

/**
 * @param fetchList - the parameters of a device; undefined when they could not be fetched: then they are asked for again
 *   as soon as somebody wants them again
 */
export function createParameterLists(
  fetchList: (id: string) => Promise<readonly Parameter[] | undefined>,
  now: () => number,
): ParameterLists {
  const known = signal<ReadonlyMap<string, readonly Parameter[]>>(new Map());
  const kinds = new Map<string, Kinds>();
  const waiting = new Set<string>();
  const underWay = new Set<string>();
  const soon = new Set<string>();
  const askedAt = new Map<string, number>();
  /** What is in doubt, and whether it has been looked for. */
  const doubts = new Map<string, Map<string, boolean>>();

  const fetchOne = async (id: string) => {
    waiting.delete(id);
    underWay.add(id);
    askedAt.set(id, now());
    const open = [...(doubts.get(id)?.keys() ?? [])];
    const items = await fetchList(id);
    underWay.delete(id);
    for (const name of open) doubts.get(id)?.set(name, true);
    if (items !== undefined) kinds.set(id, kindsOf(items));
    // A new map even after a failure: doubts have been settled as far as they can be.
    const next = new Map(known.peek());
    known.value = items === undefined ? next : next.set(id, items);
    work();
  };
  const work = () => {
    for (const id of waiting) {
      if (underWay.size >= AT_ONCE) return;
      if (!underWay.has(id)) void fetchOne(id);
    }
  };
  const ask = (ids: Iterable<string>) => {
    for (const id of ids) waiting.add(id);
    work();
  };

  return {
    known,
    want: (ids) => ask([...ids].filter((id) => !known.peek().has(id) && !underWay.has(id))),
    renew: () => ask(known.peek().keys()),
    takeLive: (id, values) => {
      const listed = kinds.get(id);
      if (listed === undefined || soon.has(id)) return;
      if (!values.some(({ parameter, value }) => isNews(listed, parameter, value))) return;
      soon.add(id);
      const askAgain = () => {
        soon.delete(id);
        ask([id]);
      };
      setTimeout(askAgain, Math.max(0, (askedAt.get(id) ?? 0) + AGAIN_MS - now()));
    },
    isSure: (id, name) => doubts.get(id)?.get(name) === true,
    doubt: (id, name) => {
      const ofDevice = doubts.get(id) ?? new Map<string, boolean>();
      if (ofDevice.has(name)) return;
      doubts.set(id, ofDevice.set(name, false));
      ask([id]);
    },
  };
}
