import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';

/** Typing asks once, after a while (ms). */
const PAUSE_MS = 250;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** A list as far as it has been read. */
export interface Pages<Item> {
  /** Undefined before the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Reads on. */
  older(): void;
  /** From the beginning again. */
  again(): void;
}

interface State<Item> {
  readonly page: Page<Item> | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
}

/**
 * A list that is read page by page, from its beginning when the question is another.
 *
 * @param key - the question
 * @param wanted - so many items come at once, at least, if there are so many: what is looked through for one page is bounded
 * @param ask - asks for a page behind a cursor
 */
export function usePages<Item>(
  key: string,
  wanted: number,
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>,
): Pages<Item> {
  const [state, setState] = useState<State<Item>>({ page: undefined, error: undefined, isLoading: true });
  const [round, setRound] = useState(0);
  const isFirst = useRef(true);
  const leaving = useRef<AbortController | undefined>(undefined);

  const readSome = async (before: Page<Item> | undefined, signal: AbortSignal): Promise<Page<Item>> => {
    const items: Item[] = [];
    let cursor = before?.next_cursor ?? undefined;
    for (;;) {
      const page = await ask(cursor, signal);
      items.push(...page.items);
      if (page.next_cursor === null || items.length >= wanted) {
        return { items: [...(before?.items ?? []), ...items], next_cursor: page.next_cursor };
      }
      cursor = page.next_cursor;
    }
  };

  const read = (before: Page<Item> | undefined, signal: AbortSignal) => {
    readSome(before, signal).then(
      (page) => {
        if (!signal.aborted) setState({ page, error: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState({ page: before, error, isLoading: false });
      },
    );
  };

  useEffect(() => {
    const left = new AbortController();
    leaving.current = left;
    setState((before) => ({ ...before, isLoading: true }));
    const timer = setTimeout(() => read(undefined, left.signal), isFirst.current ? 0 : PAUSE_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [key, round]);

  const { page, error, isLoading } = state;
  return {
    items: page?.items,
    error,
    isLoading,
    hasMore: page !== undefined && page.next_cursor !== null,
    older: () => {
      const signal = leaving.current?.signal;
      if (isLoading || signal === undefined) return;
      setState((before) => ({ ...before, isLoading: true }));
      read(page, signal);
    },
    again: () => setRound((before) => before + 1),
  };
}
