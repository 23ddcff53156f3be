import { useRef } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { useResource } from '../../state/resource.ts';
import { me } from '../../state/session.ts';
import { type Concern, type Logs, type News, newsOf } from './news.ts';

const EVERY_MS = 2_000;

/** Owners see also who belongs to no factory: anonymous senders, and topics of a factory that does not exist. */
async function readLogs(signal: AbortSignal): Promise<Logs> {
  const isOwner = me.peek()?.user.is_super_admin === true;
  const [refusals, connections] = await Promise.all([
    call('GET /rejects', { signal }),
    isOwner ? call('GET /connection-log', { signal }) : call('GET /factory-connection-log', { signal }),
  ]);
  return { refusals: refusals.items, connections: connections.items };
}

/** What was refused since the page was opened, as far as it concerns this device. */
export function useNews(concern: Concern): readonly News[] {
  const { data } = useResource('connect logs', readLogs, { everyMs: EVERY_MS });
  const before = useRef<Logs>(undefined);
  before.current ??= data;
  return data === undefined || before.current === undefined ? [] : newsOf(before.current, data, concern);
}
