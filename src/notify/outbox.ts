import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Answer, Channel, Secrets } from './channel.ts';
import type { Channels } from './channels.ts';
import type { Delivery } from './delivery.ts';
import type { Message } from './message.ts';
import {
  countFresh,
  countStuckDigests,
  dropVoid,
  dueChannels,
  dueRows,
  gather,
  getRow,
  hold,
  MAX_ANSWER,
  type NotificationRow,
  noteDelivered,
  type Outcome,
  removeOld,
  sentSince,
  settle,
  shiftRetries,
  suppressAll,
} from './outbox-rows.ts';
import { type Allowance, createAllowance, quietUntil, waitBefore } from './pace.ts';

export interface OutboxParts {
  readonly store: Store;
  readonly channels: Pick<Channels, 'get' | 'secrets'>;
  readonly delivery: Delivery;
  /** Puts a row into words; a text says why there is nothing to say any more. */
  readonly compose: (scope: FactoryScope, row: NotificationRow) => Message | string;
  /** Undefined for a factory that is gone, or archived. */
  readonly scopeOf: (factoryId: number) => FactoryScope | undefined;
  /** Of every factory, also of one that is put away: what is old goes there too. */
  readonly scopes: () => readonly FactoryScope[];
  readonly now: () => number;
  /** Milliseconds from any beginning, whoever sets the clock: what is waited for while the appliance runs. */
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly pace: OutboxPace;
  /** A provider has taken one, of which it says later whether it arrived. */
  readonly accepted: (scope: FactoryScope, channel: Channel, row: NotificationRow, sent: Sent) => void;
  readonly onFault: (error: unknown) => void;
}

/** A message that was taken, and by whom. */
export interface Sent {
  readonly recipient: string;
  readonly providerId: string;
}

export interface OutboxPace {
  readonly maxAttempts: number;
  /** Bound of the first wait (ms); it doubles. */
  readonly retryBaseMs: number;
  /** How long what is too much for single messages is gathered (ms). */
  readonly gatherMs: number;
  /** Between one digest of a flood and the next (ms). */
  readonly digestEveryMs: number;
}

/** Sends what is written down to be said: each at least once, and what is given up stays to be seen. */
export interface Outbox {
  /** There may be something to say. */
  wake(): void;
  start(): void;
  stop(): Promise<void>;
}

const TICK_MS = 1_000;
const MINUTE_MS = 60_000;
/** Soon, but what is written at the same time is seen together. */
const WAKE_MS = 150;
const TIDY_MS = 600_000;
/** Channels that are sent to at the same time: of a factory, so that none keeps another one waiting, and of all. */
const MAX_BUSY_OF_FACTORY = 8;
const MAX_BUSY = 64;
/** A difference between the clocks that is a step of the one, and not its slow correction. */
const STEP_MS = 2_000;
/** A flood that has not grown for so long is over, for now (ms). */
const STILL_MS = 900;
/** Between digests of a channel by which nobody can be reached (ms), at most. */
const MAX_SPACING_MS = 600_000;
/** Of one channel, until others have had their turn. */
const ROWS_AT_ONCE = 20;
/** So many recipients in a row that cannot be reached: nor can the others. */
const GIVES_UP_AFTER = 3;
/** How long a channel that has failed is left alone, though others of its messages are due (ms). */
const MAX_PAUSE_MS = 60_000;
/** What is under way at the end has so long; it is sent again at the next start if it did not do (ms). */
const STOP_MS = 1_500;

/** What is remembered of a channel while the appliance runs. Times are monotonic. */
interface ChannelState {
  allowance: Allowance;
  /** What is critical has one of its own, so that no flood of other messages has used it up. */
  urgent: Allowance;
  perMinute: number;
  gathersFrom: number | undefined;
  /** How much there was to gather, and when that was last more. */
  gathered: number;
  grewAt: number;
  digestedAt: number;
  pausedUntil: number;
  /** When it had its last turn: the lowest is next. */
  turn: number;
}

export function createOutbox(parts: OutboxParts): Outbox {
  const { store, channels, delivery, now, monotonic, pace } = parts;
  const states = new Map<string, ChannelState>();
  const busy = new Map<string, { readonly factoryId: number; readonly running: Promise<void> }>();
  let [tick, soon]: (NodeJS.Timeout | undefined)[] = [];
  let turns = 0;
  /** Somebody waits for a place. */
  let isFull = false;
  /** Nothing more is begun; and, after a while, nothing more is written. */
  let [isEnding, isStopped] = [false, false];
  let tidiedAt = Number.NEGATIVE_INFINITY;
  let untidy: FactoryScope[] = [];

  const stateOf = (scope: FactoryScope, channel: Channel): ChannelState => {
    const known = states.get(channel.id);
    if (known?.perMinute === channel.ratePerMinute) return known;
    const state: ChannelState = {
      allowance: createAllowance(channel.ratePerMinute, monotonic()),
      urgent: createAllowance(channel.ratePerMinute, monotonic()),
      perMinute: channel.ratePerMinute,
      gathersFrom: known?.gathersFrom,
      gathered: 0,
      grewAt: 0,
      digestedAt: known?.digestedAt ?? Number.NEGATIVE_INFINITY,
      pausedUntil: known?.pausedUntil ?? Number.NEGATIVE_INFINITY,
      turn: known?.turn ?? 0,
    };
    // Neither a restart nor another rate makes up for what has gone already.
    const since = now() - MINUTE_MS;
    for (const { kind, severity } of store.read(scope, (sql) =>
      sentSince(sql, channel.id, since, 2 * state.perMinute),
    )) {
      const allowance = severity === 'critical' && kind !== 'digest' ? state.urgent : state.allowance;
      allowance.take(kind === 'digest' ? state.perMinute : 1, monotonic());
    }
    states.set(channel.id, state);
    return state;
  };

  const give = (scope: FactoryScope, { id }: NotificationRow, outcome: Outcome) => {
    if (!isStopped) store.write(scope, (sql) => settle(sql, id, outcome, now()));
  };

  /** Sends one to everybody who does not have it yet. @returns how long to leave the channel alone (ms) */
  const attempt = async (scope: FactoryScope, channel: Channel, row: NotificationRow): Promise<number> => {
    const { attempts, dueAt } = row;
    const delivered = JSON.parse(row.delivered) as string[];
    if (row.kind === 'digest' && delivered.length === 0) store.write(scope, (sql) => dropVoid(sql, row.id));
    let message = parts.compose(scope, row);
    const settled = { dueAt, attempts: attempts + 1 };
    if (typeof message === 'string') {
      give(scope, row, { ...settled, state: 'suppressed', answer: message, attempts });
      return 0;
    }
    const left = delivery.recipients(scope, channel).filter((one) => !delivered.includes(one));
    if (left.length === 0 && delivered.length === 0) {
      give(scope, row, { ...settled, state: 'dead', answer: 'there is nobody to tell: see who it is for' });
      return 0;
    }
    let secrets: Secrets;
    try {
      secrets = channels.secrets(scope, channel.id);
    } catch (error) {
      // They are of another key: nothing but saying them anew helps.
      give(scope, row, { ...settled, state: 'dead', answer: error instanceof Error ? error.message : String(error) });
      return 0;
    }
    // Each attempt begins with others, so that none is kept from it by those before who cannot be reached.
    const first = left.length === 0 ? 0 : (attempts * GIVES_UP_AFTER) % left.length;
    const recipients = [...left.slice(first), ...left.slice(0, first)];
    const answers: { readonly recipient: string; readonly answer: Answer }[] = [];
    for (const [index, recipient] of recipients.entries()) {
      const answer = await delivery.deliver(scope, channel, secrets, message, recipient);
      answers.push({ recipient, answer });
      if (answer.isDelivered) {
        const { providerId } = answer;
        delivered.push(recipient);
        if (!isStopped) store.write(scope, (sql) => noteDelivered(sql, row.id, recipient, providerId));
        if (providerId !== undefined) parts.accepted(scope, channel, row, { recipient, providerId });
      }
      if (index === recipients.length - 1) break;
      const last = answers.slice(-GIVES_UP_AFTER);
      const isDown =
        last.length === GIVES_UP_AFTER && last.every((one) => !one.answer.isDelivered && one.answer.mayRetry);
      // The others are told with the next attempt.
      if (isEnding || isDown) break;
      // It may have been taken back, or turned out not to have happened, while somebody was told.
      if (store.read(scope, (sql) => getRow(sql, row.id))?.state !== 'pending') return 0;
      message = parts.compose(scope, row);
      if (typeof message === 'string') {
        give(scope, row, { ...settled, state: 'suppressed', answer: message });
        return 0;
      }
    }
    const failed = answers.flatMap(({ recipient, answer }) => (answer.isDelivered ? [] : [{ recipient, answer }]));
    // Of somebody who had it the provider may have said meanwhile that it did not arrive.
    const written = store.read(scope, (sql) => getRow(sql, row.id));
    const having = JSON.parse(written?.delivered ?? row.delivered) as string[];
    const isLost = delivered.some((one) => !having.includes(one));
    const texts = (failed.length > 0 || isLost ? failed : answers).map(({ recipient, answer }) =>
      recipient === '' ? answer.detail : `${recipient}: ${answer.detail}`,
    );
    const text = [...(isLost ? [written?.answer] : []), ...texts].join('; ').slice(0, MAX_ANSWER);
    const outcome = { ...settled, answer: text };
    const isWhole = answers.length === recipients.length;
    if (failed.length === 0 && isWhole && !isLost) {
      give(scope, row, { ...outcome, state: 'sent' });
      return 0;
    }
    if (isEnding && !isWhole) {
      give(scope, row, { ...outcome, state: 'pending', attempts });
      return 0;
    }
    const retried = failed.filter(({ answer }) => answer.mayRetry);
    // Nobody is given up who was never tried.
    const most = Math.max(pace.maxAttempts, Math.ceil(left.length / GIVES_UP_AFTER));
    if ((isWhole && retried.length === 0) || attempts + 1 >= most) {
      give(scope, row, { ...outcome, state: 'dead' });
      return 0;
    }
    const askedS = Math.max(0, ...retried.map(({ answer }) => answer.retryAfterS ?? 0));
    const wait = waitBefore(attempts + 1, pace.retryBaseMs, parts.random(), askedS);
    // What is written by a clock that has just been set is not to be shifted with it.
    followClock();
    give(scope, row, { ...outcome, state: 'pending', dueAt: now() + wait });
    if (askedS > 0) return wait;
    // One recipient who cannot be reached is no reason to keep silent to the others.
    return delivered.length > 0 ? 0 : Math.min(wait, MAX_PAUSE_MS);
  };

  /** Says which of what there is to say for the first time waits for a digest; makes one when it is time. */
  const gatherFlood = async (scope: FactoryScope, channel: Channel, state: ChannelState) => {
    const [at, wall] = [monotonic(), now()];
    const { ordinary, urgent, held } = store.read(scope, (sql) => countFresh(sql, channel.id, wall));
    const makeDigest = async (withUrgent: boolean) => {
      const id = newId();
      while (!isEnding && store.write(scope, (sql) => gather(sql, channel.id, id, wall, withUrgent))) await nextTurn();
      state.gathersFrom = undefined;
    };
    if (held > 1) {
      await makeDigest(false);
      return { ordinary: false, urgent: false };
    }
    // What is critical goes by itself as long as it may; what is more than that comes with the others.
    const mayGo = state.urgent.left(at);
    const waits = { ordinary: ordinary > state.allowance.left(at), urgent: urgent > 0 && mayGo < 1 };
    // One that may go in between is no reason to gather the rest anew.
    const tooUrgent = Math.max(0, urgent - mayGo);
    const count = (waits.ordinary ? ordinary : 0) + tooUrgent;
    if (count === 0) {
      state.gathersFrom = undefined;
      return waits;
    }
    if (state.gathersFrom === undefined) {
      state.gathersFrom = at;
      state.gathered = 0;
    }
    if (count > state.gathered) state.grewAt = at;
    state.gathered = count;
    // While it still grows it is waited for, but not for ever.
    const gathersMs = at - state.gathersFrom;
    const isWhole = gathersMs >= pace.gatherMs && (at - state.grewAt >= STILL_MS || gathersMs >= 6 * pace.gatherMs);
    // While nobody can be reached they are fewer and larger, so that they do not pile up.
    const stuck = store.read(scope, (sql) => countStuckDigests(sql, channel.id));
    const everyMs = Math.min(pace.digestEveryMs * 2 ** stuck, Math.max(pace.digestEveryMs, MAX_SPACING_MS));
    const isSpaced = at - state.digestedAt >= everyMs;
    // A single message is none for a digest, and goes when the rate allows for it.
    if (!isWhole || !isSpaced || count === 1) return waits;
    await makeDigest(tooUrgent > 0);
    state.digestedAt = at;
    state.allowance.take(state.perMinute, at);
    return { ordinary: false, urgent: false };
  };

  const work = async (scope: FactoryScope, channelId: string): Promise<void> => {
    const channel = channels.get(scope, channelId);
    if (!channel.isActive) {
      store.write(scope, (sql) => suppressAll(sql, channelId, 'the channel is switched off', now()));
      return;
    }
    const state = stateOf(scope, channel);
    turns += 1;
    state.turn = turns;
    const until = quietUntil(now(), channel.quietHours, scope.timezone);
    if (until !== undefined) store.write(scope, (sql) => hold(sql, channelId, now(), until));
    const waits = await gatherFlood(scope, channel, state);
    const isSpent = (allowance: Allowance) => allowance.left(monotonic()) < 1;
    const spent = { ordinary: isSpent(state.allowance), urgent: isSpent(state.urgent) };
    const rows = store.read(scope, (sql) => dueRows(sql, channelId, now(), waits, spent, ROWS_AT_ONCE));
    for (const { id, isUrgent } of rows) {
      // As all is by now: while another one was sent it may have been taken back, the channel changed, or its factory archived.
      if (isEnding || parts.scopeOf(scope.factoryId) === undefined) return;
      const row = store.read(scope, (sql) => getRow(sql, id));
      if (row?.state !== 'pending') continue;
      const current = channels.get(scope, channelId);
      if (isUrgent === 0 && quietUntil(now(), current.quietHours, scope.timezone) !== undefined) continue;
      const allowance = isUrgent === 1 ? state.urgent : state.allowance;
      if (row.kind !== 'digest' && isSpent(allowance)) continue;
      allowance.take(1, monotonic());
      const pauseMs = await attempt(scope, current, row);
      if (pauseMs > 0) {
        state.pausedUntil = monotonic() + pauseMs;
        // A short rest is no reason to miss a turn.
        if (pauseMs < TICK_MS) wake(pauseMs);
        return;
      }
    }
    // What waited behind these has its turn now.
    if (rows.length > 0 && !waits.ordinary && !waits.urgent) wake();
  };

  const tidy = () => {
    if (untidy.length === 0 && Math.abs(now() - tidiedAt) >= TIDY_MS) {
      tidiedAt = now();
      untidy = [...parts.scopes()];
    }
    // One at a look: of some it is tens of milliseconds. There may be more: the next look goes on with it.
    const scope = untidy.shift();
    if (scope !== undefined && store.write(scope, (sql) => removeOld(sql, now())) > 0) untidy.unshift(scope);
  };

  /** Whether a channel is left alone. */
  const rests = (channelId: string): boolean => {
    const until = states.get(channelId)?.pausedUntil;
    return until !== undefined && until > monotonic();
  };

  /** How far the clock is ahead of the monotonic one. */
  let ahead = now() - monotonic();
  const followClock = () => {
    const by = Math.round(now() - monotonic() - ahead);
    if (Math.abs(by) < STEP_MS) return;
    for (const scope of parts.scopes()) store.write(scope, (sql) => shiftRetries(sql, by));
    ahead += by;
  };

  const look = () => {
    if (isEnding) return;
    try {
      followClock();
      tidy();
      const turnOf = (channelId: string) => states.get(channelId)?.turn ?? 0;
      const due = store
        .systemRead('drain outbox', (sql) => dueChannels(sql, now()))
        .filter(({ channelId }) => !busy.has(channelId) && !rests(channelId))
        .toSorted((one, other) => turnOf(one.channelId) - turnOf(other.channelId));
      isFull = false;
      for (const { factoryId, channelId } of due) {
        const scope = parts.scopeOf(factoryId);
        if (scope === undefined) continue;
        const ofFactory = [...busy.values()].filter((one) => one.factoryId === factoryId).length;
        if (busy.size >= MAX_BUSY || ofFactory >= MAX_BUSY_OF_FACTORY) {
          isFull = true;
          continue;
        }
        const running = work(scope, channelId)
          .catch((error: unknown) => {
            if (isStopped) return;
            const state = states.get(channelId);
            if (state !== undefined) state.pausedUntil = monotonic() + MAX_PAUSE_MS;
            parts.onFault(error);
          })
          .finally(() => {
            busy.delete(channelId);
            if (isFull) wake();
          });
        busy.set(channelId, { factoryId, running });
      }
    } catch (error) {
      parts.onFault(error);
    }
  };

  const wake = (inMs = 0) => {
    if (isEnding) return;
    soon ??= setTimeout(
      () => {
        soon = undefined;
        look();
      },
      Math.max(WAKE_MS, inMs),
    ).unref();
  };

  return {
    wake: () => wake(),
    start: () => {
      tick = setInterval(look, TICK_MS);
      tick.unref();
      look();
    },
    stop: async () => {
      clearInterval(tick);
      clearTimeout(soon);
      isEnding = true;
      const done = Promise.all([...busy.values()].map(({ running }) => running));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([done, new Promise((resolve) => (timer = setTimeout(resolve, STOP_MS)))]);
      clearTimeout(timer);
      isStopped = true;
    },
  };
}
