import type { Severity } from '../rules/rules.ts';

/** An alarm, as far as the quality of alarms goes. Times are epoch ms. */
export interface JudgedAlarm {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly deviceId: string;
  readonly deviceKey: string;
  readonly severity: Severity;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
  readonly recordedAt: number;
  readonly acknowledgedAt: number | null;
  readonly isChattering: boolean;
}

/** `good`: as the standard recommends; `acceptable`: what people can just manage; null: too few to say. */
export type Verdict = 'good' | 'acceptable' | 'poor';

/** A figure, and what the standard says of it. */
export interface Figure {
  readonly value: number;
  /** Up to this it is good, and up to that acceptable. */
  readonly target: number;
  readonly maximum: number;
  readonly verdict: Verdict | null;
}

/** A rule that raises many alarms on a device. */
export interface BadActor {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly deviceId: string;
  readonly deviceKey: string;
  readonly count: number;
  /** Of all alarms (%). */
  readonly share: number;
}

export interface AlarmQuality {
  readonly alarms: number;
  readonly perDay: Figure;
  readonly perTenMinutes: Figure;
  readonly peakPerTenMinutes: Figure & { readonly at: number | null };
  /** Of the periods of ten minutes, those with more than ten alarms (%). */
  readonly overTen: Figure;
  /** Time in a flood (%): from ten minutes with more than ten alarms to the next with fewer than five. */
  readonly flood: Figure;
  /** Of all (%), by severity. */
  readonly severities: Readonly<Record<Severity, Figure>>;
  readonly badActors: readonly BadActor[];
  /** Of all, those of the ten most frequent (%). */
  readonly topTen: Figure;
  readonly chattering: Figure;
  /** Gone within a minute, without chattering. */
  readonly fleeting: Figure;
  /** Largest number that had stood for over a day at the end of one. */
  readonly stale: Figure;
  /** Median, from when it was shown (s); null where none was acknowledged. */
  readonly secondsToAcknowledge: number | null;
  readonly acknowledged: number;
  /** How many were raised in each ten minutes of the last day, the oldest first; `from` is epoch ms. */
  readonly lastDay: readonly { readonly from: number; readonly count: number }[];
}

const TEN_MINUTES = 600_000;
const DAY = 86_400_000;
const FLEETING_MS = 60_000;
const FLOOD_FROM = 10;
const FLOOD_UNTIL = 5;
/** With fewer, shares say nothing. */
const ENOUGH = 50;

/**
 * What is good, and what is the most that people can manage: ANSI/ISA-18.2, table 7 and IEC 62682, table 7 (metrics for an
 * operator), which are those of EEMUA 191. Of severities the standard has targets alone; twice that is taken as the most.
 */
const LIMITS = {
  perDay: [150, 300],
  perTenMinutes: [1, 2],
  peakPerTenMinutes: [10, 10],
  overTen: [1, 1],
  flood: [1, 1],
  topTen: [1, 5],
  chattering: [0, 0],
  fleeting: [0, 0],
  stale: [4, 4],
  low: [100, 100],
  medium: [15, 30],
  high: [5, 10],
  critical: [1, 2],
} as const;

const rounded = (value: number) => Math.round(value * 100) / 100;

function figure(name: keyof typeof LIMITS, value: number, isEnough = true): Figure {
  const [target, maximum] = LIMITS[name];
  const verdict = value <= target ? 'good' : value <= maximum ? 'acceptable' : 'poor';
  return { value: rounded(value), target, maximum, verdict: isEnough ? verdict : null };
}

const median = (values: readonly number[]): number | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
};

/** Periods that are part of a flood. */
function floodedPeriods(counts: ReadonlyMap<number, number>, periods: number): number {
  let isFlood = false;
  let flooded = 0;
  for (let period = 0; period < periods; period += 1) {
    const count = counts.get(period) ?? 0;
    if (count > FLOOD_FROM) isFlood = true;
    else if (count < FLOOD_UNTIL) isFlood = false;
    if (isFlood) flooded += 1;
  }
  return flooded;
}

/** The periods of the last day of a span. */
function lastDayOf(counts: ReadonlyMap<number, number>, from: number, periods: number): AlarmQuality['lastDay'] {
  const length = Math.min(periods, DAY / TEN_MINUTES);
  return Array.from({ length }, (_, place) => {
    const period = periods - length + place;
    return { from: from + period * TEN_MINUTES, count: counts.get(period) ?? 0 };
  });
}

/** Adds up alarms, one by one, in any order. */
export interface QualityFold {
  /** One that was raised in the span, and shown to people. */
  add(alarm: JudgedAlarm): void;
  /** One that stood in the span, whenever it was raised. */
  stood(alarm: Pick<JudgedAlarm, 'raisedAt' | 'clearedAt'>): void;
  result(): AlarmQuality;
}

/** The quality of the alarms of a span (epoch ms). */
export function judgeAlarms(from: number, to: number): QualityFold {
  const periods = Math.max(1, Math.ceil((to - from) / TEN_MINUTES));
  const days = Math.max(to - from, TEN_MINUTES) / DAY;
  const counts = new Map<number, number>();
  const severities = { low: 0, medium: 0, high: 0, critical: 0 };
  const actors = new Map<string, Omit<BadActor, 'share' | 'count'> & { count: number }>();
  const waits: number[] = [];
  /** How many had stood for a day at the end of each. */
  const stale = new Map<number, number>();
  let [alarms, chattering, fleeting] = [0, 0, 0];

  return {
    add: (alarm) => {
      alarms += 1;
      const period = Math.floor((alarm.raisedAt - from) / TEN_MINUTES);
      counts.set(period, (counts.get(period) ?? 0) + 1);
      severities[alarm.severity] += 1;
      const { ruleId, ruleName, deviceId, deviceKey } = alarm;
      const key = `${ruleId}/${deviceId}`;
      const actor = actors.get(key) ?? { ruleId, ruleName, deviceId, deviceKey, count: 0 };
      actor.count += 1;
      actors.set(key, actor);
      if (alarm.isChattering) chattering += 1;
      else if (alarm.clearedAt !== null && alarm.clearedAt - alarm.raisedAt < FLEETING_MS) fleeting += 1;
      if (alarm.acknowledgedAt !== null) waits.push(Math.max(0, alarm.acknowledgedAt - alarm.recordedAt) / 1_000);
    },
    stood: ({ raisedAt, clearedAt }) => {
      const first = Math.max(0, Math.ceil((raisedAt + DAY - from) / DAY));
      const last = Math.floor((Math.min(clearedAt ?? to, to) - from) / DAY);
      for (let day = first; day <= last; day += 1) stale.set(day, (stale.get(day) ?? 0) + 1);
    },
    result: () => {
      const share = (count: number) => (alarms === 0 ? 0 : (count / alarms) * 100);
      const isEnough = alarms >= ENOUGH;
      const peak = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0]);
      const top = [...actors.values()].toSorted((one, other) => other.count - one.count).slice(0, 10);
      const over = [...counts.values()].filter((count) => count > FLOOD_FROM).length;
      const ofSeverity = (severity: Severity) => figure(severity, share(severities[severity]), isEnough);
      return {
        alarms,
        perDay: figure('perDay', alarms / days),
        perTenMinutes: figure('perTenMinutes', alarms / Math.max(1, (to - from) / TEN_MINUTES)),
        peakPerTenMinutes: {
          ...figure('peakPerTenMinutes', peak[1]),
          at: peak[1] === 0 ? null : from + peak[0] * TEN_MINUTES,
        },
        overTen: figure('overTen', (over / periods) * 100),
        flood: figure('flood', (floodedPeriods(counts, periods) / periods) * 100),
        severities: {
          low: ofSeverity('low'),
          medium: ofSeverity('medium'),
          high: ofSeverity('high'),
          critical: ofSeverity('critical'),
        },
        badActors: top.map((actor) => ({ ...actor, share: rounded(share(actor.count)) })),
        topTen: figure('topTen', share(top.reduce((sum, { count }) => sum + count, 0)), isEnough),
        chattering: figure('chattering', chattering),
        fleeting: figure('fleeting', fleeting),
        stale: figure('stale', Math.max(0, ...stale.values())),
        secondsToAcknowledge: median(waits),
        acknowledged: waits.length,
        lastDay: lastDayOf(counts, from, periods),
      };
    },
  };
}
