import type { Parameter } from '../api/schema.ts';
import { shownAs, shownLimit } from '../format/shown.ts';
import type { Conversion, UnitSystem } from '../format/units.ts';
import type { AskedParameter } from './question.ts';
import type { Kind } from './track.ts';

/** One parameter of one device, as it is drawn: unit, decimals and limits are those shown. */
export interface TrendSeries {
  readonly deviceId: string;
  /** Shown where there are several devices. */
  readonly deviceName: string;
  /** The parameter's name in the API. */
  readonly parameter: string;
  readonly kind: Kind;
  /** What people call it. */
  readonly label: string;
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly lowLimit: number | null;
  readonly highLimit: number | null;
  /** What makes its values, as they are sent, those that are shown; undefined where they are the same. */
  readonly conversion: Conversion | undefined;
  /** The unit of its values as they are sent, for what is not converted. */
  readonly sentUnit: string | null;
}

/** A parameter of a device as a series, in units of this system. */
export function seriesOf(
  device: { readonly id: string; readonly key: string; readonly name: string },
  parameter: Parameter,
  system: UnitSystem,
): TrendSeries {
  const { name, kind, display_name, unit, low_limit, high_limit } = parameter;
  const shown = shownAs(parameter, system);
  return {
    deviceId: device.id,
    deviceName: device.name || device.key,
    parameter: name,
    kind,
    label: display_name || name,
    unit: shown.unit,
    decimals: shown.decimals,
    lowLimit: shownLimit(low_limit, shown),
    highLimit: shownLimit(high_limit, shown),
    conversion: shown.conversion,
    sentUnit: unit,
  };
}

/** Names a series on its page. */
export const keyOf = ({ deviceId, parameter }: Pick<TrendSeries, 'deviceId' | 'parameter'>): string =>
  `${deviceId} ${parameter}`;

/** A device of some series, with its parameters among them. */
export interface SeriesDevice {
  readonly id: string;
  readonly name: string;
  readonly parameters: AskedParameter[];
}

/** The devices of some series, each with its parameters. */
export function devicesOf(series: readonly TrendSeries[]): SeriesDevice[] {
  const devices = new Map<string, SeriesDevice>();
  for (const { deviceId, deviceName, parameter, kind } of series) {
    const device = devices.get(deviceId) ?? { id: deviceId, name: deviceName, parameters: [] };
    device.parameters.push({ name: parameter, kind });
    devices.set(deviceId, device);
  }
  return [...devices.values()];
}

/** A series and its place among the numbers that the page shows, which gives it its colour. States are grey. */
export interface PlacedSeries extends TrendSeries {
  readonly key: string;
  readonly place: number;
}

/** Series that share a chart. */
export interface ChartGroup {
  readonly id: string;
  readonly kind: 'numbers' | 'states';
  readonly unit: string | null;
  readonly series: readonly PlacedSeries[];
}

const COLOURS = 8;
const SOLID = 4;

/** The colour (1-8) of the series at a place; from the fifth on it is dashed as well, from the ninth on dotted. */
export function strokeOf(place: number): { readonly colour: number; readonly dash: readonly number[] | undefined } {
  const colour = (place % COLOURS) + 1;
  if (place >= COLOURS) return { colour, dash: [1.5, 2.5] };
  return { colour, dash: place >= SOLID ? [5, 3] : undefined };
}

/** Numbers of one unit share a chart, without a unit those of one name do; all states share the last one. */
const groupIdOf = ({ kind, unit, parameter }: TrendSeries) =>
  kind === 'number' ? (unit === null || unit === '' ? `name ${parameter}` : `unit ${unit}`) : 'states';

/** Gives each series its place. */
export function placed(series: readonly TrendSeries[]): PlacedSeries[] {
  let place = 0;
  return series.map((one) => ({ ...one, key: keyOf(one), place: one.kind === 'number' ? place++ : 0 }));
}

/** The token of a series' colour. */
export const colourOf = ({ kind, place }: Pick<PlacedSeries, 'kind' | 'place'>): string =>
  kind === 'number' ? `var(--c-s${strokeOf(place).colour})` : 'var(--c-ctl)';

/** Sorts series into charts, in the order in which they were chosen; states stand below the numbers. */
export function groupSeries(series: readonly TrendSeries[]): ChartGroup[] {
  const groups = new Map<string, PlacedSeries[]>();
  for (const one of placed(series)) {
    const id = groupIdOf(one);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [one]);
    else group.push(one);
  }
  const charts = [...groups].map(([id, group]): ChartGroup => {
    const kind = id === 'states' ? 'states' : 'numbers';
    return { id, kind, unit: kind === 'states' ? null : (group[0]?.unit ?? null), series: group };
  });
  return [...charts.filter(({ kind }) => kind === 'numbers'), ...charts.filter(({ kind }) => kind === 'states')];
}

/** What a series is called in a legend: with its device where there are several. */
export const nameOf = (series: TrendSeries, all: readonly TrendSeries[]): string =>
  all.some(({ deviceId }) => deviceId !== series.deviceId) ? `${series.deviceName} ${series.label}` : series.label;

/** What two parts of a name may take together, where a line has to hold both. */
const LONG_NAME = 32;
const ENDS_OF_NAME = [10, 6] as const;

/** The same for a legend: a long device name is cut in its middle, so that the parameter is still read. */
export function shortNameOf(series: TrendSeries, all: readonly TrendSeries[]): string {
  const name = nameOf(series, all);
  const { deviceName, label } = series;
  const [head, tail] = ENDS_OF_NAME;
  if (name === label || name.length <= LONG_NAME || deviceName.length <= head + tail) return name;
  return `${deviceName.slice(0, head).trimEnd()}…${deviceName.slice(-tail).trimStart()} ${label}`;
}

/** A chart's title: what its series are called, each name once. */
export const titleOf = ({ series }: ChartGroup): string => [...new Set(series.map(({ label }) => label))].join(', ');
