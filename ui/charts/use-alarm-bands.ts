import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Alarm } from '../api/schema.ts';
import { alarmsVersion } from '../state/alarms.ts';
import { applianceNow } from '../state/clock.ts';
import { useResource } from '../state/resource.ts';
import { timezone } from '../state/session.ts';
import { onStream } from '../state/stream.ts';
import { type AlarmBand, overlaps } from './alarm-bands.ts';
import { rangeQuery, type TimeRange, type TimeWindow, windowOf } from './range.ts';

const PAGE = 200;
/** Pages read for one device: more bands than that are a wall of colour. */
const MAX_PAGES = 4;
const MAX_DEVICES = 12;
/** A flood is drawn a few times a second (ms). */
const FLUSH_MS = 250;

/** An alarm as a band; undefined for one that has not happened, as was found later. */
function bandOf(alarm: Alarm): AlarmBand | undefined {
  if (alarm.corrected === 'withdrawn') return undefined;
  const { id, device_id: deviceId, parameter, severity, raised_at, cleared_at } = alarm;
  const to = cleared_at === null ? null : Date.parse(cleared_at);
  return { id, deviceId, parameter, severity, from: Date.parse(raised_at), to };
}

/** Those raised before the end of a window, from the newest back to the window's beginning. */
async function fetchRaised(deviceId: string, window: TimeWindow, signal: AbortSignal): Promise<Alarm[]> {
  const to = new Date(window.to).toISOString();
  const found: Alarm[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = { device_id: deviceId, to, limit: PAGE, ...(cursor && { cursor }) };
    const page = await call('GET /alerts', { query, signal });
    found.push(...page.items);
    const last = found.at(-1);
    if (page.next_cursor === null || (last !== undefined && Date.parse(last.raised_at) < window.from)) break;
    cursor = page.next_cursor;
  }
  return found;
}

/** Those that stand now: they may have been raised long before any window. */
async function fetchStanding(deviceId: string, signal: AbortSignal): Promise<readonly Alarm[]> {
  const query = { device_id: deviceId, status: 'active,acknowledged', limit: PAGE };
  return (await call('GET /alerts', { query, signal })).items;
}

/** The alarms of some devices that stood in a range of time, as bands for their charts; follows what happens to them. */
export function useAlarmBands(deviceIds: readonly string[], range: TimeRange): readonly AlarmBand[] {
  const ids = [...new Set(deviceIds)].slice(0, MAX_DEVICES);
  const key = ids.join(',');
  const asked = JSON.stringify(rangeQuery(range));
  const news = useRef(new Map<string, Alarm>());
  const [version, setVersion] = useState(0);
  const { data } = useResource(
    `alarm bands ${key} ${asked} ${alarmsVersion()}`,
    async (signal) => {
      news.current.clear();
      const window = windowOf(range, applianceNow(), timezone.peek());
      const asked = ids.flatMap((id) => [fetchRaised(id, window, signal), fetchStanding(id, signal)]);
      return { alarms: (await Promise.all(asked)).flat(), window };
    },
    { keepsData: true },
  );
  useLayoutEffect(() => {
    const shown = new Set(key.split(','));
    let flush: ReturnType<typeof setTimeout> | undefined;
    const stop = onStream('alarm', (alarm) => {
      if (!shown.has(alarm.device_id)) return;
      news.current.set(alarm.id, alarm);
      flush ??= setTimeout(() => {
        flush = undefined;
        setVersion((before) => before + 1);
      }, FLUSH_MS);
    });
    return () => {
      stop();
      clearTimeout(flush);
    };
  }, [key]);
  return useMemo(() => {
    const all = new Map<string, Alarm>();
    for (const alarm of data?.alarms ?? []) all.set(alarm.id, alarm);
    for (const alarm of news.current.values()) all.set(alarm.id, alarm);
    const from = data?.window.from ?? 0;
    const window = { from, to: Number.POSITIVE_INFINITY };
    return [...all.values()].flatMap((alarm) => {
      const band = bandOf(alarm);
      return band !== undefined && overlaps(band, window) ? [band] : [];
    });
  }, [data, version]);
}
