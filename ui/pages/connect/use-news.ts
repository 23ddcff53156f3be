import { useRef } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { useResource } from '../../state/resource.ts';
import { me } from '../../state/session.ts';
import { type Concern, type Logs, type News, newsOf, queryAfter } from './news.ts';

const EVERY_MS = 2_000;

const PROBLEMS = { kind: 'refused,dropped', limit: 500 } as const;

/**
 * Both lists, whole at first, then what came after `before`. Owners see also what belongs to no factory: anonymous
 * senders, and topics of a factory that does not exist.
 */
async function readLogs(signal: AbortSignal, before: Logs | undefined): Promise<Logs> {
  const isOwner = me.peek()?.user.is_super_admin === true;
  const query = { ...PROBLEMS, ...queryAfter(before?.connections ?? []) };
  const [refusals, ours, nobodys] = await Promise.all([
    call('GET /rejects', { query: queryAfter(before?.refusals ?? []), signal }),
    call('GET /connection-log', { query, signal }),
    isOwner ? call('GET /connection-log/unassigned', { query, signal }) : undefined,
  ]);
  return { refusals: refusals.items, connections: [...ours.items, ...(nobodys?.items ?? [])] };
}

/** What was refused since the page was opened, as far as it concerns this device. */
export function useNews(concern: Concern): readonly News[] {
  const before = useRef<Logs>(undefined);
  const { data } = useResource('connect logs', (signal) => readLogs(signal, before.current), { everyMs: EVERY_MS });
  before.current ??= data;
  return data === undefined || before.current === undefined ? [] : newsOf(before.current, data, concern);
}
