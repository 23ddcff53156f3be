import { useMemo, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { OverviewDevice } from '../../api/schema.ts';
import { peekDevice, registryVersion, statusVersion } from '../../state/live.ts';
import { type Resource, useResource } from '../../state/resource.ts';
import { returns } from '../../state/stream.ts';
import { type ListedDevice, listed } from './device-list.ts';

const PAGE = 500;
/** Statuses and values come by the stream; this brings what it does not say: names, limits, what is outside them. */
const EVERY_MS = 20_000;

interface AllDevices extends Pick<Resource<readonly OverviewDevice[]>, 'error' | 'reload'> {
  /** Undefined until the first answer. */
  readonly devices: readonly ListedDevice[] | undefined;
  /** Devices fetched so far. */
  readonly progress: number;
}

/** Every device of the factory by name, kept up to date as they appear, change their status and go. */
export function useAllDevices(): AllDevices {
  const [progress, setProgress] = useState(0);
  const { data, error, reload } = useResource(
    `devices ${registryVersion.value} ${returns.value}`,
    async (signal) => {
      const devices: OverviewDevice[] = [];
      let cursor: string | undefined;
      do {
        const page = await call('GET /dashboard/devices', {
          query: { limit: PAGE, ...(cursor && { cursor }) },
          signal,
        });
        devices.push(...page.items);
        setProgress(devices.length);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      // A device whose state changed between two pages may be on both.
      return [...new Map(devices.map((device) => [device.id, device])).values()];
    },
    { everyMs: EVERY_MS, keepsData: true },
  );
  const heard = statusVersion.value;
  const devices = useMemo(
    () =>
      data
        ?.map((device) => listed(device, peekDevice(device.id)))
        .toSorted((left, right) => collator.compare(left.name, right.name)),
    [data, heard],
  );
  return { devices, error, reload, progress };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
