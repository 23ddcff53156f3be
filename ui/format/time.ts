const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A span as people say it: "4 s", "12 min", "1 h 12 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  const [large, small, largeMs, smallMs] =
    span < DAY_MS ? ['h', 'min', HOUR_MS, MINUTE_MS] : ['d', 'h', DAY_MS, HOUR_MS];
  const rest = Math.floor((span % Number(largeMs)) / Number(smallMs));
  const whole = `${Math.floor(span / Number(largeMs))} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

type Style = 'time' | 'minute' | 'date' | 'date_minute' | 'date_time' | 'zone';

const STYLES: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  date_minute: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  date_time: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
  zone: { timeZoneName: 'short' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(style: Style, timezone: string): Intl.DateTimeFormat {
  const key = `${style} ${timezone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { ...STYLES[style], timeZone: timezone });
    formats.set(key, format);
  }
  return format;
}

/** A moment (epoch ms) in a factory's zone. */
export const formatTime = (ms: number, style: Exclude<Style, 'zone'>, timezone: string): string =>
  formatOf(style, timezone).format(ms);

/** The zone's short name at a moment: "IST", "CET", "GMT+2". */
export function zoneName(ms: number, timezone: string): string {
  const part = formatOf('zone', timezone)
    .formatToParts(ms)
    .find(({ type }) => type === 'timeZoneName');
  return part?.value ?? timezone;
}
