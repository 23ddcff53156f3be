const DEVICE_KEY = /^[A-Za-z0-9._-]{1,64}$/;

/** A device key, or a pattern of keys: the same with `*`, which stands for any characters. */
export const DEVICE_KEY_PATTERN = /^[A-Za-z0-9._*-]{1,64}$/;

/** Devices that somebody speaks for: keys and patterns with `*`, or all of the factory. */
export type DeviceKeys = readonly string[] | '*';

/** Whether it is a device key: the level of its topics that names the device. */
export const isDeviceKey = (key: string): boolean => DEVICE_KEY.test(key);

/** Whether keys name a device by its own key, and not only by a pattern or as one of all. */
export const namesDevice = (keys: DeviceKeys, key: string): boolean => keys !== '*' && keys.includes(key);

const matchers = new WeakMap<readonly string[], (key: string) => boolean>();

function matcherOf(keys: readonly string[]): (key: string) => boolean {
  const names = new Set(keys);
  const sources = keys
    .filter((key) => key.includes('*'))
    .map((key) => key.replaceAll('.', '\\.').replaceAll('*', '.*'));
  if (sources.length === 0) return (key) => names.has(key);
  const pattern = new RegExp(`^(?:${sources.join('|')})$`);
  return (key) => names.has(key) || pattern.test(key);
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
