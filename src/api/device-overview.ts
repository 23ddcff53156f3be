import type { CataloguedDevice, CataloguedParameter, DeviceEvent, Parameter } from '../devices/devices.ts';
import type { LiveDevice, LiveValue } from '../telemetry/telemetry.ts';

/** How a device stands, worst first. A device that fell silent outside its limits is still outside them. */
export const DEVICE_STATES = ['out_of_limits', 'offline', 'stale', 'normal'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

export type LimitState = 'low' | 'high' | 'normal';

/** Where a value lies. Only numbers are compared, and a value on its limit is within it. */
export function limitStateOf(parameter: Parameter, value: number | boolean | string): LimitState {
  if (typeof value !== 'number') return 'normal';
  if (parameter.lowLimit !== null && value < parameter.lowLimit) return 'low';
  if (parameter.highLimit !== null && value > parameter.highLimit) return 'high';
  return 'normal';
}

/** Asked of every device of a factory at once, and so without making anything on the way. */
function isOutOfLimits({ parameters }: CataloguedDevice, live: LiveDevice): boolean {
  for (const parameter of parameters) {
    if (parameter.lowLimit === null && parameter.highLimit === null) continue;
    const series = live.series.get(parameter.name);
    if (series?.kind !== 'number' || !Number.isFinite(series.ts)) continue;
    if (limitStateOf(parameter, series.value) !== 'normal') return true;
  }
  return false;
}

/** @param live - undefined for a device that was never heard of */
export function deviceStateOf(
  device: CataloguedDevice,
  live: LiveDevice | undefined,
  status: Exclude<DeviceEvent['status'], 'removed'>,
): DeviceState {
  if (live !== undefined && isOutOfLimits(device, live)) return 'out_of_limits';
  return status === 'online' ? 'normal' : status;
}

/** A value to be shown on the overview. */
export interface ShownValue {
  readonly parameter: CataloguedParameter;
  readonly newest: LiveValue;
  readonly limitState: LimitState;
}

/** Values of one device on the overview. */
const MOST_VALUES = 4;

/** A limit says that somebody watches the value. */
const isWatched = ({ lowLimit, highLimit }: Parameter): boolean => (lowLimit ?? highLimit) !== null;

/** The values that matter most: those outside their limits, then KPIs that have limits, then other KPIs, by name. */
export function shownValues({ parameters }: CataloguedDevice, values: readonly LiveValue[]): ShownValue[] {
  const newestOf = new Map(values.map((value) => [value.parameter, value]));
  const known = parameters.flatMap((parameter): ShownValue[] => {
    const newest = newestOf.get(parameter.name);
    return newest === undefined ? [] : [{ parameter, newest, limitState: limitStateOf(parameter, newest.value) }];
  });
  const outside = known.filter(({ limitState }) => limitState !== 'normal');
  const selected = known.filter(({ limitState, parameter }) => limitState === 'normal' && parameter.isKpi);
  const watched = selected.filter(({ parameter }) => isWatched(parameter));
  const others = selected.filter(({ parameter }) => !isWatched(parameter));
  return [...outside, ...watched, ...others].slice(0, MOST_VALUES);
}
