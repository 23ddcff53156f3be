/** Beyond which limit a value lies. */
export type Side = 'low' | 'high';

export interface Limits {
  readonly low_limit: number | null;
  readonly high_limit: number | null;
}

/** Beyond which limit a value lies, if any. Only numbers are compared, and a value on its limit is within it. */
export function sideOf({ low_limit: low, high_limit: high }: Limits, value: unknown): Side | undefined {
  if (typeof value !== 'number') return undefined;
  if (high !== null && value > high) return 'high';
  return low !== null && value < low ? 'low' : undefined;
}
