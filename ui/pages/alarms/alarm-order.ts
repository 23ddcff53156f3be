import type { Alarm } from '../../api/schema.ts';
import type { Severity } from '../../components/severity.tsx';

const RANKS: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** The worst first, and of those the newest. */
export const bySeverity = (one: Alarm, other: Alarm): number =>
  RANKS[other.severity] - RANKS[one.severity] ||
  Date.parse(other.raised_at) - Date.parse(one.raised_at) ||
  other.number - one.number;

/** What narrows a list of alarms. */
export interface AlarmFilters {
  readonly q: string;
  /** None: all of them. */
  readonly severities: readonly Severity[];
  /** Its id; empty: any. */
  readonly device: string;
}

export const isFiltered = ({ q, severities, device }: AlarmFilters): boolean =>
  q.trim() !== '' || severities.length > 0 || device !== '';

/** Alarms that have every word typed in message, rule, device or number, and are of what is chosen. */
export function matching(alarms: readonly Alarm[], { q, severities, device }: AlarmFilters): readonly Alarm[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return alarms.filter((alarm) => {
    if (severities.length > 0 && !severities.includes(alarm.severity)) return false;
    if (device !== '' && alarm.device_id !== device) return false;
    const searched = `${alarm.message}\n${alarm.rule_name}\n${alarm.device_key}\n#${alarm.number}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
