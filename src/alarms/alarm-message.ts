import type { Transition } from '../rules/rules.ts';

/** How people want to see a parameter. */
export interface ShownParameter {
  readonly name: string;
  readonly unit: string | null;
  readonly decimals: number | null;
}

/** Where nobody has said how many: as many as tell something, and no more. */
const DIGITS = 6;

function shownValue(value: number | boolean | string, decimals: number | null): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return value;
  return decimals === null ? String(Number(value.toPrecision(DIGITS))) : value.toFixed(decimals);
}

/** What has raised an alarm, in a sentence: `Bearing hot: temperature is 82.4 °C`. */
export function alarmMessage(
  rule: string,
  { parameter, value }: Pick<Transition, 'parameter' | 'value'>,
  shown: ShownParameter | undefined,
): string {
  if (parameter === null) return rule;
  const name = shown?.name ?? parameter;
  if (value === null) return `${rule}: ${name}`;
  const unit = typeof value === 'number' && shown?.unit ? ` ${shown.unit}` : '';
  return `${rule}: ${name} is ${shownValue(value, shown?.decimals ?? null)}${unit}`;
}
