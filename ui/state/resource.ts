import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';

/** Something fetched. While it is fetched anew, the answer before stays. */
export interface Resource<Data> {
  readonly data: Data | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  /** Fetches again. */
  reload(): void;
  /** Shows a known answer, such as what a PATCH has returned, without fetching. */
  set(data: Data): void;
}

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

  // Not an effect: those wait for a paint, and what is asked for before it comes that much earlier.
  useLayoutEffect(() => {
    const left = new AbortController();
    setState((before) =>
      before.key === key && before.isLoading
        ? before
        : { ...before, key, data: before.key === key || keepsData ? before.data : undefined, isLoading: true },
    );
    latest.current(left.signal).then(
      (data) => {
        if (!left.signal.aborted) setState({ key, data, error: undefined, isLoading: false });
      },
      (error: unknown) => {
        if (left.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ ...before, error, isLoading: false }));
      },
    );
    return () => left.abort();
  }, [key, round, keepsData]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  const set = useCallback((data: Data) => setState({ key, data, error: undefined, isLoading: false }), [key]);
  const isCurrent = state.key === key || keepsData;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    isLoading: !isCurrent || state.isLoading,
    reload,
    set,
  };
}
