import { type Signal, signal } from '@preact/signals';
import { ApiError, call } from '../../api/client.ts';

/** Ids that the API takes at once. */
const BATCH = 50;
/** Scrolling comes to rest before anything is asked for. */
const REST_MS = 150;
const FRESH_MS = 60_000;

export interface Course {
  readonly parameter: string | null;
  readonly points: readonly (number | null)[];
}

interface Known {
  readonly course: Signal<Course | undefined>;
  askedAt: number;
}

const known = new Map<string, Known>();

function knownOf(id: string): Known {
  let entry = known.get(id);
  if (entry === undefined) {
    entry = { course: signal(undefined), askedAt: Number.NEGATIVE_INFINITY };
    known.set(id, entry);
  }
  return entry;
}

/** The last hour of a device, undefined until it has been fetched. Read it in a component. */
export const courseOf = (id: string): Course | undefined => knownOf(id).course.value;

async function fetchCourses(ids: readonly string[], abort: AbortSignal): Promise<void> {
  const askedAt = Date.now();
  for (const id of ids) knownOf(id).askedAt = askedAt;
  try {
    const { items } = await call('GET /devices/sparklines', { query: { devices: ids.join(',') }, signal: abort });
    for (const { device_id, parameter, points } of items) knownOf(device_id).course.value = { parameter, points };
  } catch (error) {
    for (const id of ids) knownOf(id).askedAt = Number.NEGATIVE_INFINITY;
    // A curve that is missing is no reason to say more than the connection's state says already.
    if (!abort.aborted && !(error instanceof ApiError)) throw error;
  }
}

/** Fetches the curves of the devices on the screen, once they stand still, and keeps each for a minute. */
export function followCourses(): { want(ids: readonly string[]): void; stop(): void } {
  const left = new AbortController();
  let wanted: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = async () => {
    const stale = wanted.filter((id) => Date.now() - knownOf(id).askedAt >= FRESH_MS);
    for (let at = 0; at < stale.length && !left.signal.aborted; at += BATCH) {
      await fetchCourses(stale.slice(at, at + BATCH), left.signal);
    }
  };
  const again = setInterval(() => {
    if (!document.hidden) void load();
  }, FRESH_MS);
  return {
    want: (ids) => {
      wanted = ids;
      clearTimeout(timer);
      timer = setTimeout(() => void load(), REST_MS);
    },
    stop: () => {
      left.abort();
      clearTimeout(timer);
      clearInterval(again);
    },
  };
}
