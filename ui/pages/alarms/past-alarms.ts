import { call } from '../../api/client.ts';
import type { Alarm } from '../../api/schema.ts';
import { type Pages, usePages } from '../../state/pages.ts';

const WANTED = 100;

export type HistoryQuery = Readonly<Record<'q' | 'severity' | 'device_id' | 'from' | 'to', string>>;

/** What a question leaves of all alarms, the newest first; older ones when they are asked for. */
export const usePastAlarms = (query: HistoryQuery): Pages<Alarm> =>
  usePages(JSON.stringify(query), WANTED, (cursor, signal) =>
    call('GET /alerts', { query: { ...query, limit: WANTED, ...(cursor && { cursor }) }, signal }),
  );
