import type { Clock } from '../core/clock.ts';
import type { Standing } from './standing.ts';
import { type DeviceStatus, deviceStatus, type StatusLimits } from './status.ts';

/** What presence needs to know of a device in memory. */
export interface SeenDevice {
  readonly factoryId: number;
  readonly id: string;
  readonly key: string;
  /** Epoch ms of the last message, or null. */
  readonly lastSeenAt: number | null;
  /** Only of those that take part anybody is told. */
  readonly standing: Standing;
}

/** A device appeared, its status changed, or it was removed, after which its id means nothing any more. */
export interface DeviceEvent {
  readonly factoryId: number;
  readonly id: string;
  readonly key: string;
  readonly status: DeviceStatus | 'removed';
  readonly lastSeenAt: number | null;
}

/** Who is online: statuses by silence, told when they change, and times of last messages kept on disk. */
export interface Presence {
  statusOf(device: SeenDevice): DeviceStatus;
  /** `total` is of those that take part, `pending` of those that wait to be approved. */
  count(devices: Iterable<SeenDevice>): Record<DeviceStatus | 'total' | 'pending', number>;
  /** After a commit, with the devices that were heard of. */
  seen(devices: Iterable<SeenDevice>): void;
  /** Tells that a device was removed, and nothing more of it. */
  removed(device: SeenDevice): void;
  subscribe(factoryId: number, listener: (event: DeviceEvent) => void): () => void;
  start(): void;
  /** Writes what is not on disk yet. */
  stop(): void;
}

export interface PresenceDependencies {
  readonly clock: Clock;
  readonly limits: StatusLimits;
  /** Every device of the appliance. */
  readonly devices: () => Iterable<SeenDevice>;
  readonly record: (seen: readonly { factoryId: number; id: string; lastSeenAt: number }[]) => void;
  readonly onFault: (error: unknown) => void;
}

const SWEEP_MS = 5_000;
/** A kill loses at most this much of "last seen", and no sample: the newest stamp at start makes up for most of it. */
const RECORD_MS = 30_000;

export function createPresence(dependencies: PresenceDependencies): Presence {
  const { clock, limits, record } = dependencies;
  const told = new Map<SeenDevice, DeviceStatus>();
  const unrecorded = new Set<SeenDevice>();
  const listeners = new Map<number, Set<(event: DeviceEvent) => void>>();
  const timers: NodeJS.Timeout[] = [];
  const statusOf = (device: SeenDevice) => deviceStatus(device.lastSeenAt, clock.now(), limits);

  const update = (device: SeenDevice) => {
    if (device.standing !== 'active') return;
    const status = statusOf(device);
    if (told.get(device) === status) return;
    told.set(device, status);
    tell(device, status);
  };
  const tell = ({ factoryId, id, key, lastSeenAt }: SeenDevice, status: DeviceEvent['status']) => {
    for (const listener of listeners.get(factoryId) ?? []) listener({ factoryId, id, key, status, lastSeenAt });
  };
  const sweep = () => {
    for (const device of dependencies.devices()) update(device);
  };
  const write = () => {
    const seen = [...unrecorded].flatMap(({ factoryId, id, lastSeenAt }) =>
      lastSeenAt === null || id === '' ? [] : [{ factoryId, id, lastSeenAt }],
    );
    if (seen.length === 0) return;
    try {
      record(seen);
      unrecorded.clear();
    } catch (error) {
      dependencies.onFault(error);
    }
  };

  return {
    statusOf,
    count: (devices) => {
      const counts = { total: 0, online: 0, stale: 0, offline: 0, pending: 0 };
      for (const device of devices) {
        if (device.standing === 'pending') counts.pending++;
        if (device.standing !== 'active') continue;
        counts.total++;
        counts[statusOf(device)]++;
      }
      return counts;
    },
    seen: (devices) => {
      for (const device of devices) {
        unrecorded.add(device);
        update(device);
      }
    },
    removed: (device) => {
      told.delete(device);
      unrecorded.delete(device);
      tell(device, 'removed');
    },
    subscribe: (factoryId, listener) => {
      const ofFactory = listeners.get(factoryId) ?? new Set();
      listeners.set(factoryId, ofFactory.add(listener));
      return () => void ofFactory.delete(listener);
    },
    start: () => {
      sweep();
      timers.push(setInterval(sweep, SWEEP_MS), setInterval(write, RECORD_MS));
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      write();
    },
  };
}
