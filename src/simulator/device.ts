/** What a device may report: a number, a switch or a named state. */
export type MetricValue = number | boolean | string;

/** One message's metrics by parameter name. */
export type Metrics = Readonly<Record<string, MetricValue>>;

/** What a parameter is and how it is to be shown. */
export interface ParameterDescription {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'state';
  readonly displayName?: string;
  /** Unit of a number; absent for booleans, states and pure ratios. */
  readonly unit?: string;
  /** Decimals that the simulated sensor resolves; absent for booleans and states. */
  readonly decimals?: number;
  /** Where its normal range ends. */
  readonly lowLimit?: number;
  readonly highLimit?: number;
}

/** A device as the appliance should name it. */
export interface DeviceDescription {
  readonly key: string;
  readonly name: string;
  /** What kind of machine it is, so that rules may be for all of the kind. */
  readonly tags: readonly string[];
  readonly parameters: readonly ParameterDescription[];
}

/** A device that can be asked for its metrics at any instant. */
export interface SimulatedDevice extends DeviceDescription {
  /**
   * The metrics at `t` (epoch ms): always all parameters of the description, quantised to their decimals, and the same
   * for the same plant options and `t`, in whatever order instants are asked for.
   */
  metricsAt(t: number): Metrics;
}

/** Rounds to what a sensor with so many decimals reports. Never -0. */
export function quantise(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale + 0;
}

/** A measured parameter, and where its normal range ends. */
export const measured = (
  name: string,
  unit: string,
  decimals: number,
  displayName: string,
  limits: Pick<ParameterDescription, 'lowLimit' | 'highLimit'> = {},
): ParameterDescription => ({ name, kind: 'number', displayName, unit, decimals, ...limits });

/** The pair that every machine has beside its measurements. */
export const STATE_PARAMETERS: readonly ParameterDescription[] = [
  { name: 'running', kind: 'boolean', displayName: 'Running' },
  { name: 'state', kind: 'state', displayName: 'State' },
];
