import { type Condition, isGroup, type Leaf, membersOf, type OccurrencesLeaf, type Watch } from './condition.ts';
import type { HourFigures } from './usual.ts';

export interface UsualSeedingParts {
  /** What a parameter of a device did in each hour of the last weeks, oldest first. */
  readonly hours: (factoryId: number, deviceId: string, parameter: string) => Promise<readonly HourFigures[]>;
  readonly tell: (ruleId: string, deviceId: string, parameter: string, hours: readonly HourFigures[]) => void;
  readonly onFault: (error: unknown) => void;
}

/** Brings rules that compare with the usual what their devices did before: one question to the history at a time. */
export interface UsualSeeding {
  /** A rule has begun anew on a device. */
  begun(factoryId: number, ruleId: string, watch: Watch, deviceId: string): void;
  /** The rule is gone, or begins anew: what waits for it is not asked. */
  ended(ruleId: string): void;
  stop(): void;
}

interface Question {
  readonly factoryId: number;
  readonly ruleId: string;
  readonly deviceId: string;
  readonly parameter: string;
}

/** A thousand devices with a hundred such rules. */
const MAX_WAITING = 100_000;

const innerOf = (leaf: Leaf): Exclude<Leaf, OccurrencesLeaf> => (leaf.operator === 'occurrences' ? leaf.of : leaf);

const leavesIn = (condition: Condition): Exclude<Leaf, OccurrencesLeaf>[] =>
  isGroup(condition) ? membersOf(condition).flatMap(leavesIn) : [innerOf(condition)];

/** Parameters that a rule compares with their usual. */
export const deviatingIn = ({ condition, levels }: Watch): string[] => [
  ...new Set(
    [condition, ...levels.map((level) => level.condition)]
      .flatMap(leavesIn)
      .filter(({ operator }) => operator === 'deviates')
      .map(({ parameter }) => parameter),
  ),
];

export function createUsualSeeding({ hours, tell, onFault }: UsualSeedingParts): UsualSeeding {
  let waiting: Question[] = [];
  let isWorking = false;

  const work = async () => {
    if (isWorking) return;
    isWorking = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { factoryId, ruleId, deviceId, parameter } = next;
      try {
        const found = await hours(factoryId, deviceId, parameter);
        if (found.length > 0) tell(ruleId, deviceId, parameter, found);
      } catch (error) {
        // It learns from now on.
        onFault(error);
      }
    }
    isWorking = false;
  };

  return {
    begun: (factoryId, ruleId, watch, deviceId) => {
      for (const parameter of deviatingIn(watch)) {
        if (waiting.length < MAX_WAITING) waiting.push({ factoryId, ruleId, deviceId, parameter });
      }
      void work();
    },
    ended: (ruleId) => {
      waiting = waiting.filter((question) => question.ruleId !== ruleId);
    },
    stop: () => {
      waiting = [];
    },
  };
}
