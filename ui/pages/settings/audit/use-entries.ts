import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import { type Filters, queryOf } from './filters.tsx';
import type { Entry } from './wording.ts';

/** So many come at once, at least, if there are so many. */
const WANTED = 50;
/** Typing asks once, after a while (ms). */
const PAUSE_MS = 250;

/** The audit as far as it has been read, newest first. */
export interface ReadEntries {
  readonly entries: readonly Entry[] | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  older(): void;
  retry(): void;
}

interface Page {
  readonly items: readonly Entry[];
  readonly next_cursor: string | null;
}

const ask = (filters: Filters, cursor: string | undefined, signal: AbortSignal): Promise<Page> => {
  const query = { ...queryOf(filters), limit: WANTED, ...(cursor !== undefined && { cursor }) };
  return filters.isWide ? call('GET /audit/appliance', { query, signal }) : call('GET /audit', { query, signal });
};

/** Reads on until there is something to show: what is looked through for one page is bounded. */
async function readSome(filters: Filters, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  const items: Entry[] = [];
  let next = cursor;
  for (;;) {
    const page = await ask(filters, next, signal);
    items.push(...page.items);
    if (page.next_cursor === null || items.length >= WANTED) return { items, next_cursor: page.next_cursor };
    next = page.next_cursor;
  }
}

interface State {
  readonly key: string;
  readonly page: Page | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
}

/** What the filters leave of the audit; older entries when they are asked for. */
export function useEntries(filters: Filters): ReadEntries {
  const key = JSON.stringify(filters);
  const [state, setState] = useState<State>({ key, page: undefined, error: undefined, isLoading: true });
  const [round, setRound] = useState(0);
  const isFirst = useRef(true);
  const leaving = useRef<AbortController | undefined>(undefined);

  const read = (before: Page | undefined, signal: AbortSignal) => {
    readSome(filters, before?.next_cursor ?? undefined, signal).then(
      ({ items, next_cursor }) => {
        if (signal.aborted) return;
        const page = { items: [...(before?.items ?? []), ...items], next_cursor };
        setState({ key, page, error: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState({ key, page: before, error, isLoading: false });
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
    entries: page?.items,
    error,
    isLoading,
    hasMore: page !== undefined && page.next_cursor !== null,
    older: () => {
      const signal = leaving.current?.signal;
      if (isLoading || signal === undefined) return;
      setState((before) => ({ ...before, isLoading: true }));
      read(page, signal);
    },
    retry: () => setRound((before) => before + 1),
  };
}
