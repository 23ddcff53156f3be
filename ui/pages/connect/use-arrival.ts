import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { Device } from '../../api/schema.ts';
import { applianceNow } from '../../state/clock.ts';
import { onStream } from '../../state/stream.ts';
import { type Baseline, hasArrived } from './arrival.ts';

/** The stream says it at once; asking is for when the stream is away. */
const EVERY_MS = 2_000;
/** After an event of the stream, the API is asked this soon. */
const SETTLE_MS = 150;

export interface Arrival {
  /** Known already, though it may not have sent anything since the page was opened. */
  readonly device: Device | undefined;
  readonly hasArrived: boolean;
  /** Appliance time (epoch ms) since when it is waited for. */
  readonly since: number;
}

/** Waits for the first message of a device; undefined waits for none. */
export function useArrival(key: string | undefined): Arrival {
  const openedAt = useRef(applianceNow()).current;
  const nothing = (): Arrival & { key: string | undefined } => ({
    key,
    device: undefined,
    hasArrived: false,
    since: applianceNow(),
  });
  const [state, setState] = useState(nothing);
  useEffect(() => {
    setState(nothing());
    if (key === undefined) return undefined;
    const left = new AbortController();
    let baseline: Baseline | undefined;
    let known: Device | undefined;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const find = async (standing: Device['standing']) =>
      (await call('GET /devices', { query: { key, standing, limit: 1 }, signal: left.signal })).items[0];
    const look = async () => {
      soon = undefined;
      try {
        known = (await find('active')) ?? (await find('pending'));
        baseline ??= { lastSeenAt: known?.last_seen_at ?? null, openedAt };
        const isHere = hasArrived(known, baseline);
        setState((before) => ({ ...before, device: known, hasArrived: isHere }));
        // One that waits to be approved is looked at until it is.
        if (isHere && known?.standing === 'active') stop();
      } catch (error) {
        // The next look asks again; that the appliance is away stands in the strip.
        if (!(error instanceof ApiError || left.signal.aborted)) throw error;
      }
    };
    const lookSoon = () => {
      soon ??= setTimeout(() => void look(), SETTLE_MS);
    };
    const timer = setInterval(() => void look(), EVERY_MS);
    const stops = [
      onStream('device', (event) => event.key === key && lookSoon()),
      onStream('values', ({ device_id }) => device_id === known?.id && lookSoon()),
    ];
    const stop = () => {
      clearInterval(timer);
      clearTimeout(soon);
      for (const end of stops) end();
    };
    void look();
    return () => {
      left.abort();
      stop();
    };
  }, [key]);
  return state.key === key ? state : nothing();
}
