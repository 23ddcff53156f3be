import { type Clock, clockIsTrusted } from '../core/clock.ts';
import type { DeviceKeys } from '../core/device-keys.ts';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SeriesKind } from '../historian/historian.ts';
import type { Batch, Created } from './batch.ts';
import { type DecodedSample, decode, type Refusal } from './decode.ts';
import type { LiveDevice, LiveSeries, LiveState } from './live.ts';
import { type Cardinality, resolveDevice, resolveSeries, resolveStamp, type StampLimits } from './resolve.ts';

/** What bounds what is taken. */
export interface TakeLimits extends Cardinality {
  readonly maxPayloadBytes: number;
  readonly maxAheadMs: number;
}

/** Samples in columns: row i is of `series[seriesIndex[i]]`; `texts` holds the rows that are states. */
export interface ImportedRows {
  readonly series: readonly { readonly device: string; readonly parameter: string; readonly kind: SeriesKind }[];
  readonly length: number;
  readonly seriesIndex: Int32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly texts: ReadonlyMap<number, string>;
}

/** A value of each kind, by which a series is made or found. */
const VALUE_OF_KIND = { number: 0, boolean: false, state: '' } as const;

export interface TakerParts {
  readonly state: LiveState;
  readonly limits: TakeLimits;
  readonly clock: Clock;
  /** The raw horizon of a factory: samples stamped before it are refused (epoch ms). */
  readonly oldestFor: (factoryId: number) => number;
  /** Keeps a refusal for the people who look after the device. */
  readonly refused: (scope: FactoryScope, deviceKey: string, refusals: readonly Refusal[], payload: Buffer) => void;
  readonly nextSeriesId: number;
}

/** From what came in to the rows of a batch: devices and series are found, or made, and what is wrong is refused by name. */
export interface Taker {
  /** Takes what is good of a message. @param senderKeys - whom its sender may speak for */
  message(batch: Batch, scope: FactoryScope, key: string, payload: Buffer, senderKeys: DeviceKeys | undefined): void;
  /**
   * The series of imported rows, made where they are missing; none is when one of them is refused.
   *
   * @throws {AppError} `conflict`
   */
  series(batch: Batch, scope: FactoryScope, rows: ImportedRows): LiveSeries[];
  /** Takes back series that were made, of a batch that was not stored. */
  undo(created: readonly Created[]): void;
}

export function createTaker({
  state: live,
  limits,
  clock,
  oldestFor,
  refused,
  nextSeriesId: first,
}: TakerParts): Taker {
  let nextSeriesId = first;

  const createSeries = (batch: Batch, device: LiveDevice, parameter: string, kind: SeriesKind): LiveSeries => {
    const reborn = live.reviveSeries(device, parameter, kind);
    const liveSeries = reborn ?? live.addSeries(device, nextSeriesId++, parameter, kind);
    const { factoryId, key: deviceKey } = device;
    const series = { seriesId: liveSeries.seriesId, factoryId, deviceKey, parameter, kind };
    batch.created.push({ device, series, liveSeries, isReborn: reborn !== undefined });
    return liveSeries;
  };

  /** Puts what is good of a sample into the batch; true if any of it was. */
  const takeSample = (
    batch: Batch,
    device: LiveDevice,
    sample: DecodedSample,
    stampLimits: StampLimits,
    refusals: Refusal[],
  ): boolean => {
    const ts = resolveStamp(device, sample, stampLimits);
    if (typeof ts === 'object') {
      refusals.push(ts);
      return false;
    }
    const before = batch.length;
    for (let i = 0; i < sample.names.length; i++) {
      const name = sample.names[i] as string;
      const value = sample.values[i] as number | boolean | string;
      const series = resolveSeries(live, device, name, value, limits, (kind) =>
        createSeries(batch, device, name, kind),
      );
      if ('reason' in series) refusals.push(series);
      else batch.push(series, ts, value);
    }
    return batch.length > before;
  };

  const undoCreated = (created: readonly Created[]) => {
    for (const { device, liveSeries, isReborn } of created.toReversed()) {
      if (isReborn) live.retireSeries(device, liveSeries);
      else live.removeSeries(device, liveSeries);
      live.removeIfUnknown(device);
    }
  };

  return {
    message: (batch, scope, key, payload, senderKeys) => {
      const { samples, refusals } = decode(payload, limits.maxPayloadBytes);
      let of = key;
      if (samples.length > 0) {
        const device = resolveDevice(live, scope.factoryId, key, limits, senderKeys);
        if ('reason' in device) refusals.push(device);
        else {
          // The key may be one of several that are the device's.
          of = device.key;
          const now = clock.now();
          const maxAheadMs = clockIsTrusted(clock) ? limits.maxAheadMs + (clock.setBackMs ?? 0) : null;
          const stampLimits = { now, maxAheadMs, oldest: oldestFor(scope.factoryId) };
          let stored = false;
          for (const sample of samples) stored = takeSample(batch, device, sample, stampLimits, refusals) || stored;
          if (stored) batch.devices.add(device);
          else live.removeIfUnknown(device);
        }
      }
      if (refusals.length > 0) refused(scope, of, refusals, payload);
    },
    series: (batch, { factoryId }, rows) => {
      const before = batch.created.length;
      const touched = new Set<LiveDevice>();
      try {
        return rows.series.map(({ device: key, parameter, kind }) => {
          // Whoever imports a device has let it in.
          const device = resolveDevice(live, factoryId, key, limits, [key]);
          if ('reason' in device) throw new AppError('conflict', device.detail);
          touched.add(device);
          const found = resolveSeries(live, device, parameter, VALUE_OF_KIND[kind], limits, (newKind) =>
            createSeries(batch, device, parameter, newKind),
          );
          if ('reason' in found) throw new AppError('conflict', `${key}, ${parameter}: ${found.detail}`);
          batch.imported.add(device);
          return found;
        });
      } catch (error) {
        undoCreated(batch.created.splice(before));
        for (const device of touched) live.removeIfUnknown(device);
        throw error;
      }
    },
    undo: undoCreated,
  };
}
