/**
 * Noise as a pure function of a key and an instant, so that a value does not depend on which values were asked for
 * before. Only integer operations, products and sums: the same on every processor.
 */

/** Final mixing steps of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit key for a named source of noise under a seed. */
export function noiseKey(seed: number, name: string): number {
  let key = mix(seed ^ 0x9e3779b9);
  for (let index = 0; index < name.length; index++) key = mix(Math.imul(key, 31) + name.charCodeAt(index));
  return key;
}

/** Uniform in [0, 1) for the integer `n`, which may be as large as epoch milliseconds. */
export function uniformAt(key: number, n: number): number {
  const high = Math.floor(n / 0x1_0000_0000);
  return mix(mix(key ^ (n >>> 0)) + Math.imul(high, 0x27d4eb2f)) / 0x1_0000_0000;
}

/** Measurement noise at the millisecond `t`: mean 0, standard deviation 1, bell-shaped (sum of four uniforms), |x| < 3.5. */
export function jitterAt(key: number, t: number): number {
  const n = Math.floor(t);
  let sum = 0;
  for (let part = 0; part < 4; part++) sum += uniformAt(key ^ (part << 28), n); // low bits tell a device's sources apart
  return (sum - 2) * Math.sqrt(3);
}

/** A slow random walk in [-1, 1] that turns about once a `period` (ms); continuous in `t`. */
export function driftAt(key: number, t: number, period: number): number {
  const position = t / period;
  const cell = Math.floor(position);
  const part = position - cell;
  const eased = part * part * (3 - 2 * part);
  const from = uniformAt(key, cell);
  return 2 * (from + (uniformAt(key, cell + 1) - from) * eased) - 1;
}
