const DEVICE_KEY = /^[A-Za-z0-9._-]{1,64}$/;

/** A device key, or a pattern of keys: the same with `*`, which stands for any characters. */
export const DEVICE_KEY_PATTERN = /^[A-Za-z0-9._*-]{1,64}$/;

/** Devices that somebody speaks for: keys and patterns with `*`, or all of the factory. */
export type DeviceKeys = readonly string[] | '*';

/** Whether it is a device key: the level of its topics that names the device. */
export const isDeviceKey = (key: string): boolean => DEVICE_KEY.test(key);

/** Whether keys name a device by its own key, and not only by a pattern or as one of all. */
export const namesDevice = (keys: DeviceKeys, key: string): boolean => keys !== '*' && keys.includes(key);

/**
 * Whether a pattern matches a key. The pieces between the stars are looked for one after the other, each as early as it
 * comes: no pattern and no key make it try more than once, as a regular expression would.
 */
export function matchesPattern(pattern: string, key: string): boolean {
  const pieces = pattern.split('*');
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (pieces.length === 1) return pattern === key;
  if (!key.startsWith(first) || !key.endsWith(last) || key.length < first.length + last.length) return false;
  let at = first.length;
  const end = key.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = key.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

const matchers = new WeakMap<readonly string[], (key: string) => boolean>();

function matcherOf(keys: readonly string[]): (key: string) => boolean {
  const names = new Set(keys);
  const patterns = keys.filter((key) => key.includes('*'));
  return (key) => names.has(key) || (isDeviceKey(key) && patterns.some((pattern) => matchesPattern(pattern, key)));
}

/** Whether keys cover a device. `keys` must not change: what is made of a list is kept for it. */
export function coversDevice(keys: DeviceKeys, key: string): boolean {
  if (keys === '*') return true;
  let matches = matchers.get(keys);
  if (matches === undefined) {
    matches = matcherOf(keys);
    matchers.set(keys, matches);
  }
  return matches(key);
}
