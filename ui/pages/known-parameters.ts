import type { Parameter } from '../api/schema.ts';

/** Kinds by the parameter's name: what a list of parameters says of the values that come. */
export type Kinds = ReadonlyMap<string, Parameter['kind']>;

export const kindsOf = (parameters: readonly Parameter[]): Kinds =>
  new Map(parameters.map(({ name, kind }) => [name, kind]));

/**
 * Whether a value shows that the list is out of date: of a parameter that it does not have, or a text where there was a
 * number, or the other way round, because the kind was reset, here or elsewhere.
 */
export const isNews = (kinds: Kinds, name: string, value: number | boolean | string): boolean =>
  !kinds.has(name) || (kinds.get(name) === 'state') !== (typeof value === 'string');

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** By name as people count: zone_2 before zone_10. */
export const inOrder = (parameters: readonly Parameter[]): readonly Parameter[] =>
  parameters.toSorted((left, right) => collator.compare(left.name, right.name));
