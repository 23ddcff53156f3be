import type { Parameter } from '../../api/schema.ts';
import type { Known } from './sentence.ts';

/** A parameter that can be chosen, as the first of the rule's devices has it. */
export interface ParameterChoice {
  readonly name: string;
  readonly displayName: string | null;
  readonly unit: string | null;
  readonly kind: Parameter['kind'];
  readonly decimals: number | null;
  /** Whose newest value is shown. */
  readonly deviceId: string;
  /** What is looked through, in lower case. */
  readonly searched: string;
}

/** What a device sends. */
export interface DeviceParameters {
  readonly id: string;
  readonly parameters: readonly Parameter[];
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The parameters of some devices, each name once, as the first device that has it says: by name. */
export function choicesOf(devices: readonly DeviceParameters[]): readonly ParameterChoice[] {
  const choices = new Map<string, ParameterChoice>();
  for (const { id, parameters } of devices) {
    for (const { name, display_name: displayName, unit, kind, decimals } of parameters) {
      if (choices.has(name)) continue;
      const searched = `${name} ${displayName ?? ''} ${unit ?? ''}`.toLowerCase();
      choices.set(name, { name, displayName, unit, kind, decimals, deviceId: id, searched });
    }
  }
  return [...choices.values()].toSorted((left, right) => collator.compare(left.name, right.name));
}

/** Those that hold every word typed, in any order; before the others those whose name begins as it was typed. */
export function choicesLike(choices: readonly ParameterChoice[], typed: string): readonly ParameterChoice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [first = ''] = words;
  const begins = ({ name }: ParameterChoice) => Number(name.toLowerCase().startsWith(first));
  return choices
    .filter(({ searched }) => words.every((word) => searched.includes(word)))
    .toSorted((left, right) => begins(right) - begins(left));
}

/** What sentences need to know of them. */
export function knownOf(choices: readonly ParameterChoice[]): Known {
  const byName = new Map(choices.map((choice) => [choice.name, choice]));
  return (parameter) => byName.get(parameter);
}
