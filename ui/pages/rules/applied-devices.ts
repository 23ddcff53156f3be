import type { Device } from '../../api/schema.ts';
import { text } from '../../text/rules.ts';

/** The devices that a rule is for, as the API applies them. */

interface Applied {
  readonly device_ids: readonly string[];
  readonly tags: readonly string[];
}

/** Those named, and those with one of the tags; all where nothing is said. */
export function appliedTo({ device_ids: ids, tags }: Applied, devices: readonly Device[]): readonly Device[] {
  if (ids.length === 0 && tags.length === 0) return devices;
  return devices.filter((device) => ids.includes(device.id) || device.tags.some((tag) => tags.includes(tag)));
}

/** What devices that send the same have in common, mostly: their tags, and their key but for the numbers in it. */
const sortOf = ({ tags, key }: Pick<Device, 'tags' | 'key'>): string =>
  `${tags.join(' ')}\n${key.replace(/\d+/g, '0')}`;

/**
 * Some of many devices, as different as can be: of each sort one, and others after that.
 *
 * @param first - that one before all, if it is among them
 */
export function variedDevices<One extends Pick<Device, 'id' | 'tags' | 'key'>>(
  devices: readonly One[],
  most: number,
  first?: string,
): readonly One[] {
  const ordered = devices.toSorted((left, right) => Number(right.id === first) - Number(left.id === first));
  const sorts = new Map<string, One>();
  for (const device of ordered) if (!sorts.has(sortOf(device))) sorts.set(sortOf(device), device);
  return [...new Set([...sorts.values(), ...ordered])].slice(0, most);
}

export const nameOfDevice = ({ name, key }: Pick<Device, 'name' | 'key'>): string => name || key;

/** The same in words: "any device", "devices tagged press", "Pump 1 and 2 more". */
export function appliedText({ device_ids: ids, tags }: Applied, devices: readonly Device[]): string {
  if (ids.length === 0 && tags.length === 0) return text.devicesAll;
  const tagged = tags.length === 0 ? [] : [text.devicesTagged(tags.join(', '))];
  const named = devices.filter(({ id }) => ids.includes(id)).map(nameOfDevice);
  const [first] = named;
  if (first === undefined) return [...tagged, ...(ids.length > 0 ? [text.devicesGone] : [])].join(text.devicesOr);
  const names = ids.length === 1 ? first : text.devicesMore(first, ids.length - 1);
  return [...tagged, names].join(text.devicesOr);
}
