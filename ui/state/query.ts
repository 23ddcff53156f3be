import { useCallback } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';

/** A page's state in its address, so that a link shows the same and the back button goes back. */
export interface Query {
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Changes some values; undefined or empty removes one. `replace` leaves no entry in the history: for typing. */
  set(values: Readonly<Record<string, string | undefined>>, options?: { replace?: boolean }): void;
}

/** `address` with some of its query parameters changed. */
export function withQuery(address: string, values: Readonly<Record<string, string | undefined>>): string {
  const [path = '', search = ''] = address.split('?');
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/** The query parameters of the address of this page. */
export function useQuery(): Query {
  const { query, route } = useLocation();
  const set = useCallback<Query['set']>(
    (values, { replace = false } = {}) => {
      const here = location.pathname + location.search;
      const there = withQuery(here, values);
      if (there !== here) route(there, replace);
    },
    [route],
  );
  return { values: query, set };
}
