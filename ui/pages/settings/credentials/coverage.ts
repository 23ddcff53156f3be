import { coversDevice, DEVICE_KEY_PATTERN, isDeviceKey } from '../../../../src/core/device-keys.ts';
import { text } from '../../../text/credentials.ts';

/** How a person says for which devices a credential speaks. */
export const KINDS = ['one', 'set', 'pattern', 'all'] as const;
export type Kind = (typeof KINDS)[number];

/** What was chosen and typed. */
export interface Draft {
  readonly kind: Kind;
  /** The key, or keys and patterns apart by white space or commas. */
  readonly typed: string;
}

const ALL = '*';
/** Keys and patterns that the API takes. */
const MAX_KEYS = 1_000;

const isPattern = (key: string) => key.includes('*');

/** Each key and pattern once. */
export const keysOf = ({ kind, typed }: Draft): readonly string[] =>
  kind === 'all' ? [ALL] : kind === 'one' ? [typed.trim()] : [...new Set(typed.split(/[\s,;]+/).filter(Boolean))];

/** What is wrong with it, in words; undefined when the API would take it. */
export function faultOf(draft: Draft): string | undefined {
  if (draft.kind === 'all') return undefined;
  const keys = keysOf(draft);
  if (keys.length === 0) return text.keyFault('');
  if (keys.length > MAX_KEYS) return text.tooMany;
  const bad = keys.find((key) => !(draft.kind === 'pattern' ? DEVICE_KEY_PATTERN.test(key) : isDeviceKey(key)));
  if (bad !== undefined) return text.keyFault(bad);
  return draft.kind === 'pattern' && !keys.some(isPattern) ? text.patternMissing : undefined;
}

/** The draft that stands for keys and patterns as the API gives them. */
export function draftOf(devices: readonly string[]): Draft {
  if (devices[0] === ALL) return { kind: 'all', typed: '' };
  const kind = devices.some(isPattern) ? 'pattern' : devices.length === 1 ? 'one' : 'set';
  return { kind, typed: devices.join('\n') };
}

export interface Coverage {
  /** Known devices that it speaks for. */
  readonly covered: readonly string[];
  /** Keys named that no known device has. */
  readonly unknown: readonly string[];
}

/** Which of the known devices a draft speaks for. */
export function coverageOf(draft: Draft, known: readonly string[]): Coverage {
  const keys = keysOf(draft);
  const names = new Set(known);
  return {
    covered: draft.kind === 'all' ? known : known.filter((key) => coversDevice(keys, key)),
    unknown: keys.filter((key) => isDeviceKey(key) && !names.has(key)),
  };
}

/** A device that somebody who tries the credential may speak for: one that is known, or one made up to fit. */
export const exampleOf = (devices: readonly string[], known: readonly string[]): string => {
  const draft = draftOf(devices);
  const named = devices.find(isDeviceKey) ?? coverageOf(draft, known).covered[0];
  return named ?? (draft.kind === 'all' ? 'M01' : (devices[0] ?? '').replaceAll('*', '01'));
};
