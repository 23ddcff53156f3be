import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Device, Devices, Merges, Presence } from '../devices/devices.ts';
import type { LiveHub } from './hub.ts';
import type { Ingest } from './ingest.ts';
import type { LiveState } from './live.ts';
import type { Refusals } from './refusals.ts';

/** Makes two devices one, while both may be sending. */
export interface Merging {
  /**
   * Makes a device a part of another: its history becomes that of the other's parameters of the same names, what the other
   * lacks it gets, and what comes under its key from now on is the other's. It is gone then, and nothing of what it
   * measured is. For the moment that it takes, its connection is ended, so that it sends again what is on its way.
   *
   * @returns the other device
   * @throws {AppError} `not_found`, `conflict` (with itself; or one of the two does not take part), `unavailable`
   */
  merge(scope: FactoryScope, id: string, intoId: string): Promise<Device>;
}

export interface MergingParts {
  readonly devices: Pick<Devices, 'get'>;
  readonly merges: Merges;
  readonly live: Pick<LiveState, 'device' | 'addDevice' | 'merge'>;
  readonly ingest: Pick<Ingest, 'whileStill'>;
  readonly hub: Pick<LiveHub, 'forget' | 'touched'>;
  readonly presence: Pick<Presence, 'removed'>;
  readonly refusals: Pick<Refusals, 'clear'>;
}

export function createMerging({ devices, merges, live, ingest, hub, presence, refusals }: MergingParts): Merging {
  return {
    merge: async (scope, id, intoId) => {
      if (id === intoId) throw new AppError('conflict', 'a device cannot be a part of itself: choose another');
      const [from, into] = [devices.get(scope, id), devices.get(scope, intoId)];
      const { factoryId } = scope;
      const inMemory = ({ key, id: uuid, standing }: Device) => {
        const device = live.device(factoryId, key) ?? live.addDevice(factoryId, key, standing);
        device.id = uuid;
        return device;
      };
      const [part, whole] = [inMemory(from), inMemory(into)];
      return ingest.whileStill(part, () => {
        const series = [...part.series.values(), ...part.retired];
        const renamed = merges.merge(scope, id, intoId, series);
        live.merge(part, whole, renamed);
        refusals.clear(scope, from.key);
        hub.forget(part);
        presence.removed(part);
        hub.touched(new Set([whole]));
        return devices.get(scope, intoId);
      });
    },
  };
}
