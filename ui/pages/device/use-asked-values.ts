import { useEffect } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Device } from '../../api/schema.ts';
import { takeAsked } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';

const EVERY_MS = 3_000;

/** Asks for the newest values of a device that does not take part: none of them come by the stream. */
export function useAskedValues({ id, standing }: Pick<Device, 'id' | 'standing'>): void {
  const { data } = useResource(
    `values of ${id}, ${standing}`,
    async (signal) =>
      standing === 'active' ? undefined : call('GET /devices/{id}/kpis/live', { path: { id }, signal }),
    standing === 'pending' ? { everyMs: EVERY_MS } : {},
  );
  useEffect(() => {
    if (data !== undefined) takeAsked(data);
  }, [data]);
}
