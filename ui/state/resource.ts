import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';

/** Something fetched. While it is fetched anew, the answer before stays. */
export interface Resource<Data> {
  readonly data: Data | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  /** Fetches again, at once: what is under way may know nothing of what was done. */
  reload(): void;
  /** Fetches again, once what is under way has come: however often it is called, an answer comes. */
  refresh(): void;
  /** Shows a known answer, such as what a PATCH has returned, without fetching. */
  set(data: Data): void;
}

/** An answer that has not come for so long is not waited for (ms). */
const PATIENCE_MS = 30_000;

/**
 * Fetches on mount and whenever `key` changes, and drops an answer that nobody waits for any more. With `everyMs` it
 * fetches again and again while the page is looked at.
 *
 * @param key - names what is fetched; a change forgets the answer before, unless `keepsData` says that it will do
 */
export function useResource<Data>(
  key: string,
  fetcher: (signal: AbortSignal) => Promise<Data>,
  { everyMs, keepsData = false }: { everyMs?: number; keepsData?: boolean } = {},
): Resource<Data> {
  type State = { key: string; data: Data | undefined; error: ApiError | undefined; isLoading: boolean };
  const [state, setState] = useState<State>({ key, data: undefined, error: undefined, isLoading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(fetcher);
  latest.current = fetcher;
  const reload = useCallback(() => setRound((before) => before + 1), []);
  /** When what is under way was asked for; and whether it is to be asked for again after that. */
  const askedAt = useRef<number | undefined>(undefined);
  const isStale = useRef(false);
  const refresh = useCallback(() => {
    isStale.current = askedAt.current !== undefined && performance.now() - askedAt.current < PATIENCE_MS;
    if (!isStale.current) reload();
  }, [reload]);

  // Not an effect: those wait for a paint, and what is asked for before it comes that much earlier.
  useLayoutEffect(() => {
    const left = new AbortController();
    askedAt.current = performance.now();
    isStale.current = false;
    const end = () => {
      askedAt.current = undefined;
      if (isStale.current) reload();
    };
    setState((before) =>
      before.key === key && before.isLoading
        ? before
        : { ...before, key, data: before.key === key || keepsData ? before.data : undefined, isLoading: true },
    );
    latest.current(left.signal).then(
      (data) => {
        if (left.signal.aborted) return;
        setState({ key, data, error: undefined, isLoading: false });
        end();
      },
      (error: unknown) => {
        if (left.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ ...before, error, isLoading: false }));
        end();
      },
    );
    return () => left.abort();
  }, [key, round, keepsData]);

  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, refresh]);

  const set = useCallback((data: Data) => setState({ key, data, error: undefined, isLoading: false }), [key]);
  const isCurrent = state.key === key || keepsData;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    isLoading: !isCurrent || state.isLoading,
    reload,
    refresh,
    set,
  };
}
