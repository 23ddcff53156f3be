const KEY_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_NAME_LENGTH = 64;

/** Whether the API would take a device key. */
export const isDeviceKey = (key: string): boolean => KEY_PATTERN.test(key);

/** The first key of the row M01, M02, … that no device has. */
export function freeKey(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const key = `M${String(number).padStart(2, '0')}`;
    if (!taken.has(key)) return key;
  }
}

/** A credential's name made of a device key: small letters, and a letter or digit first. */
export const credentialNameFrom = (key: string): string =>
  key
    .toLowerCase()
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MAX_NAME_LENGTH);

/** The next name to try when one is taken: m01, m01-2, m01-3. */
export function nextName(name: string): string {
  const [, base = name, number = '1'] = /^(.*?)(?:-(\d{1,3}))?$/.exec(name) ?? [];
  const ending = `-${Number(number) + 1}`;
  return base.slice(0, MAX_NAME_LENGTH - ending.length) + ending;
}
