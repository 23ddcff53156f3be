import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type Conformance, createConformance } from './conformance.ts';
import { describeExchange } from './describe.ts';
import type { ApiDocument, Operation } from './document.ts';
import type { WireAnswer } from './exchange.ts';
import { type RequestPlan, requestPlans } from './plans.ts';
import { resolvePlan } from './resolve-plan.ts';
import { Stage } from './stage.ts';
import { type FuzzReport, Tally } from './tally.ts';
import { createWorlds, type World, type Worlds } from './world.ts';

type Plans = fc.Arbitrary<RequestPlan>;

/** Requests of one operation before it is another one's turn. */
const TURN = 8;
/** Of an operation that anybody may ask, to an appliance that nobody has set up. */
const UNSET_TURN = 4;
/** A counterexample that is not the smallest is better than none. */
const SHRINK_WITHIN_MS = 60_000;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface FuzzOptions {
  readonly requests: number;
  /** The same seed makes the same requests. */
  readonly seed: number;
  /** The operation (by its `operationId`) to ask; all when left out. */
  readonly operation?: string | undefined;
  readonly say?: (text: string) => void;
}

/** A number that is the same for the same texts. */
const numberFrom = (...texts: readonly (string | number)[]): number =>
  createHash('sha256').update(texts.join('\n')).digest().readInt32BE(0);

/** Takes over what a success says, and forgets what it removed. */
function learn(
  { known }: World,
  operation: Operation,
  at: Readonly<Record<string, string>> | undefined,
  answer: WireAnswer,
) {
  if (answer.status >= 300) return;
  if (operation.method === 'DELETE' && at !== undefined) known.forget(operation.template, at);
  if (answer.headers['content-type']?.startsWith('application/json')) {
    known.learn(operation, at ?? {}, JSON.parse(answer.body.toString()));
  }
}

/**
 * Sends a request and checks its answer.
 *
 * @returns whether it may have changed something
 * @throws {Error} when the answer is not as it should be
 */
async function ask(world: World, conforms: Conformance, operation: Operation, plan: RequestPlan, tally: Tally) {
  const { wire, at } = resolvePlan(operation, plan, world.known, world.sessions.headersOf(plan.caller));
  let answer: WireAnswer;
  try {
    answer = await world.client.send(wire);
  } catch (error) {
    throw new Error(describeExchange(wire, undefined, `there is no answer: ${(error as Error).message}`));
  }
  world.sessions.answered(plan.caller, answer);
  tally.count(operation, answer.status);
  const fault = conforms(operation, answer);
  if (fault !== undefined) throw new Error(describeExchange(wire, answer, fault));
  learn(world, operation, at, answer);
  return answer.status < 300 && !SAFE_METHODS.has(operation.method);
}

/** Asks one after another, and the smallest request that has the same fault when one has. @returns the fault */
async function takeTurn(turn: { runs: number; seed: number }, plans: Plans, one: (plan: RequestPlan) => Promise<void>) {
  const outcome = await fc.check(fc.asyncProperty(plans, one), {
    numRuns: turn.runs,
    seed: turn.seed,
    interruptAfterTimeLimit: SHRINK_WITHIN_MS,
  });
  // Without a counterexample the time was up before the first answer: a new world had to be made.
  if (!outcome.failed || outcome.counterexample === null) return undefined;
  const { errorInstance } = outcome;
  return errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
}

/** What is asked, where, and how the answers are judged. */
interface Run extends AsyncDisposable {
  readonly document: ApiDocument;
  /** One operation's turn. */
  ask(operation: Operation, runs: number, seed: number): Promise<void>;
  /** The same at an appliance that nobody has set up, where nobody can sign in. */
  askUnset(operation: Operation, seed: number): Promise<void>;
  /** Looks whether everything still works, and puts back what is gone. */
  goOn(): Promise<void>;
}

async function createRun(worlds: Worlds, tally: Tally): Promise<Run> {
  await using stack = new AsyncDisposableStack();
  const stage = stack.use(new Stage(worlds.open));
  const unset = stack.use(new Stage(worlds.openUnset));
  const { document } = await stage.world();
  const conforms = createConformance(document);
  const plans = new Map(document.operations.map((each) => [each, requestPlans(each, document.schemas)]));
  const plansOf = (operation: Operation) => plans.get(operation) ?? requestPlans(operation, document.schemas);
  const owned = stack.move();
  return {
    document,
    ask: async (operation, runs, seed) => {
      const fault = await takeTurn({ runs, seed }, plansOf(operation), async (plan) => {
        const world = await stage.world();
        const isChanged = await ask(world, conforms, operation, plan, tally);
        if (isChanged && !(await world.sessions.mend())) await stage.leave();
      });
      if (fault !== undefined) tally.fail(operation, fault);
    },
    askUnset: async (operation, seed) => {
      const fault = await takeTurn({ runs: UNSET_TURN, seed }, plansOf(operation), async (plan) => {
        const world = await unset.world();
        const isChanged = await ask(world, conforms, operation, { ...plan, caller: { who: 'nobody' } }, tally);
        if (isChanged) await unset.leave();
      });
      if (fault !== undefined) tally.fail(operation, fault);
    },
    goOn: async () => {
      const world = await stage.world();
      await world.assertAlive();
      if (await world.sessions.mend()) await world.feed();
      else await stage.leave();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Sends requests that are made from the OpenAPI document to real appliances, turn by turn, in an order that the seed
 * decides, and checks every answer against the document. An operation that has failed is not asked again.
 *
 * @throws {Error} when an appliance does not work any more afterwards
 */
export async function fuzz({ requests, seed, operation: only, say }: FuzzOptions): Promise<FuzzReport> {
  using worlds = await createWorlds();
  const tally = new Tally();
  await using run = await createRun(worlds, tally);
  const asked = run.document.operations.filter(({ id }) => only === undefined || id === only);
  if (asked.length === 0) throw new Error(`there is no operation "${only}"`);
  const turn = Math.min(TURN, Math.ceil(requests / asked.length));
  for (let round = 0; tally.requests < requests; round++) {
    const order = asked.toSorted((a, b) => numberFrom(seed, round, a.id) - numberFrom(seed, round, b.id));
    const left = order.filter((operation) => !tally.hasFailed(operation));
    if (left.length === 0) break;
    for (const operation of left) {
      const runs = Math.min(turn, requests - tally.requests);
      if (runs <= 0) break;
      await run.ask(operation, runs, numberFrom(seed, round, operation.id, 'turn'));
      if (operation.isPublic && !tally.hasFailed(operation)) {
        await run.askUnset(operation, numberFrom(seed, round, operation.id, 'unset'));
      }
    }
    await run.goOn();
    say?.(`${tally.requests} requests, ${tally.failures.length} failures`);
  }
  return tally;
}
