import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { OverviewDevice } from '../../api/schema.ts';
import { rangeLabel } from '../../charts/time-range-picker.tsx';
import { useTimeRange } from '../../charts/use-time-range.ts';
import { AlarmCounts } from '../../components/alarm-strip.tsx';
import { Button } from '../../components/button.tsx';
import { ClockBanner } from '../../components/clock-banner.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { ConnectionState } from '../../components/shell.tsx';
import { formatTime, zoneName } from '../../format/time.ts';
import { now } from '../../state/clock.ts';
import { registryVersion } from '../../state/live.ts';
import { useQuery, withQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { factory, timezone } from '../../state/session.ts';
import { returns } from '../../state/stream.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text } from '../../text/kiosk.ts';
import { countStates, readWallOptions, shownDevices, type WallPage, wallPages } from './rotation.ts';
import { WallDevice } from './wall-device.tsx';
import { WallOverview } from './wall-overview.tsx';

const EVERY_MS = 5_000;
const PAGE = 500;
/** Devices fetched: the worst of them; what a wall is about by name may be further down. */
const MAX_DEVICES = 2_000;

async function fetchDashboard(keys: readonly string[], signal: AbortSignal) {
  let page = await call('GET /dashboard/devices', { query: { limit: keys.length > 0 ? PAGE : 100 }, signal });
  const items: OverviewDevice[] = [...page.items];
  while (keys.length > 0 && page.next_cursor !== null && items.length < MAX_DEVICES) {
    page = await call('GET /dashboard/devices', { query: { limit: PAGE, cursor: page.next_cursor }, signal });
    items.push(...page.items);
  }
  return { items, counts: page.counts };
}

/** Turns the pages over; the list of a round stays as it was when the round began. */
function useRotation(pages: readonly WallPage[], everySeconds: number) {
  const [round, setRound] = useState<readonly WallPage[]>([]);
  const [place, setPlace] = useState(0);
  const [turnedAt, setTurnedAt] = useState(() => now.peek());
  const latest = useRef(pages);
  latest.current = pages;
  const turn = (by: number) => {
    const next = place + by;
    const isOver = next >= round.length;
    if (isOver || round.length === 0) setRound(latest.current);
    setPlace(isOver ? 0 : Math.max(0, next));
    setTurnedAt(now.peek());
  };
  useEffect(() => {
    if (round.length === 0 && pages.length > 0) setRound(pages);
  }, [pages]);
  const seconds = Math.max(0, Math.floor((now.value - turnedAt) / 1_000));
  useEffect(() => {
    if (seconds >= everySeconds) turn(1);
  }, [seconds >= everySeconds]);
  const shown = round[place] ?? pages[0];
  return { shown, place, total: Math.max(1, round.length), seconds, turn };
}

/** Keeps the screen on while the wall is shown, where the browser can. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    const hold = async () => {
      if (document.hidden || navigator.wakeLock === undefined) return;
      // Refused on battery, for example: the screen's own settings hold then.
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    };
    void hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}

const Rotation = ({
  place,
  total,
  seconds,
  every,
}: {
  place: number;
  total: number;
  seconds: number;
  every: number;
}) =>
  total < 2 ? null : (
    <span class="k__rot" role="img" aria-label={text.nextIn(place + 1, total, Math.max(0, every - seconds))}>
      <span class="soft">{text.page(place + 1, total)}</span>
      <span class="bar">
        <i style={{ width: `${Math.min(100, (seconds / every) * 100)}%` }} />
      </span>
    </span>
  );

const Top = ({ title, sub, children }: { title: string; sub: string; children: ComponentChildren }) => (
  <header class="k__top">
    <h1 class="clip">{title}</h1>
    <span class="soft k__f clip">{sub}</span>
    <span class="grow" />
    <AlarmCounts />
    {children}
    <ConnectionState />
    <span class="k__clock">
      <b>{formatTime(now.value, 'minute', timezone.value)}</b>{' '}
      <span class="muted">{zoneName(now.value, timezone.value)}</span>
    </span>
  </header>
);

interface LeaveProps {
  readonly onStay: () => void;
  readonly onTurn: (by: number) => void;
}

function leave(): void {
  location.assign(
    withQuery(location.pathname + location.search, { kiosk: undefined, every: undefined, devices: undefined }),
  );
}

const LeaveDialog = ({ onStay, onTurn }: LeaveProps) => (
  <Dialog
    title={text.leaveTitle}
    onClose={onStay}
    onSubmit={leave}
    foot={
      <>
        <Button icon="left" label={text.previous} onClick={() => onTurn(-1)} />
        <Button icon="right" label={text.next} onClick={() => onTurn(1)} />
        <span class="grow" />
        <Button onClick={onStay}>{text.stay}</Button>
        <Button type="submit" look="primary">
          {text.leave}
        </Button>
      </>
    }
  >
    <p class="soft">{text.leaveBody}</p>
  </Dialog>
);

/** Esc, Enter or a touch anywhere asks whether to leave. Nothing else on a wall can be touched. */
function useLeaving(): [isAsking: boolean, setAsking: (isAsking: boolean) => void] {
  const [isAsking, setAsking] = useState(false);
  useLayoutEffect(() => {
    document.documentElement.dataset.kiosk = '';
    const onKey = (event: KeyboardEvent) => {
      if (!['Escape', 'Enter'].includes(event.key) || document.querySelector('dialog[open]') !== null) return;
      // Or else the same key press would go on to the dialog, and close it or press its button.
      event.preventDefault();
      setAsking(true);
    };
    document.addEventListener('keydown', onKey);
    return () => {
      delete document.documentElement.dataset.kiosk;
      document.removeEventListener('keydown', onKey);
    };
  }, []);
  return [isAsking, setAsking];
}

/** A wall screen: no navigation, the devices' state and then each device's course, in turn. */
export const Kiosk = () => {
  const { values } = useQuery();
  const options = useMemo(() => readWallOptions(values, location.pathname), [values.every, values.devices]);
  const [range] = useTimeRange();
  const [isAsking, setAsking] = useLeaving();
  useWakeLock();
  const { data, error, reload } = useResource(
    `wall ${registryVersion.value} ${returns.value} ${options.devices}`,
    (signal) => fetchDashboard(options.devices, signal),
    { everyMs: EVERY_MS, keepsData: true },
  );
  const devices = useMemo(() => shownDevices(data?.items ?? [], options.devices), [data, options]);
  const pages = useMemo(() => wallPages(devices), [devices]);
  const { shown, turn, ...rotation } = useRotation(data === undefined ? [] : pages, options.everySeconds);
  const device = shown?.kind === 'device' ? shown.device : undefined;
  const title = device === undefined ? text.devices : device.name || device.key;
  const sub = [
    factory.value?.name ?? '',
    ...(device === undefined ? [] : [text.showing(rangeLabel(range, timezone.value).toLowerCase())]),
  ].join(', ');
  useEffect(() => {
    nameWindow(title);
  }, [title]);
  const isFiltered = options.devices.length > 0;
  const counts = isFiltered || data === undefined ? countStates(devices) : data.counts;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);

  const ask = (event: MouseEvent) => {
    if (!(event.target as Element).closest('button')) setAsking(true);
  };

  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Esc and Enter do the same, wherever the focus is */}
      <main class="k" onClick={ask}>
        <div class="stack">
          <Top title={title} sub={sub}>
            <Rotation {...rotation} every={options.everySeconds} />
          </Top>
          <ClockBanner readonly />
        </div>
        <div class="k__body">
          {data === undefined && error === undefined && <Skeleton lines={6} height="2rem" />}
          {data === undefined && error !== undefined && <Failed error={error} retry={reload} />}
          {data !== undefined && devices.length === 0 && (
            <Empty icon="devices" title={isFiltered ? text.noneChosenTitle : text.noneTitle}>
              {isFiltered ? text.noneChosenBody : text.noneBody}
            </Empty>
          )}
          {devices.length > 0 && device === undefined && (
            <WallOverview devices={devices} counts={counts} total={total} />
          )}
          {device !== undefined && <WallDevice key={device.id} device={device} range={range} />}
        </div>
      </main>
      {isAsking && <LeaveDialog onStay={() => setAsking(false)} onTurn={turn} />}
    </>
  );
};
