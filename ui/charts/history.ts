import { call } from '../api/client.ts';
import { type AskedParameter, listOf, portions, shortestInterval } from './question.ts';
import type { TimeWindow } from './range.ts';
import { addPoints, copyOf, emptyTrack, type Interval, type Track } from './track.ts';

/** Up to this span single samples are asked for first: a minute would be few points on a wide screen. */
const RAW_FIRST_MS = 2 * 3_600_000;
/** The most single samples in one page (the API's own limit). */
const PAGE_SAMPLES = 10_000;
/** Single samples that are worth fetching for one view, all devices together. */
const MAX_SAMPLES = 60_000;
export interface HistoryQuestion {
  readonly deviceId: string;
  readonly parameters: readonly AskedParameter[];
  readonly window: TimeWindow;
  /** 'fine': single samples where there are not too many, otherwise the shortest interval that is worth drawing. */
  readonly interval: Interval | 'fine' | 'auto';
  /** How many devices are asked for at once: they share what is worth fetching. */
  readonly devices?: number;
}

/** Tracks by the parameter's name. */
export type Tracks = ReadonlyMap<string, Track>;

const iso = (ms: number) => new Date(Math.floor(ms)).toISOString();

type Answer = Awaited<ReturnType<typeof call<'GET /devices/{id}/kpis/history'>>>;

function ask(question: HistoryQuestion, interval: Interval | 'auto', cursor: string | null, signal: AbortSignal) {
  const names = question.parameters.map(({ name }) => name);
  return call('GET /devices/{id}/kpis/history', {
    path: { id: question.deviceId },
    query: {
      parameters: listOf(names),
      from: iso(question.window.from),
      to: iso(question.window.to),
      interval,
      ...(interval === 'raw' ? { limit: PAGE_SAMPLES } : {}),
      ...(cursor === null ? {} : { cursor }),
    },
    signal,
  });
}

function take(tracks: Map<string, Track>, { parameters }: HistoryQuestion, { interval, series }: Answer): void {
  for (const { parameter, points } of series) {
    const kind = parameters.find(({ name }) => name === parameter)?.kind;
    if (kind === undefined) continue;
    const track = tracks.get(parameter) ?? emptyTrack(interval, kind);
    tracks.set(parameter, track);
    addPoints(track, points);
  }
}

/** How far into the window the samples of an answer reach (0-1). */
function shareOf({ series }: Answer, { from, to }: TimeWindow): number {
  const last = Math.max(...series.map(({ points }) => Date.parse(points.at(-1)?.t ?? '') || from));
  return (last - from) / (to - from);
}

/** All single samples, or undefined when there are more than are worth it. */
async function samples(question: HistoryQuestion, signal: AbortSignal): Promise<Tracks | undefined> {
  const most = Math.max(PAGE_SAMPLES, MAX_SAMPLES / (question.devices ?? 1));
  const tracks = new Map<string, Track>();
  let answer = await ask(question, 'raw', null, signal);
  if (answer.next_cursor !== null && PAGE_SAMPLES / shareOf(answer, question.window) > most) return undefined;
  take(tracks, question, answer);
  for (let pages = 1; answer.next_cursor !== null; pages++) {
    if (pages * PAGE_SAMPLES >= most) return undefined;
    answer = await ask(question, 'raw', answer.next_cursor, signal);
    take(tracks, question, answer);
  }
  return tracks;
}

async function fetchPart(question: HistoryQuestion, signal: AbortSignal): Promise<Tracks> {
  const { window, interval } = question;
  const isFine = interval === 'fine';
  if (interval === 'raw' || (isFine && window.to - window.from <= RAW_FIRST_MS)) {
    const found = await samples(question, signal);
    if (found !== undefined) return found;
  }
  const tracks = new Map<string, Track>();
  const shortest = shortestInterval(window, question.parameters.length);
  take(tracks, question, await ask(question, isFine || interval === 'raw' ? shortest : interval, null, signal));
  return tracks;
}

/** Answers about time that is over: zooming back shows them at once. What a device brings in late is seen after a while. */
const known = new Map<string, { readonly tracks: Tracks; readonly at: number }>();
const MAX_KNOWN = 48;
const KNOWN_FOR_MS = 60_000;
/** Devices that were offline may send what happened this long ago. */
const SETTLED_MS = 10 * 60_000;

const copies = (tracks: Tracks): Tracks => new Map([...tracks].map(([name, track]) => [name, copyOf(track)]));

/** Forgets the answers that are kept: after the line was lost, nobody knows what has come in meanwhile. */
export const forgetHistory = (): void => known.clear();

/**
 * The history of some parameters of one device. Answers about the past are kept for a while; the tracks are the
 * caller's own, who may add to them.
 *
 * @throws {ApiError}
 * @throws {DOMException} AbortError when `signal` was aborted
 */
export async function fetchHistory(question: HistoryQuestion, now: number, signal: AbortSignal): Promise<Tracks> {
  const key = JSON.stringify(question);
  const before = known.get(key);
  if (before !== undefined && now - before.at < KNOWN_FOR_MS) return copies(before.tracks);
  const parts = await Promise.all(
    portions(question.parameters).map((parameters) => fetchPart({ ...question, parameters }, signal)),
  );
  const tracks: Tracks = new Map(parts.flatMap((part) => [...part]));
  if (question.window.to < now - SETTLED_MS) {
    known.delete(key);
    known.set(key, { tracks: copies(tracks), at: now });
    const oldest = known.keys().next().value;
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  }
  return tracks;
}
