import { momentOf } from '../../charts/zone.ts';
import { text } from '../../text/alarms.ts';

export const ENDS = ['60', '240', '480', '1440', 'at', 'never'] as const;

/** What stands in the form of a maintenance window. Times are those of a date and time field: "2026-11-22T14:32". */
export interface WindowDraft {
  readonly deviceIds: readonly string[];
  readonly tags: readonly string[];
  readonly start: 'now' | 'at';
  readonly startAt: string;
  /** Minutes, or one of two words. */
  readonly end: (typeof ENDS)[number];
  readonly endAt: string;
  readonly reason: string;
}

export const EMPTY_DRAFT: WindowDraft = {
  deviceIds: [],
  tags: [],
  start: 'now',
  startAt: '',
  end: '240',
  endAt: '',
  reason: '',
};

/** What is wrong with each field; nothing where all is right. */
export type DraftFaults = Partial<Record<'what' | 'startAt' | 'endAt' | 'reason', string>>;

const words = text.windows;
const MINUTE_MS = 60_000;

function readTime(value: string, timezone: string): number | undefined {
  // Not every text that a browser makes a date of is one: ":00Z" is.
  const wall = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d$/.test(value) ? Date.parse(`${value}:00Z`) : Number.NaN;
  return Number.isNaN(wall) ? undefined : momentOf(wall, timezone);
}

interface WindowBody {
  readonly device_ids: string[];
  readonly tags: string[];
  readonly starts_at?: string;
  readonly ends_at: string | null;
  readonly reason: string;
}

/**
 * The draft as the API takes it, or what is wrong with it.
 *
 * @param now - epoch ms
 */
export function readDraft(
  draft: WindowDraft,
  now: number,
  timezone: string,
): { readonly body: WindowBody } | { readonly faults: DraftFaults } {
  const faults: DraftFaults = {};
  const startsAt = draft.start === 'now' ? now : readTime(draft.startAt, timezone);
  if (startsAt === undefined) faults.startAt = words.timeMissing;
  const endsAt =
    draft.end === 'never'
      ? null
      : draft.end === 'at'
        ? readTime(draft.endAt, timezone)
        : (startsAt ?? now) + Number(draft.end) * MINUTE_MS;
  if (endsAt === undefined) faults.endAt = words.timeMissing;
  else if (endsAt !== null && endsAt <= (startsAt ?? now)) faults.endAt = words.endBefore;
  if (draft.deviceIds.length === 0 && draft.tags.length === 0) faults.what = words.whatMissing;
  const reason = draft.reason.trim();
  if (reason === '') faults.reason = words.reasonMissing;
  if (Object.keys(faults).length > 0 || startsAt === undefined || endsAt === undefined) return { faults };
  return {
    body: {
      device_ids: [...draft.deviceIds],
      tags: [...draft.tags],
      ...(draft.start === 'at' && { starts_at: new Date(startsAt).toISOString() }),
      ends_at: endsAt === null ? null : new Date(endsAt).toISOString(),
      reason,
    },
  };
}

/** How a window stands at a moment. */
export function windowState(
  { starts_at, ends_at }: { readonly starts_at: string; readonly ends_at: string | null },
  now: number,
): 'now' | 'planned' | 'over' {
  if (ends_at !== null && Date.parse(ends_at) <= now) return 'over';
  return Date.parse(starts_at) > now ? 'planned' : 'now';
}
