import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ApiError, call } from '../../api/client.ts';
import type { Alarm } from '../../api/schema.ts';
import { alarmsVersion, isOpen } from '../../state/alarms.ts';
import { useResource } from '../../state/resource.ts';
import { onStream } from '../../state/stream.ts';
import { bySeverity } from './alarm-order.ts';

const PAGE = 500;
/** Of more alarms than this nobody reads a list. */
const MAX_LISTED = 5_000;
/** A flood is drawn a few times a second, and not once for each alarm. */
const FLUSH_MS = 250;
/** What has changed since the list was fetched; beyond it the list is fetched anew. */
const MAX_NEWS = 5_000;

interface Listed {
  readonly items: readonly Alarm[];
  readonly isCut: boolean;
}

async function fetchOpen(signal: AbortSignal): Promise<Listed> {
  const items: Alarm[] = [];
  let cursor: string | undefined;
  do {
    const query = { status: 'active,acknowledged,cleared', shelved: 'false', suppressed: 'false' } as const;
    const page = await call('GET /alerts', { query: { ...query, limit: PAGE, ...(cursor && { cursor }) }, signal });
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < MAX_LISTED);
  return { items, isCut: cursor !== undefined };
}

/** Alarms that are to be looked at, the worst first. */
export interface OpenAlarms {
  /** Undefined until the first answer. */
  readonly alarms: readonly Alarm[] | undefined;
  /** There are more than can be listed. */
  readonly isCut: boolean;
  readonly error: ApiError | undefined;
  reload(): void;
  /** Shows what an answer says of an alarm. */
  take(alarm: Alarm): void;
}

/** Fetches them, and follows what happens to them. */
export function useOpenAlarms(): OpenAlarms {
  const news = useRef(new Map<string, Alarm>());
  const [version, setVersion] = useState(0);
  const { data, error, reload } = useResource(
    `open alarms ${alarmsVersion()}`,
    (signal) => {
      // The answer will know of them; what comes while it is on its way holds beside it.
      news.current.clear();
      return fetchOpen(signal);
    },
    { keepsData: true },
  );
  const flush = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const take = useRef((alarm: Alarm) => {
    news.current.set(alarm.id, alarm);
    flush.current ??= setTimeout(() => {
      flush.current = undefined;
      if (news.current.size > MAX_NEWS) reload();
      setVersion((before) => before + 1);
    }, FLUSH_MS);
  });
  useLayoutEffect(() => {
    const stop = onStream('alarm', take.current);
    return () => {
      stop();
      clearTimeout(flush.current);
    };
  }, []);
  const alarms = useMemo(() => {
    if (data === undefined) return undefined;
    const all = new Map(data.items.map((alarm) => [alarm.id, alarm]));
    for (const [id, alarm] of news.current) all.set(id, alarm);
    return [...all.values()].filter(isOpen).toSorted(bySeverity);
  }, [data, version]);
  return { alarms, isCut: data?.isCut === true, error, reload, take: take.current };
}
