import type { Severity } from '../rules/rules.ts';
import type { SqlReads } from '../store/store.ts';
import { ALARM_COLUMNS, type AlarmRow, type AlarmStatus } from './alarm-rows.ts';

/** An alarm, and what its device is called now. */
export interface Alarm extends AlarmRow {
  readonly deviceKey: string;
}

/** Which alarms. What is left out is any. Times are epoch ms, of the raise. */
export interface AlarmFilter {
  readonly statuses?: readonly AlarmStatus[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly deviceId?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** In its message, its rule's name, its device's key or name; or its number. */
  readonly text?: string | undefined;
  readonly isShelved?: boolean | undefined;
  readonly isSuppressed?: boolean | undefined;
}

export interface AlarmPage {
  readonly items: Alarm[];
  /** The number that the next page goes on below; null when there is none. */
  readonly next: number | null;
}

/** Alarms looked through for one page, so that no question holds up the appliance. */
const MAX_SCANNED = 2_000;

const COLUMNS = `${ALARM_COLUMNS}, d.key as deviceKey`;
const JOINED = 'join devices d on d.id = a.device_id';
const ONE = `select ${COLUMNS} from alarms a ${JOINED} where a.id = ?`;

/** One alarm. */
export const findAlarm = (sql: SqlReads, id: string): Alarm | undefined => sql.get<Alarm>(ONE, id);

const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
const json = (values: readonly string[] | undefined) => (values === undefined ? null : JSON.stringify(values));

/** The number in a search, as people write it: `#12`, or `12`. */
const numberIn = (text: string | undefined): number | null => {
  const [, digits] = /^#?(\d{1,15})$/.exec(text?.trim() ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
};

/** Alarms, those recorded last first. @param below - the number that the page before ended with */
export function listAlarms(
  sql: SqlReads,
  filter: AlarmFilter,
  { limit, below = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly below?: number | undefined },
): AlarmPage {
  const { statuses, deviceId, text } = filter;
  // What an index can tell is asked before, so that it is not looked through.
  const isOpen = statuses !== undefined && !statuses.includes('closed');
  const within = `from alarms where number < ?1 and (?2 is null or device_id = ?2)
    ${isOpen ? `and status <> 'closed'` : ''} ${deviceId === undefined ? '' : 'and device_id = ?2'} order by number desc`;
  const rows = sql.all<Alarm>(
    `select ${COLUMNS} from (select * ${within} limit ${MAX_SCANNED}) a ${JOINED}
     where (?3 is null or a.status in (select value from json_each(?3)))
       and (?4 is null or a.severity in (select value from json_each(?4)))
       and (?5 is null or a.rule_id = ?5)
       and (?6 is null or a.raised_at >= ?6)
       and (?7 is null or a.raised_at < ?7)
       and (?8 is null or (a.shelved_until is not null) = ?8)
       and (?9 is null or (a.suppression is not null) = ?9)
       and (?10 is null or mentions(a.message, ?10) or mentions(a.rule_name, ?10)
         or mentions(d.key, ?10) or mentions(d.name, ?10) or a.number = ?11)
     order by a.number desc limit ?12`,
    below,
    deviceId ?? null,
    json(statuses),
    json(filter.severities),
    filter.ruleId ?? null,
    filter.from ?? null,
    filter.to ?? null,
    flag(filter.isShelved),
    flag(filter.isSuppressed),
    text ?? null,
    numberIn(text),
    limit + 1,
  );
  if (rows.length > limit) {
    const items = rows.slice(0, limit);
    return { items, next: items.at(-1)?.number ?? null };
  }
  const last = sql.get<{ number: number }>(
    `select number ${within} limit 1 offset ${MAX_SCANNED - 1}`,
    below,
    deviceId ?? null,
  );
  return { items: rows, next: last?.number ?? null };
}

/** How many alarms there are to be looked at. Shelved and suppressed ones are counted apart, and nowhere else. */
export interface AlarmCounts {
  /** That stand, acknowledged or not. */
  readonly standing: Readonly<Record<Severity, number>>;
  /** That nobody has acknowledged, standing or cleared. */
  readonly unacknowledged: Readonly<Record<Severity, number>>;
  /** Both together: all that is not closed. */
  readonly open: Readonly<Record<Severity, number>>;
  readonly shelved: number;
  readonly suppressed: number;
}

interface CountRow {
  readonly severity: Severity;
  readonly status: AlarmStatus;
  readonly isShelved: number;
  readonly isSuppressed: number;
  readonly count: number;
}

/** Counts those that are not closed. */
export function countAlarms(sql: SqlReads): AlarmCounts {
  const standing = { low: 0, medium: 0, high: 0, critical: 0 };
  const unacknowledged = { low: 0, medium: 0, high: 0, critical: 0 };
  const open = { low: 0, medium: 0, high: 0, critical: 0 };
  let [shelved, suppressed] = [0, 0];
  const rows = sql.all<CountRow>(
    `select severity, status, shelved_until is not null as isShelved, suppression is not null as isSuppressed,
       count(*) as count from alarms where status <> 'closed' group by 1, 2, 3, 4`,
  );
  for (const { severity, status, isShelved, isSuppressed, count } of rows) {
    if (isSuppressed === 1) suppressed += count;
    else if (isShelved === 1) shelved += count;
    else {
      open[severity] += count;
      if (status !== 'cleared') standing[severity] += count;
      if (status !== 'acknowledged') unacknowledged[severity] += count;
    }
  }
  return { standing, unacknowledged, open, shelved, suppressed };
}
