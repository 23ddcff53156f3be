import type { WatchedBatch } from '../telemetry/telemetry.ts';
import type { DeviceFeed } from './device-feed.ts';
import type { EngineAnswer, EngineOrder } from './engine-thread.ts';
import type { EngineNow } from './engine-types.ts';

export interface FlowParts {
  readonly post: (order: EngineOrder, handed?: readonly ArrayBuffer[]) => void;
  readonly feed: Pick<DeviceFeed, 'rowsOf' | 'sweep'>;
  readonly now: () => EngineNow;
  /** Factories that have rules. */
  readonly factoryIds: () => readonly number[];
  /** Reports that are not written down yet. */
  readonly unapplied: () => number;
  /** False while telemetry cannot be stored: that nothing comes says nothing of devices then. */
  readonly isStoring: () => boolean;
  /** Of the last commit before the first one that it is told of. */
  readonly seq: number;
  readonly onFault: (error: unknown) => void;
  readonly limits?: FlowLimits;
}

export interface FlowLimits {
  /** Rows on their way to the engine. */
  readonly rows: number;
  /** Reports that are not written down; the engine is asked no further then. */
  readonly reports: number;
}

const LIMITS: FlowLimits = { rows: 200_000, reports: 10_000 };

/**
 * Committed rows on their way to the engine. It never keeps ingest waiting: beyond a bound nothing is sent, and when the
 * engine has done what it has, it reads from disk what it has missed, up to the commit after which rows are sent again.
 */
export interface Flow {
  /** Takes each commit, in their order; one that is left out is read from disk. */
  watched(batch: WatchedBatch, seq: number): void;
  /** Begins with commits after `after`, on an engine that knows its rules and devices. */
  begin(after: number, remember: number | null, now: EngineNow): void;
  /** Hears every answer of the engine. */
  answered(answer: EngineAnswer): void;
  /** To be called twice a second: time passes, or what was missed is caught up with. */
  tick(): void;
  /** The engine has gone. */
  end(): void;
  /** True while the engine has been sent all that there is. */
  readonly isCurrent: boolean;
  /** Up to which commit it has. */
  readonly sent: number;
  /** The newest commit. */
  readonly newest: number;
  /** Rows on their way. */
  readonly rows: number;
  /** For how long the oldest of them has been (ms). */
  readonly lagMs: number;
  /** How often something had to be read from disk. */
  readonly catchUps: number;
}

export function createFlow(parts: FlowParts): Flow {
  const { post, feed, now, limits = LIMITS } = parts;
  let state: 'ended' | 'sending' | 'behind' = 'ended';
  let isCatchingUp = false;
  let isTickOut = false;
  let newest = parts.seq;
  let sent = parts.seq;
  let rows = 0;
  let catchUps = 0;
  let ticks = 0;
  /** When each message of rows was sent (ms, monotonic), the oldest first. */
  let sentAt: number[] = [];

  const send = (batch: WatchedBatch, seq: number) => {
    const found = feed.rowsOf(batch);
    if (found !== undefined) {
      if (rows + found.length > limits.rows || parts.unapplied() > limits.reports) {
        state = 'behind';
        return;
      }
      const { buffers, ...columns } = found;
      rows += columns.length;
      const at = now();
      sentAt.push(at.monotonic);
      post({ kind: 'take', rows: columns, now: at }, buffers);
    }
    sent = seq;
  };

  const catchUp = (after: number, remember: number | null, at: EngineNow) => {
    post({ kind: 'catch up', after, until: newest, factoryIds: parts.factoryIds(), remember, now: at });
    sent = newest;
    isCatchingUp = true;
    catchUps++;
    state = 'sending';
  };

  const resume = () => {
    if (state !== 'behind' || rows > 0 || isCatchingUp || parts.unapplied() > limits.reports / 2) return;
    feed.sweep();
    catchUp(sent, null, now());
  };

  return {
    watched: (batch, seq) => {
      const isNext = seq === newest + 1;
      newest = seq;
      if (state !== 'sending') return;
      if (!isNext) {
        state = 'behind';
        return;
      }
      try {
        send(batch, seq);
      } catch (error) {
        // Ingest goes on, whatever this is.
        state = 'behind';
        parts.onFault(error);
      }
    },
    begin: catchUp,
    answered: (answer) => {
      if (answer.kind === 'folded' && answer.rows > 0) {
        rows -= answer.rows;
        sentAt.shift();
      } else if (answer.kind === 'folded') isTickOut = false;
      if (answer.kind === 'caught up') isCatchingUp = false;
      if (answer.kind === 'folded' || answer.kind === 'caught up') resume();
    },
    tick: () => {
      resume();
      const isHeld = isCatchingUp || isTickOut || parts.unapplied() > limits.reports;
      if (state !== 'sending' || isHeld || !parts.isStoring()) return;
      // Each second: what is there is told as it was before its next rows, anyway.
      if (++ticks % 2 === 0) feed.sweep();
      isTickOut = true;
      post({ kind: 'tick', now: now() });
    },
    end: () => {
      state = 'ended';
      isCatchingUp = false;
      isTickOut = false;
      rows = 0;
      sentAt = [];
    },
    get isCurrent() {
      return state === 'sending' && !isCatchingUp;
    },
    get sent() {
      return sent;
    },
    get newest() {
      return newest;
    },
    get rows() {
      return rows;
    },
    get lagMs() {
      const [first] = sentAt;
      return first === undefined ? 0 : now().monotonic - first;
    },
    get catchUps() {
      return catchUps;
    },
  };
}
