import type { CallOptions } from '../../api/client.ts';
import type { Parameter } from '../../api/schema.ts';

export type ParameterPatch = CallOptions<'PATCH /devices/{id}/parameters/{name}'>['body'];

/** The editor's fields, as they are typed. */
export interface ParameterFields {
  readonly display_name: string;
  readonly unit: string;
  readonly decimals: string;
  readonly low_limit: string;
  readonly high_limit: string;
  readonly is_kpi: boolean;
}

const MAX_DECIMALS = 10;

/** What is wrong with a field; in words in the catalogue. */
export type FieldFault = 'notANumber' | 'notDecimals' | 'lowAboveHigh';
export type Faults = Readonly<Partial<Record<keyof ParameterFields, FieldFault>>>;

const typed = (value: number | string | null): string => (value === null ? '' : String(value));

/** A parameter in the editor. */
export const fieldsOf = (parameter: Parameter): ParameterFields => ({
  display_name: typed(parameter.display_name),
  unit: typed(parameter.unit),
  decimals: typed(parameter.decimals),
  low_limit: typed(parameter.low_limit),
  high_limit: typed(parameter.high_limit),
  is_kpi: parameter.is_kpi,
});

/** A number as people type it: a comma will do where there is no point. NaN for what is none. */
function numberOf(text: string): number | null {
  const plain = text.trim();
  if (plain === '') return null;
  const value = Number(plain.includes('.') ? plain : plain.replace(',', '.'));
  return Number.isFinite(value) ? value : Number.NaN;
}

const textOf = (text: string): string | null => text.trim() || null;

/** All that the editor holds, empty fields as null. Numbers are NaN where they are not one: ask `faultsOf` first. */
const valuesOf = (fields: ParameterFields) => ({
  display_name: textOf(fields.display_name),
  unit: textOf(fields.unit),
  decimals: numberOf(fields.decimals),
  low_limit: numberOf(fields.low_limit),
  high_limit: numberOf(fields.high_limit),
  is_kpi: fields.is_kpi,
});

export function faultsOf(fields: ParameterFields): Faults {
  const { decimals, low_limit: low, high_limit: high } = valuesOf(fields);
  const isDecimals = decimals === null || (Number.isInteger(decimals) && decimals >= 0 && decimals <= MAX_DECIMALS);
  return {
    ...(!isDecimals && { decimals: 'notDecimals' as const }),
    ...(Number.isNaN(low) && { low_limit: 'notANumber' as const }),
    ...(Number.isNaN(high) && { high_limit: 'notANumber' as const }),
    ...(low !== null && high !== null && low > high && { low_limit: 'lowAboveHigh' as const }),
  };
}

/** What has changed, to be sent; the same of the parameter as it was takes it back. */
export function changesOf(
  before: Parameter,
  fields: ParameterFields,
): { change: ParameterPatch; undo: ParameterPatch } {
  const after = valuesOf(fields);
  const changed = (Object.keys(after) as (keyof ParameterFields)[]).filter((key) => after[key] !== before[key]);
  const pick = (from: Pick<Parameter, keyof ParameterFields>): ParameterPatch =>
    Object.fromEntries(changed.map((key) => [key, from[key]]));
  return { change: pick(after), undo: pick(before) };
}
