import { useLayoutEffect, useMemo } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { applianceNow } from '../../state/clock.ts';
import { registryVersion } from '../../state/live.ts';
import { type Resource, useResource } from '../../state/resource.ts';
import { onStream, returns } from '../../state/stream.ts';
import { inOrder } from '../known-parameters.ts';
import { createParameterLists, type ParameterLists } from './parameter-lists.ts';

const PAGE = 500;

/** All devices, and the parameters of those that somebody wanted to see. */
export interface Directory extends Pick<ParameterLists, 'isSure' | 'doubt'> {
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

/** The parameters of a device; undefined when they could not be fetched. */
async function parametersOf(id: string, abort: AbortSignal): Promise<readonly Parameter[] | undefined> {
  try {
    return inOrder((await call('GET /devices/{id}/parameters', { path: { id }, signal: abort })).items);
  } catch (error) {
    if (abort.aborted || error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Lists the factory's devices and fetches parameters as they are wanted, and again when they have changed. */
export function useDirectory(): Directory {
  const devices = useResource(`directory ${registryVersion.value} ${returns.value}`, allDevices, {
    keepsData: true,
  });
  const leaving = useMemo(() => new AbortController(), []);
  const lists = useMemo(() => createParameterLists((id) => parametersOf(id, leaving.signal), applianceNow), []);
  useLayoutEffect(() => {
    let isFirst = true;
    const stops = [
      onStream('values', ({ device_id, values }) => lists.takeLive(device_id, values)),
      returns.subscribe(() => {
        if (!isFirst) lists.renew();
        isFirst = false;
      }),
      () => leaving.abort(),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return useMemo(
    () => ({
      devices,
      parametersOf: ({ id }) => lists.known.value.get(id),
      want: (wanted) => lists.want(wanted.map(({ id }) => id)),
      isSure: lists.isSure,
      doubt: lists.doubt,
    }),
    [devices.data, devices.error, devices.isLoading],
  );
}
