import type { DeviceLog } from './device-log.ts';
import type { Change, Fold, Sample } from './fold.ts';
import { at, copyInto, copyOf, SLOT, type State } from './state.ts';
import type { Transition } from './transition.ts';
import type { HourFigures } from './usual.ts';

/** Rules that read several parameters look back this far without much work (ms): gateways send one after the other. */
const SHORT_MS = 5_000;

/** States of before, so that what comes late can be folded again. */
interface Past {
  older: State;
  newer: State;
  readonly apartMs: number;
}

/** What a snapshot keeps of an instance. */
export interface SavedInstance {
  readonly state: State;
  readonly older: State;
  readonly newer: State;
  readonly since: number;
  /** All changes behind `since`, as far as samples have brought them. */
  readonly transitions: readonly Transition[];
}

/** One rule on one device: the fold's state, with what is needed to fold again what comes late. */
export interface Instance {
  readonly fold: Fold;
  /** Stamp of the newest sample that is folded, or the time before its beginning (epoch ms). */
  readonly time: number;
  /** When it looks at itself next, if no sample comes before (epoch ms of its device's time). */
  readonly wake: number;
  /** Its course is another than when it was last settled, time apart; or it was not settled whole. */
  readonly hasNews: boolean;
  /** The state as of now, time included. */
  readonly current: State;
  /** Samples up to here (epoch ms) are not needed any more. */
  readonly settledUntil: number;
  /**
   * Goes back to before a sample that has come late.
   *
   * @param oldest - stamp of the oldest sample of its parameters that is new; not behind `time`
   * @returns false when that is too late: older than all states that are kept
   */
  goBack(log: DeviceLog, oldest: number): boolean;
  /** Folds what the log holds that is new to it. */
  goOn(log: DeviceLog): void;
  /** Lets time pass without samples, up to `to` (exclusive). The next sample decides whether it was right. */
  passTime(to: number): void;
  /**
   * Says no more of what no late sample can change any more: it has been told.
   *
   * @param isWhole - false when more has been told than its course holds, which may turn out not to have been
   */
  settle(isWhole: boolean): void;
  /** All changes in (since, until]. */
  course(): { readonly since: number; readonly until: number; readonly transitions: readonly Transition[] };
  /** Makes known what a parameter did in hours before its beginning, oldest first. */
  knowHours(parameter: string, hours: readonly HourFigures[]): void;
  save(): SavedInstance;
}

export interface InstanceOptions {
  readonly fold: Fold;
  /** What comes up to so much behind the newest sample (ms) is folded in its place. */
  readonly latenessMs: number;
  readonly describe: (change: Change) => Transition;
  /** Nothing of the time up to here (epoch ms) is said. */
  readonly since: number;
  /** At its beginning, or what a snapshot has kept. */
  readonly from: State | SavedInstance;
}

const timeOf = (state: State): number => at(state, SLOT.time);

/** Of the instant that is being folded: one instance after the other uses it. */
const scratch: { parameter: string; value: Sample['value'] }[] = [];
const instant: Sample[] = [];
const changes: Change[] = [];

/** What one that threw has left is nothing that the next one says. */
function forgetChanges(): void {
  if (changes.length > 0) changes.length = 0;
}

/** Takes what is wanted of the instant that begins at a row into `instant`. @returns the row behind it */
function gather({ stamps, parameters, values }: DeviceLog, first: number, wanted: ReadonlySet<string>): number {
  const ts = stamps[first];
  let row = first;
  let count = 0;
  for (; stamps[row] === ts; row++) {
    const parameter = parameters[row] as string;
    if (!wanted.has(parameter)) continue;
    scratch[count] ??= { parameter, value: 0 };
    const sample = scratch[count++] as (typeof scratch)[number];
    sample.parameter = parameter;
    sample.value = values[row] as Sample['value'];
  }
  instant.length = count;
  for (let place = 0; place < count; place++) instant[place] = scratch[place] as Sample;
  return row;
}

const wantedBy = new WeakMap<Fold, ReadonlySet<string>>();

/** What a fold reads; one set for all of its instances. */
function parametersOf(fold: Fold): ReadonlySet<string> {
  const known = wantedBy.get(fold) ?? new Set(fold.parameters);
  wantedBy.set(fold, known);
  return known;
}

/**
 * A class, and few objects each: there are a hundred thousand of them, and what a commit costs is mostly the memory that it
 * has to look at. What is seldom needed stands apart from what each sample needs, numbers of each sample are in the state (a
 * fraction in a field is an object of its own), and states that are not needed any more are written over.
 */
class FoldedInstance implements Instance {
  readonly fold: Fold;
  hasNews = true;
  readonly #state: State;
  #since: number;
  #transitions: Transition[];
  #ahead: { state: State; until: number; transitions: Transition[] } | undefined;
  readonly #wanted: ReadonlySet<string>;
  /** The state before the newest instant: the rest of a message may come in another. Of one parameter there is no rest. */
  readonly #undo: State | undefined;
  /** The one for lateness, and where it is worth it one for the order of a few seconds. */
  readonly #pasts: readonly Past[];
  readonly #describe: (change: Change) => Transition;

  constructor({ fold, describe, latenessMs, since, from }: InstanceOptions) {
    const saved = 'state' in from ? from : undefined;
    this.fold = fold;
    this.#wanted = parametersOf(fold);
    this.#describe = describe;
    const state = copyOf(saved?.state ?? (from as State));
    this.#state = state;
    this.#since = saved?.since ?? since;
    // Nothing is said of what was before its beginning.
    state.numbers[SLOT.time] = Math.max(timeOf(state), this.#since);
    state.numbers[SLOT.rememberAt] = Number.NaN;
    const long = { older: saved?.older ?? copyOf(state), newer: saved?.newer ?? copyOf(state), apartMs: latenessMs };
    const hasSeveral = fold.parameters.length > 1;
    this.#pasts = hasSeveral ? [long, { older: copyOf(state), newer: copyOf(state), apartMs: SHORT_MS }] : [long];
    this.#undo = hasSeveral ? copyOf(state) : undefined;
    this.#transitions = [...(saved?.transitions ?? [])];
  }

  get time(): number {
    return timeOf(this.#state);
  }

  get #long(): Past {
    return this.#pasts[0] as Past;
  }

  get wake(): number {
    return at(this.current, SLOT.wake);
  }

  get current(): State {
    return this.#ahead === undefined ? this.#state : this.#ahead.state;
  }

  get settledUntil(): number {
    return timeOf(this.#long.older);
  }

  /** The newest state before `ts` that all later samples are at hand for. */
  #stateBefore(ts: number, floor: number): State | undefined {
    const past = this.#pasts.flatMap(({ older, newer }) => [newer, older]);
    return [this.#state, ...(this.#undo === undefined ? [] : [this.#undo]), ...past]
      .filter((each) => timeOf(each) < ts && timeOf(each) >= floor)
      .reduce<State | undefined>(
        (best, each) => (best === undefined || timeOf(each) > timeOf(best) ? each : best),
        undefined,
      );
  }

  /** States of a past that did not happen are replaced by those before. */
  #forgetBehind(time: number): void {
    const long = this.#long;
    for (const past of this.#pasts) {
      if (timeOf(past.older) > time) copyInto(past.older, long.older);
      if (timeOf(past.newer) > time) copyInto(past.newer, past.older);
    }
    this.#transitions.length = this.#transitions.findLastIndex((transition) => transition.at <= time) + 1;
  }

  #remember(): void {
    const time = timeOf(this.#state);
    if (time < at(this.#state, SLOT.rememberAt)) return;
    let next = Number.POSITIVE_INFINITY;
    for (const past of this.#pasts) {
      if (time - timeOf(past.newer) >= past.apartMs) {
        const { older, newer } = past;
        past.older = newer;
        past.newer = older;
        copyInto(older, this.#state);
      }
      next = Math.min(next, timeOf(past.newer) + past.apartMs);
    }
    this.#state.numbers[SLOT.rememberAt] = next;
  }

  #describeAll(into: Transition[]): void {
    if (changes.length === 0) return;
    for (const change of changes) into.push(this.#describe(change));
    changes.length = 0;
    this.hasNews = true;
  }

  goBack(log: DeviceLog, oldest: number): boolean {
    const base = this.#stateBefore(oldest, log.floor);
    if (base === undefined) return false;
    this.#forgetBehind(timeOf(base));
    copyInto(this.#state, base);
    this.#state.numbers[SLOT.rememberAt] = Number.NaN;
    this.hasNews = true;
    return true;
  }

  goOn(log: DeviceLog): void {
    forgetChanges();
    if (this.#ahead !== undefined) {
      if (this.#ahead.transitions.length > 0) this.hasNews = true;
      this.#ahead = undefined;
    }
    let row = log.behind(timeOf(this.#state));
    while (row < log.length) {
      const ts = log.stamps[row] as number;
      row = gather(log, row, this.#wanted);
      if (instant.length === 0) continue;
      this.#remember();
      if (this.#undo !== undefined) copyInto(this.#undo, this.#state);
      this.fold.apply(this.#state, ts, instant, changes);
      this.#describeAll(this.#transitions);
    }
  }

  passTime(to: number): void {
    forgetChanges();
    this.#ahead ??= { state: copyOf(this.#state), until: Number.NEGATIVE_INFINITY, transitions: [] };
    if (to <= this.#ahead.until) return;
    this.fold.advance(this.#ahead.state, to, changes);
    this.#ahead.until = to;
    this.#describeAll(this.#ahead.transitions);
  }

  settle(isWhole: boolean): void {
    this.hasNews = !isWhole;
    const settled = this.settledUntil;
    if (settled <= this.#since) return;
    this.#since = settled;
    const first = this.#transitions.findIndex((transition) => transition.at > settled);
    if (first !== 0) this.#transitions = first < 0 ? [] : this.#transitions.slice(first);
  }

  course() {
    const ahead = this.#ahead;
    return {
      since: this.#since,
      // Of the instant `to` itself nothing is known.
      until: ahead === undefined ? timeOf(this.#state) : ahead.until - 1,
      transitions: ahead === undefined ? this.#transitions : [...this.#transitions, ...ahead.transitions],
    };
  }

  knowHours(parameter: string, hours: readonly HourFigures[]): void {
    const states = new Set([this.#state, ...this.#pasts.flatMap(({ older, newer }) => [older, newer])]);
    if (this.#undo !== undefined) states.add(this.#undo);
    if (this.#ahead !== undefined) states.add(this.#ahead.state);
    for (const each of states) for (const hour of hours) this.fold.knowHour(each, parameter, hour);
  }

  save(): SavedInstance {
    return {
      state: copyOf(this.#state),
      older: copyOf(this.#long.older),
      newer: copyOf(this.#long.newer),
      since: this.#since,
      transitions: [...this.#transitions],
    };
  }
}

export const createInstance = (options: InstanceOptions): Instance => new FoldedInstance(options);
