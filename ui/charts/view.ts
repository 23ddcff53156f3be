import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { isLive, isSameRange, scaled, shifted, type TimeRange, type TimeWindow, windowOf } from './range.ts';

/** What a person moves is told to the page when the hand has come to rest. */
const COMMIT_MS = 200;
/** Steps of a wheel or of a drag that come closer than this are one step back. */
const BURST_MS = 700;
const MAX_BACK = 50;

/** Which part of time all charts of a page show, and how one gets about in it. */
export interface View {
  readonly range: ReadonlySignal<TimeRange>;
  /** What is on the screen: moves with the hand, and with time while live. */
  readonly window: ReadonlySignal<TimeWindow>;
  readonly isLive: ReadonlySignal<boolean>;
  readonly canGoBack: ReadonlySignal<boolean>;
  /** Takes a range that was chosen elsewhere; what was zoomed is forgotten. */
  take(range: TimeRange): void;
  /** Shows a window that stands still. `isBurst`: one of many small steps that are one for going back. */
  show(window: TimeWindow, isBurst?: boolean): void;
  /** Zooms by a factor (2 is twice as much time) around a moment, which stays where it is on the screen. */
  zoom(factor: number, at?: number): void;
  /** Moves by so much of what is shown. */
  pan(share: number): void;
  /** Undoes the last zoom. */
  back(): void;
  /** Ends at now again, as wide as it was when it last did. */
  goLive(): void;
  /** Moves a live window on to now. */
  tick(): void;
}

export interface ViewOptions {
  readonly range: TimeRange;
  readonly now: () => number;
  readonly timezone: () => string;
  /** Called when a person has chosen by zooming or moving. */
  readonly onRange: (range: TimeRange) => void;
}

export function createView({ range: first, now, timezone, onRange }: ViewOptions): View {
  const range = signal(first);
  const window = signal(windowOf(first, now(), timezone()));
  const past = signal<readonly TimeRange[]>([]);
  let lastLive: TimeRange = isLive(first) ? first : { kind: 'relative', spanMs: 3_600_000 };
  let lastStepAt = Number.NEGATIVE_INFINITY;
  let commit: ReturnType<typeof setTimeout> | undefined;
  /** What was told last comes back from the page, perhaps when the hand has already moved on. */
  let told: TimeRange | undefined;

  const set = (next: TimeRange) => {
    if (isLive(next)) lastLive = next;
    range.value = next;
    window.value = windowOf(next, now(), timezone());
  };
  const choose = (next: TimeRange, delayMs: number) => {
    set(next);
    clearTimeout(commit);
    commit = setTimeout(() => {
      told = range.peek();
      onRange(told);
    }, delayMs);
  };

  const view: View = {
    range,
    window,
    isLive: computed(() => isLive(range.value)),
    canGoBack: computed(() => past.value.length > 0),
    take: (next) => {
      if (isSameRange(next, range.peek()) || (told !== undefined && isSameRange(next, told))) return;
      told = undefined;
      clearTimeout(commit);
      past.value = [];
      set(next);
    },
    show: ({ from, to }, isBurst = false) => {
      const at = Date.now();
      if (!isBurst || at - lastStepAt > BURST_MS) past.value = [...past.peek().slice(1 - MAX_BACK), range.peek()];
      lastStepAt = at;
      choose({ kind: 'absolute', from: Math.round(from), to: Math.round(to) }, isBurst ? COMMIT_MS : 0);
    },
    zoom: (factor, at) => view.show(scaled(window.peek(), factor, now(), at), true),
    pan: (share) => view.show(shifted(window.peek(), share, now()), true),
    back: () => {
      const before = past.peek().at(-1);
      if (before === undefined) return;
      past.value = past.peek().slice(0, -1);
      lastStepAt = Number.NEGATIVE_INFINITY;
      choose(before, 0);
    },
    goLive: () => {
      past.value = [];
      choose(lastLive, 0);
    },
    tick: () => {
      if (isLive(range.peek())) window.value = windowOf(range.peek(), now(), timezone());
    },
  };
  return view;
}
