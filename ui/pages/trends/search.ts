import type { Device, Parameter } from '../../api/schema.ts';

/** Devices whose parameters are fetched to be searched by name. */
export const MAX_SEARCHED = 50;
/** Devices that are listed; typing narrows them. */
export const MAX_LISTED = 100;

/** The words of a search, each of which has to be found. */
export const wordsOf = (search: string): string[] => search.toLowerCase().split(/\s+/).filter(Boolean);

const deviceText = ({ key, name }: Device) => `${name} ${key}`.toLowerCase();
const parameterText = ({ name, display_name }: Parameter) => `${display_name ?? ''} ${name}`.toLowerCase();

/** Devices that a search may mean, best first: their names hold the most of its words. */
export function candidates(devices: readonly Device[], words: readonly string[]): Device[] {
  const hits = (device: Device) => words.filter((word) => deviceText(device).includes(word)).length;
  const scored = devices.map((device) => ({ device, score: hits(device) }));
  const best = scored.some(({ score }) => score > 0) && words.length > 0;
  const kept = best && devices.length > MAX_SEARCHED ? scored.filter(({ score }) => score > 0) : scored;
  return kept.toSorted((a, b) => b.score - a.score).map(({ device }) => device);
}

/** Parameters of a device that a search means: every word is in their name, or in the device's. */
export function matching(
  device: Device,
  parameters: readonly Parameter[],
  words: readonly string[],
): readonly Parameter[] {
  const open = words.filter((word) => !deviceText(device).includes(word));
  return open.length === 0
    ? parameters
    : parameters.filter((parameter) => open.every((word) => parameterText(parameter).includes(word)));
}
