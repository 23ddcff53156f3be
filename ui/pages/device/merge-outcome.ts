import type { Parameter } from '../../api/schema.ts';

type Known = Pick<Parameter, 'name' | 'kind'>;

/** What becomes of the parameters of a device that is made a part of another; names, in order. */
export interface MergeOutcome {
  /** Both have them: the history goes on in the other's. */
  readonly joined: readonly string[];
  /** Only this one has them: they move. */
  readonly moved: readonly string[];
  /** Both have them, of kinds that do not go together: this one's goes on beside it, under a name with the key. */
  readonly beside: readonly string[];
}

/** Numbers and booleans go together, states only with states. */
const goTogether = (one: Known, other: Known) => (one.kind === 'state') === (other.kind === 'state');

/** As the API does it. */
export function mergeOutcome(from: readonly Known[], into: readonly Known[]): MergeOutcome {
  const theirs = new Map(into.map((parameter) => [parameter.name, parameter]));
  const outcome = { joined: [] as string[], moved: [] as string[], beside: [] as string[] };
  for (const parameter of from) {
    const other = theirs.get(parameter.name);
    const where = other === undefined ? 'moved' : goTogether(parameter, other) ? 'joined' : 'beside';
    outcome[where].push(parameter.name);
  }
  return outcome;
}
