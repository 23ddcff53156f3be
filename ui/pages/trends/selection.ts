import type { Device, Parameter } from '../../api/schema.ts';
import { seriesOf, type TrendSeries } from '../../charts/trend-series.ts';
import type { UnitSystem } from '../../format/units.ts';

/** More lines than this tell nobody anything, and the charts would be slow. */
export const MAX_SERIES = 40;

/** A parameter of a device as an address names it: by the device's key, which outlives its name. */
export interface Chosen {
  readonly deviceKey: string;
  readonly parameter: string;
}

/** The parameters that an address chooses: `s=<device key>:<parameter>`, once for each. Keys have no colon. */
export function readSelection(search: string): Chosen[] {
  const found = new Map<string, Chosen>();
  for (const text of new URLSearchParams(search).getAll('s')) {
    const colon = text.indexOf(':');
    if (colon <= 0 || colon === text.length - 1) continue;
    found.set(text, { deviceKey: text.slice(0, colon), parameter: text.slice(colon + 1) });
  }
  return [...found.values()].slice(0, MAX_SERIES);
}

/** The same address with other parameters chosen. What else it says, such as the time, stays. */
export function withSelection(search: string, chosen: readonly Chosen[]): string {
  const query = new URLSearchParams(search);
  query.delete('s');
  for (const { deviceKey, parameter } of chosen) query.append('s', `${deviceKey}:${parameter}`);
  // A colon may stand in a query as it is (RFC 3986, 3.4), and reads better.
  const text = query.toString().replaceAll('%3A', ':');
  return text === '' ? '' : `?${text}`;
}

/** What of a selection can be drawn, what is not there (any more), and whether something has yet to be fetched. */
export interface Resolved {
  readonly series: readonly TrendSeries[];
  readonly missing: readonly Chosen[];
  readonly isWaiting: boolean;
  /** What is not in a list that may be out of date: to be looked for again before it is called missing. */
  readonly doubted: readonly { readonly deviceId: string; readonly parameter: string }[];
}

/** Finds the devices and parameters of a selection among those known so far; `system` is that of the units shown. */
export function resolve(
  chosen: readonly Chosen[],
  devices: readonly Device[] | undefined,
  parametersOf: (device: Device) => readonly Parameter[] | undefined,
  isSure: (deviceId: string, parameter: string) => boolean,
  system: UnitSystem,
): Resolved {
  if (devices === undefined) return { series: [], missing: [], isWaiting: chosen.length > 0, doubted: [] };
  const byKey = new Map(devices.map((device) => [device.key, device]));
  const series: TrendSeries[] = [];
  const missing: Chosen[] = [];
  const doubted: { deviceId: string; parameter: string }[] = [];
  let isWaiting = false;
  for (const one of chosen) {
    const device = byKey.get(one.deviceKey);
    const parameters = device && parametersOf(device);
    const parameter = parameters?.find(({ name }) => name === one.parameter);
    if (device === undefined) missing.push(one);
    else if (parameters === undefined) isWaiting = true;
    else if (parameter !== undefined) series.push(seriesOf(device, parameter, system));
    else if (isSure(device.id, one.parameter)) missing.push(one);
    else doubted.push({ deviceId: device.id, parameter: one.parameter });
  }
  return { series, missing, isWaiting: isWaiting || doubted.length > 0, doubted };
}
