import { type DeviceKeys, namesDevice } from '../core/device-keys.ts';
import type { Admission, Standing } from '../devices/devices.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { DecodedSample, MetricValue, Refusal, RefusalReason } from './decode.ts';
import type { LiveDevice, LiveSeries, LiveState } from './live.ts';

const kindOf = (value: MetricValue): SeriesKind =>
  typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'state';

/** Numbers and booleans convert into each other; a state and a number do not. */
const fits = (kind: SeriesKind, value: MetricValue): boolean => (kind === 'state') === (typeof value === 'string');

/** Why nothing is taken of a device that is known. */
const RETIRED = ['device_retired', 'the device is retired: take it back under Devices, and it may send again'] as const;
const REJECTED = [
  'device_rejected',
  'the device was rejected: delete it under Devices, and its next message makes it anew',
] as const;

/** Limits on what a factory, a device and all of them together may bring into being. */
export interface Cardinality {
  /** Of a factory. */
  readonly maxDevices: (factoryId: number) => number;
  /** Who may register by a first message. */
  readonly admission: (factoryId: number) => Admission;
  /** Devices of a factory that wait to be approved. */
  readonly maxPending: number;
  readonly maxParameters: number;
  readonly maxSeries: number;
}

const refusal = (reason: RefusalReason, detail: string): Refusal => ({ reason, parameter: '', detail });

/** How a device begins that nobody knows; a refusal where none is let in. */
function admit(state: LiveState, factoryId: number, limits: Cardinality): Standing | Refusal {
  const admission = limits.admission(factoryId);
  if (admission === 'open') return 'active';
  if (admission === 'closed') {
    const detail = 'the factory takes no devices by themselves: add it under Devices, or name it in a credential';
    return refusal('unknown_device', detail);
  }
  let pending = 0;
  for (const { standing } of state.devices(factoryId).values()) if (standing === 'pending') pending++;
  if (pending < limits.maxPending) return 'pending';
  return refusal('too_many_pending', `${pending} devices wait to be approved, the limit: approve or reject some`);
}

/**
 * The device of a message, made on its first one; a refusal above the factory's limit, and of one that is not let in.
 *
 * @param senderKeys - what its sender may speak for: whom a credential names by its key needs no other word
 */
export function resolveDevice(
  state: LiveState,
  factoryId: number,
  key: string,
  limits: Cardinality,
  senderKeys: DeviceKeys = '*',
): LiveDevice | Refusal {
  const known = state.device(factoryId, key);
  if (known?.standing === 'active' || known?.standing === 'pending') return known;
  if (known !== undefined) {
    const [reason, detail] = known.standing === 'retired' ? RETIRED : REJECTED;
    return refusal(reason, detail);
  }
  const maxDevices = limits.maxDevices(factoryId);
  if (state.devices(factoryId).size >= maxDevices) {
    const detail = `the factory has ${maxDevices} devices, its limit: an owner can raise it`;
    return refusal('too_many_devices', detail);
  }
  const standing = namesDevice(senderKeys, key) ? 'active' : admit(state, factoryId, limits);
  return typeof standing === 'object' ? standing : state.addDevice(factoryId, key, standing);
}

/** The series of a metric, made by `create` on its first value; a refusal when kind or limit forbid it. */
export function resolveSeries(
  state: LiveState,
  device: LiveDevice,
  name: string,
  value: MetricValue,
  limits: Cardinality,
  create: (kind: SeriesKind) => LiveSeries,
): LiveSeries | Refusal {
  const known = device.series.get(name);
  if (known === undefined) {
    if (device.series.size >= limits.maxParameters) {
      const detail = `the device has ${limits.maxParameters} parameters, its limit (ingest.max_parameters)`;
      return { reason: 'too_many_parameters', parameter: name, detail };
    }
    const kind = kindOf(value);
    const isBack = device.retired.some((series) => series.parameter === name && series.kind === kind);
    if (isBack || state.seriesCount < limits.maxSeries) return create(kind);
    const detail = `the appliance has ${state.seriesCount} series, its limit is ${limits.maxSeries}: delete devices that are gone, or raise ingest.max_series`;
    return { reason: 'too_many_series', parameter: name, detail };
  }
  if (fits(known.kind, value)) return known;
  const detail = `the parameter holds ${known.kind} values and got a ${kindOf(value)}: reset its kind to change that`;
  return { reason: 'wrong_kind', parameter: name, detail };
}

/** What bounds a sample's stamp. */
export interface StampLimits {
  readonly now: number;
  /** Null while the clock is not trusted: nothing is ahead of a clock that may be wrong. */
  readonly maxAheadMs: number | null;
  /** Stamps before this are below the raw horizon. */
  readonly oldest: number;
}

/** A flood runs ahead of the clock by a millisecond a message; what is further ahead is a clock that was set back. */
const CLOCK_STEP_MS = 1_000;

/**
 * The stamp a sample is stored under. Without one of its own it gets its arrival time, strictly increasing for each
 * device, so that two messages in one millisecond stay two: when the clock was set back, stamps go on from the newest
 * by milliseconds until it has caught up, and nothing that was stored is overwritten.
 */
export function resolveStamp(device: LiveDevice, sample: DecodedSample, limits: StampLimits): number | Refusal {
  const { now, maxAheadMs, oldest } = limits;
  if (sample.timestamp === undefined) {
    const arrival = Math.max(now, device.lastArrivalTs + 1);
    const isClockBack = device.lastArrivalTs > now + (maxAheadMs ?? 0) + CLOCK_STEP_MS;
    if (maxAheadMs !== null && arrival > now + maxAheadMs && !isClockBack) {
      const detail = 'more than 1,000 messages a second without timestamps: let the device stamp its samples';
      return { reason: 'too_fast', parameter: '', detail };
    }
    device.lastArrivalTs = arrival;
    return arrival;
  }
  if (maxAheadMs !== null && sample.timestamp > now + maxAheadMs) {
    const ahead = Math.round((sample.timestamp - now) / 1000);
    const hint = sample.timestamp > now * 100 ? 'microseconds? send milliseconds' : "set the device's clock";
    return { reason: 'ahead_of_clock', parameter: '', detail: `the timestamp is ${ahead} s ahead: ${hint}` };
  }
  if (sample.timestamp < oldest) {
    const days = Math.round((now - sample.timestamp) / 86_400_000);
    const detail = `the timestamp is ${days} days old, older than raw samples are kept: import whole days instead`;
    return { reason: 'too_old', parameter: '', detail };
  }
  return sample.timestamp;
}
