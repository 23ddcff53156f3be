import type { Factories } from '../accounts/accounts.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Devices, Presence, Removals } from '../devices/devices.ts';
import type { Archive, ForgottenSeries } from '../historian/historian.ts';
import type { LiveHub } from './hub.ts';
import type { Ingest } from './ingest.ts';
import { type LiveDevice, type LiveState, seriesOf } from './live.ts';
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
  /**
   * Removes a factory with everything in it, in the same order. Its connections are ended.
   *
   * @param slug - of the factory, to confirm it
   * @throws {AppError} `not_found`, `invalid_input` when the slug is another
   */
  removeFactory(uuid: string, slug: string): void;
  /** Ends the connections of a factory's devices. */
  disconnectFactory(factoryId: number): void;
}

export interface RemovalParts {
  readonly devices: Pick<Devices, 'get'>;
  readonly removals: Pick<Removals, 'removeDevice' | 'removeDevicesOf'>;
  readonly factories: Pick<Factories, 'remove'>;
  readonly live: LiveState;
  readonly ingest: Pick<Ingest, 'forget' | 'forgetSeries'>;
  readonly hub: Pick<LiveHub, 'forget'>;
  readonly presence: Pick<Presence, 'removed'>;
  readonly refusals: Pick<Refusals, 'clear' | 'removeFactory'>;
  readonly archive: Pick<Archive, 'forgetFactory' | 'removeFactory'>;
  /** Gives up imports that are under way for a factory. */
  readonly abandonImports: (factoryId: number) => void;
  /** Ends the connections of a factory's devices. */
  readonly disconnect: (factoryId: number) => void;
}

export function createRemoval(parts: RemovalParts): Removal {
  const { devices, removals, factories, live, ingest, hub, presence, refusals, archive, abandonImports, disconnect } =
    parts;

  const leaveMemory = (device: LiveDevice) => {
    ingest.forget(device);
    hub.forget(device);
  };

  return {
    removeDevice: (scope, id) => {
      const { key } = devices.get(scope, id);
      const device = live.device(scope.factoryId, key);
      refusals.clear(scope, key);
      const forgotten = removals.removeDevice(scope, id, device === undefined ? [] : seriesOf(device));
      if (device !== undefined) leaveMemory(device);
      ingest.forgetSeries(forgotten);
      presence.removed(device ?? { factoryId: scope.factoryId, id, key, lastSeenAt: null, standing: 'active' });
    },
    disconnectFactory: disconnect,
    removeFactory: (uuid, slug) => {
      let forgotten: readonly ForgottenSeries[] = [];
      const { factoryId } = factories.remove(uuid, slug, (sql, scope) => {
        const series = [...live.devices(scope.factoryId).values()].flatMap(seriesOf);
        forgotten = removals.removeDevicesOf(sql, scope.factoryId, series);
        refusals.removeFactory(sql, scope.factoryId);
        archive.forgetFactory(sql, scope.factoryId);
      });
      abandonImports(factoryId);
      disconnect(factoryId);
      void archive.removeFactory(factoryId);
      for (const device of [...live.devices(factoryId).values()]) {
        leaveMemory(device);
        presence.removed(device);
      }
      ingest.forgetSeries(forgotten);
    },
  };
}
