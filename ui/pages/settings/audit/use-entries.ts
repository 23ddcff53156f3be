import { call } from '../../../api/client.ts';
import { type Pages, usePages } from '../../../state/pages.ts';
import { type Filters, queryOf } from './filters.tsx';
import type { Entry } from './wording.ts';

const WANTED = 50;

/** What the filters leave of the audit, newest first; older entries when they are asked for. */
export const useEntries = (filters: Filters): Pages<Entry> =>
  usePages(JSON.stringify(filters), WANTED, (cursor, signal) => {
    const query = { ...queryOf(filters), limit: WANTED, ...(cursor !== undefined && { cursor }) };
    return filters.isWide ? call('GET /audit/appliance', { query, signal }) : call('GET /audit', { query, signal });
  });
