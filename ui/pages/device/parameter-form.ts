import type { CallOptions } from '../../api/client.ts';
import type { Parameter } from '../../api/schema.ts';
import { type Shown, shownAs, shownValue } from '../../format/shown.ts';
import { native, type UnitSystem } from '../../format/units.ts';

export type ParameterPatch = CallOptions<'PATCH /devices/{id}/parameters/{name}'>['body'];

/** The editor's fields, as they are typed: limits in the unit shown, the unit as it is sent, which that one comes from. */
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

/** How a parameter's limits are shown in the editor, for the unit that stands there. */
export const shownInEditor = (
  { kind }: Pick<Parameter, 'kind'>,
  { unit }: Pick<ParameterFields, 'unit'>,
  system: UnitSystem,
): Shown => shownAs({ kind, unit: textOf(unit), decimals: null }, system);

/** What nobody has typed has no more digits than these: a limit of 8 bar is one of 116.0302 psi. */
const SHOWN_DIGITS = 7;

const typedLimit = (limit: number | null, shown: Shown): string =>
  limit === null || shown.conversion === undefined
    ? typed(limit)
    : String(Number(shownValue(limit, shown).toPrecision(SHOWN_DIGITS)));

/** A parameter in the editor of somebody who sees units of this system. */
export const fieldsOf = (parameter: Parameter, system: UnitSystem): ParameterFields => ({
  display_name: typed(parameter.display_name),
  unit: typed(parameter.unit),
  decimals: typed(parameter.decimals),
  low_limit: typedLimit(parameter.low_limit, shownAs(parameter, system)),
  high_limit: typedLimit(parameter.high_limit, shownAs(parameter, system)),
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

/** What converting back leaves behind a number is beyond these digits (30, not 29.999999999999996). */
const SIGNIFICANT = 15;

/** A limit as it is sent. One that nobody has touched is what it was, to the last digit. */
function limitOf(text: string, before: number | null, shown: Shown): number | null {
  if (text === typedLimit(before, shown)) return before;
  const limit = numberOf(text);
  if (limit === null || shown.conversion === undefined) return limit;
  return Number(native(limit, shown.conversion).toPrecision(SIGNIFICANT));
}

/**
 * All that the editor holds, as it is sent, empty fields as null. Numbers are NaN where they are not one: ask `faultsOf`
 * first.
 */
function valuesOf(before: Parameter, fields: ParameterFields, system: UnitSystem) {
  const shown = shownInEditor(before, fields, system);
  return {
    display_name: textOf(fields.display_name),
    unit: textOf(fields.unit),
    decimals: numberOf(fields.decimals),
    low_limit: limitOf(fields.low_limit, before.low_limit, shown),
    high_limit: limitOf(fields.high_limit, before.high_limit, shown),
    is_kpi: fields.is_kpi,
  };
}

/**
 * The fields with another unit: the parameter's values are in it, and so are its limits, whose numbers stay the same as they
 * are sent. Where that changes in which unit they are shown, their texts follow.
 */
export function withUnit(
  before: Parameter,
  fields: ParameterFields,
  unit: string,
  system: UnitSystem,
): ParameterFields {
  const next = { ...fields, unit };
  const [from, to] = [shownInEditor(before, fields, system), shownInEditor(before, next, system)];
  const moved = (side: 'low_limit' | 'high_limit') => {
    const limit = limitOf(fields[side], before[side], from);
    return from.conversion === to.conversion || Number.isNaN(limit) ? fields[side] : typedLimit(limit, to);
  };
  return { ...next, low_limit: moved('low_limit'), high_limit: moved('high_limit') };
}

export function faultsOf(before: Parameter, fields: ParameterFields, system: UnitSystem): Faults {
  const { decimals, low_limit: low, high_limit: high } = valuesOf(before, fields, system);
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
  system: UnitSystem,
): { change: ParameterPatch; undo: ParameterPatch } {
  const after = valuesOf(before, fields, system);
  const changed = (Object.keys(after) as (keyof ParameterFields)[]).filter((key) => after[key] !== before[key]);
  const pick = (from: Pick<Parameter, keyof ParameterFields>): ParameterPatch =>
    Object.fromEntries(changed.map((key) => [key, from[key]]));
  return { change: pick(after), undo: pick(before) };
}
