import { type ReadonlySignal, signal } from '@preact/signals';
import { ApiError, type FieldFault } from '../../api/client.ts';
import type { Replay } from '../../api/schema.ts';
import type { RuleBody } from './rule-draft.ts';

/** What a rule would have done, asked anew as it is edited. */

export interface ReplayQuestion {
  readonly rule: RuleBody;
  readonly deviceId: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

export interface ReplayState {
  /** `waiting`: asked for, and not begun. */
  readonly phase: 'none' | 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  /** 0 to 1. */
  readonly progress: number;
  /** The newest answer there is: while the next is on its way, that of before. */
  readonly replay: Replay | undefined;
  /** Why there is none. */
  readonly reason: string | undefined;
  readonly faults: readonly FieldFault[];
}

/** The API's part in it. */
export interface ReplayApi {
  start(question: ReplayQuestion, signal: AbortSignal): Promise<Replay>;
  look(id: string, signal: AbortSignal): Promise<Replay>;
  cancel(id: string): Promise<void>;
}

export interface ReplayRuns {
  readonly state: ReadonlySignal<ReplayState>;
  /** Asks once nobody has asked otherwise for a while; what was asked before is cancelled. Undefined: asks nothing. */
  ask(question: ReplayQuestion | undefined): void;
  /** Asks the same again, at once. */
  again(): void;
  /** Gives up what is under way. */
  stop(): void;
  /** The page is left. */
  close(): void;
}

/** Longer than between two keys of a number, shorter than one waits for an answer. */
const DEBOUNCE_MS = 350;
const FIRST_LOOK_MS = 120;
const LATER_LOOK_MS = 500;
const NOTHING: ReplayState = { phase: 'none', progress: 0, replay: undefined, reason: undefined, faults: [] };

const wait = (ms: number, aborted: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    aborted.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

export function createReplayRuns(api: ReplayApi, debounceMs = DEBOUNCE_MS): ReplayRuns {
  const state = signal(NOTHING);
  let asked: ReplayQuestion | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let run = new AbortController();
  let runningId: string | undefined;

  const set = (next: Partial<ReplayState>) => {
    state.value = { ...state.peek(), ...next };
  };
  const end = () => {
    clearTimeout(timer);
    run.abort();
    if (runningId !== undefined) {
      // It may have ended meanwhile, or time with it: it goes by itself.
      api.cancel(runningId).catch(() => {});
      runningId = undefined;
    }
  };

  const follow = async (question: ReplayQuestion, { signal: left }: AbortController) => {
    let replay = await api.start(question, left);
    if (left.aborted) return void api.cancel(replay.id).catch(() => {});
    runningId = replay.id;
    for (let pause = FIRST_LOOK_MS; replay.status === 'running'; pause = LATER_LOOK_MS) {
      set({ phase: 'running', progress: replay.progress });
      await wait(pause, left);
      if (left.aborted) return;
      replay = await api.look(replay.id, left);
      if (left.aborted) return;
    }
    runningId = undefined;
    if (replay.status === 'done') set({ phase: 'done', progress: 1, replay, reason: undefined, faults: [] });
    else set({ phase: 'failed', reason: replay.error ?? '', faults: [] });
  };

  const begin = async (question: ReplayQuestion) => {
    const own = new AbortController();
    run = own;
    set({ phase: 'running', progress: 0 });
    try {
      await follow(question, own);
    } catch (error) {
      if (own.signal.aborted) return;
      runningId = undefined;
      if (!(error instanceof ApiError)) throw error;
      set({ phase: 'failed', reason: error.message, faults: error.faults });
    }
  };

  const ask = (question: ReplayQuestion | undefined) => {
    end();
    // An answer for another device or time says nothing of this one.
    const isOther = asked?.deviceId !== question?.deviceId || asked?.from !== question?.from;
    asked = question;
    if (question === undefined) {
      state.value = NOTHING;
      return;
    }
    set({ phase: 'waiting', progress: 0, ...(isOther && { replay: undefined }) });
    timer = setTimeout(() => void begin(question), debounceMs);
  };

  return {
    state,
    ask,
    again: () => {
      end();
      if (asked !== undefined) void begin(asked);
    },
    stop: () => {
      end();
      set({ phase: 'stopped' });
    },
    close: end,
  };
}
