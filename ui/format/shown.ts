import { type Conversion, conversionOf, converted, tidy, type UnitSystem } from './units.ts';

/** A parameter as far as its values are shown. */
export interface Quantity {
  readonly kind: 'number' | 'boolean' | 'state';
  /** As it is sent. */
  readonly unit: string | null;
  /** Of values as they are sent. */
  readonly decimals: number | null;
}

/** How its values are shown. */
export interface Shown {
  readonly unit: string | null;
  readonly decimals: number | null;
  /** Undefined where they are shown as they are sent. */
  readonly conversion: Conversion | undefined;
}

const MAX_DECIMALS = 10;
/** The last digit shown may stand for so many times of what the last digit sent does. */
const COARSER = 3;

/**
 * The decimals that say as much of a converted number as `decimals` do of the sent one, neither losing what the device
 * measures nor making up digits: °F has as many as °C, psi one less than bar and one more than kPa, in/s one more than mm/s.
 */
const decimalsOf = (decimals: number, { scale }: Conversion): number =>
  Math.max(0, Math.min(MAX_DECIMALS, decimals - Math.floor(Math.log10(scale * COARSER))));

/** How a parameter is shown to somebody who wants units of this system. Only numbers are converted. */
export function shownAs({ kind, unit, decimals }: Quantity, system: UnitSystem): Shown {
  const conversion = kind === 'number' ? conversionOf(unit, system) : undefined;
  if (conversion === undefined) return { unit, decimals, conversion };
  return { unit: conversion.unit, decimals: decimals === null ? null : decimalsOf(decimals, conversion), conversion };
}

/** A value of a parameter as it is shown. What is no number is as it was sent. */
export const shownValue = <Value>(value: Value, { conversion }: Pick<Shown, 'conversion'>): Value | number =>
  typeof value === 'number' && conversion !== undefined ? converted(value, conversion) : value;

/** A limit as it is shown: equal limits of several units come to one number. */
export const shownLimit = (limit: number | null, { conversion }: Pick<Shown, 'conversion'>): number | null =>
  limit === null || conversion === undefined ? limit : tidy(converted(limit, conversion));
