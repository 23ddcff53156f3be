import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { registryVersion } from '../../state/live.ts';
import { type Resource, useResource } from '../../state/resource.ts';

const PAGE = 500;

/** All devices, and the parameters of those that somebody wanted to see. */
export interface Directory {
  readonly devices: Resource<readonly Device[]>;
  /** Undefined while they are not fetched; a failure tells itself by the next attempt. */
  parametersOf(device: Device): readonly Parameter[] | undefined;
  /** Fetches the parameters of devices whose are not known yet. */
  want(devices: readonly Device[]): void;
}

async function allDevices(abort: AbortSignal): Promise<Device[]> {
  const all: Device[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Awaited<ReturnType<typeof call<'GET /devices'>>> = await call('GET /devices', {
      query: { limit: PAGE, ...(cursor == null ? {} : { cursor }) },
      signal: abort,
    });
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all;
}

/** How many devices are asked at once. */
const AT_ONCE = 6;

/** Lists the factory's devices and fetches parameters as they are wanted. */
export function useDirectory(): Directory {
  const devices = useResource(`directory ${registryVersion.value}`, allDevices, { keepsData: true });
  const store = useMemo(
    () => ({ known: signal<ReadonlyMap<string, readonly Parameter[]>>(new Map()), asked: new Set<string>() }),
    [],
  );
  const leaving = useMemo(() => new AbortController(), []);
  useEffect(() => () => leaving.abort(), []);
  return useMemo(
    () => ({
      devices,
      parametersOf: ({ id }) => store.known.value.get(id),
      want: (wanted) => void fetchAll(wanted, store, leaving.signal),
    }),
    [devices.data, devices.error, devices.isLoading],
  );
}

async function fetchAll(
  wanted: readonly Device[],
  { known, asked }: { known: Signal<ReadonlyMap<string, readonly Parameter[]>>; asked: Set<string> },
  abort: AbortSignal,
): Promise<void> {
  const open = wanted.filter(({ id }) => !asked.has(id));
  for (const { id } of open) asked.add(id);
  const ask = async () => {
    for (let device = open.shift(); device !== undefined; device = open.shift()) {
      const { id } = device;
      try {
        const { items } = await call('GET /devices/{id}/parameters', { path: { id }, signal: abort });
        known.value = new Map(known.peek()).set(id, items);
      } catch (error) {
        if (abort.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        // Asked again as soon as somebody wants them again.
        asked.delete(id);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
}
