import type { Figures } from '../flood.ts';
import { createLatencies } from '../latencies.ts';
import { DAY_MS, type DataSet, HOUR_MS } from './data-set.ts';
import type { Answer, HistorianSubject, Window } from './historian-subject.ts';

const MINUTE_MS = 60_000;
const WALL_DEVICES = 50;
const WALLS_AT_ONCE = 20;
const WARM_UP = 3;
/** A question is put until it was put so often, or for so long; but never less than three times, all clients together. */
const LEAST = 3;
const BUDGET_MS = 20_000;

/** An hour of a series by the minute; all of a series by the hour; a day of many devices by the hour; that by many at once. */
export const QUESTIONS = ['hour', 'month', 'wall', 'walls'] as const;

/** A question that all subjects are asked. */
interface Question {
  readonly name: (typeof QUESTIONS)[number];
  /** Of a single series, which is another one each time: not one alone is in caches. */
  readonly takesTurns: boolean;
  readonly times: number;
  /** Asked together each time. */
  readonly atOnce: number;
  readonly ask: (subject: HistorianSubject, turn: number) => Promise<Answer>;
}

/** Answers of the subject that was asked first, by question. */
export type Agreed = Map<string, Answer>;

/** What is asked about a set. */
export interface Asking {
  readonly set: DataSet;
  /** Names of questions. */
  readonly questions: readonly string[];
  readonly agreed: Agreed;
  readonly say: (text: string) => void;
}

/** Those of `names` that the set is long enough for. */
function questionsOf({ devices, parameters, fromMs, stepMs, steps }: DataSet, names: readonly string[]): Question[] {
  const endMs = Math.floor((fromMs + steps * stepMs) / HOUR_MS) * HOUR_MS;
  const back = (spanMs: number, step: number): Window => ({ fromMs: endMs - spanMs, toMs: endMs, stepMs: step });
  const pick = (list: readonly string[], turn: number) => list[turn % list.length] ?? '';
  const single = (window: Window) => (subject: HistorianSubject, turn: number) =>
    subject.series(pick(devices, turn * 7), pick(parameters, turn), window);
  const questions: Question[] = [];
  if (endMs - HOUR_MS >= fromMs) {
    questions.push({ name: 'hour', takesTurns: true, times: 200, atOnce: 1, ask: single(back(HOUR_MS, MINUTE_MS)) });
  }
  if (endMs - DAY_MS >= fromMs) {
    const ask: Question['ask'] = (subject) =>
      subject.wall(devices.slice(0, WALL_DEVICES), parameters, back(DAY_MS, HOUR_MS));
    questions.push(
      { name: 'month', takesTurns: true, times: 100, atOnce: 1, ask: single({ fromMs, toMs: endMs, stepMs: HOUR_MS }) },
      { name: 'wall', takesTurns: false, times: 30, atOnce: 1, ask },
      { name: 'walls', takesTurns: false, times: 3, atOnce: WALLS_AT_ONCE, ask },
    );
  }
  return questions.filter(({ name }) => names.includes(name));
}

/** Whether the set is long enough for any of them. */
export const isAsked = ({ set, questions }: Asking): boolean => questionsOf(set, questions).length > 0;

/** @throws {Error} when a subject answers otherwise than the one before: then it does not hold the same data */
function agree(agreed: Agreed, question: string, answer: Answer, subject: string): void {
  const before = agreed.get(question);
  agreed.set(question, before ?? answer);
  if (answer.steps === 0) throw new Error(`${subject} has no answer to "${question}"`);
  if (before === undefined) return;
  const isClose = Math.abs(before.sumOfMaxima - answer.sumOfMaxima) <= 1e-9 * Math.abs(before.sumOfMaxima);
  if (before.steps === answer.steps && isClose) return;
  const [one, other] = [JSON.stringify(before), JSON.stringify(answer)];
  throw new Error(`"${question}" is ${one} for the first subject, ${other} for ${subject}`);
}

/**
 * Puts every question and measures each answer from asking until it has been read and parsed (ms).
 * The figures' names have the suffix before what they are: `hour_p50_ms` without one.
 */
export async function askAll(
  subject: HistorianSubject,
  { set, questions, agreed, say }: Asking,
  suffix = '',
): Promise<Figures> {
  const figures: Record<string, number | null> = {};
  for (const { name, takesTurns, times, atOnce, ask } of questionsOf(set, questions)) {
    const latencies = createLatencies();
    const timed = async (turn: number) => {
      const startedAt = performance.now();
      const answer = await ask(subject, turn);
      latencies.record(performance.now() - startedAt);
      agree(agreed, takesTurns ? `${name} ${turn}` : name, answer, subject.name);
    };
    for (let turn = 0; turn < WARM_UP; turn++) await timed(turn);
    latencies.clear();
    const until = performance.now() + BUDGET_MS;
    for (let turn = 0; turn < times && (turn * atOnce < LEAST || performance.now() < until); turn++) {
      await Promise.all(Array.from({ length: atOnce }, () => timed(turn)));
    }
    const p50 = latencies.percentile(0.5);
    say(`${name}: ${p50} ms`);
    figures[`${name}${suffix}_p50_ms`] = p50;
    figures[`${name}${suffix}_p99_ms`] = latencies.percentile(0.99);
    figures[`${name}${suffix}_count`] = latencies.count;
  }
  return figures;
}
