import type { FactoryScope } from '../core/scope.ts';
import type { Devices, Presence, Removals } from '../devices/devices.ts';
import type { LiveHub } from './hub.ts';
import type { Ingest } from './ingest.ts';
import { type LiveState, seriesOf } from './live.ts';
import type { Refusals } from './refusals.ts';

/** Removes devices from a running appliance. */
export interface Removal {
  /**
   * Removes a device, its parameters, its refusals and its history. When it returns, the device is durably gone and
   * its history cannot be reached; the samples are erased behind it. Its next message makes it anew.
   *
   * The order, so that a kill at any moment leaves the device whole or gone: (1) the transaction in control.db that
   * removes it and lists its series as forgotten; then, before anything else can run, (2) memory and the batches that
   * wait, so that no sample of its series is written any more; (3) with the next commit the series leave the registry
   * of hot.db, before a new series of the same name may join it; (4) the samples are erased, a few milliseconds at a
   * time, and (5) the list is cleared. A start goes on at (3), and brings nothing back that is on the list.
   *
   * @throws {AppError} `not_found`
   */
  removeDevice(scope: FactoryScope, id: string): void;
}

export interface RemovalParts {
  readonly devices: Pick<Devices, 'get'>;
  readonly removals: Pick<Removals, 'removeDevice'>;
  readonly live: LiveState;
  readonly ingest: Pick<Ingest, 'forget'>;
  readonly hub: Pick<LiveHub, 'forget'>;
  readonly presence: Pick<Presence, 'removed'>;
  readonly refusals: Pick<Refusals, 'clear'>;
}

export function createRemoval(parts: RemovalParts): Removal {
  const { devices, removals, live, ingest, hub, presence, refusals } = parts;

  return {
    removeDevice: (scope, id) => {
      const { key } = devices.get(scope, id);
      const device = live.device(scope.factoryId, key);
      refusals.clear(scope, key);
      removals.removeDevice(scope, id, device === undefined ? [] : seriesOf(device));
      if (device !== undefined) {
        ingest.forget(device);
        hub.forget(device);
      }
      presence.removed(device ?? { factoryId: scope.factoryId, id, key, lastSeenAt: null });
    },
  };
}
