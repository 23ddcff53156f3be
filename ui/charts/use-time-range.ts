import { useCallback, useMemo } from 'preact/hooks';
import { useQuery } from '../state/query.ts';
import { HOUR, rangeQuery, readRange, type TimeRange } from './range.ts';

/** The time range of a page, kept in its address: `range=1h` or `from=…&to=…`. Not a step of the history each. */
export function useTimeRange(fallback: TimeRange = HOUR): [TimeRange, (range: TimeRange) => void] {
  const { values, set } = useQuery();
  const { range, from, to } = values;
  const current = useMemo(() => readRange({ range, from, to }, fallback), [range, from, to]);
  const choose = useCallback((next: TimeRange) => set(rangeQuery(next), { replace: true }), [set]);
  return [current, choose];
}
