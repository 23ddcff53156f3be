/**
 * What stands in a generated request for something that is known only when it is sent: so that a seed makes the same
 * requests in every run, though ids and times are others.
 */

/** A value that the appliance has answered under this name, or a similar one; `fallback` when there is none. */
export class Known {
  readonly name: string;
  readonly nth: number;
  readonly fallback: string;

  constructor(name: string, nth: number, fallback: string) {
    this.name = name;
    this.nth = nth;
    this.fallback = fallback;
  }
}

/** A time in ISO 8601, so long before the request. */
export class MinutesAgo {
  readonly minutes: number;

  constructor(minutes: number) {
    this.minutes = minutes;
  }

  toString(): string {
    return new Date(Date.now() - this.minutes * 60_000).toISOString();
  }
}

const RAW = 'raw-json:';

/** JSON that no value of JavaScript is written as, such as `1e400`. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return RAW + this.text;
  }

  toString(): string {
    return this.text;
  }
}

/** What `Known` stands for. */
export interface Lookup {
  named(name: string, nth: number): string | undefined;
}

/** A value with everything in it that stands for something else replaced, but for `RawJson`. */
export function resolved(value: unknown, lookup: Lookup): unknown {
  if (value instanceof Known) return lookup.named(value.name, value.nth) ?? value.fallback;
  if (value instanceof MinutesAgo) return String(value);
  if (value instanceof RawJson || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, lookup));
  return ownObject(Object.entries(value).map(([key, item]) => [key, resolved(item, lookup)]));
}

/** An object that may have `__proto__` as a member like any other. */
export function ownObject(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** A resolved value as JSON. */
export const jsonOf = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(new RegExp(`"${RAW}([^"]*)"`, 'g'), '$1');
