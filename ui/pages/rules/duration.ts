/** Times that pass, as people type and read them. */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

const WORDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3_600,
  hr: 3_600,
  hrs: 3_600,
  hour: 3_600,
  hours: 3_600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
};

/** The seconds of a time that was typed: "90", "90 s", "1.5 h", "1 h 30 min". Undefined for what is none. */
export function parseDuration(typed: string): number | undefined {
  const text = typed.trim().toLowerCase().replaceAll(',', '.');
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, word = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = WORDS[word];
    if (unit === undefined) return undefined;
    seconds += Number(amount) * unit;
  }
  return seconds;
}

/** Exactly so many seconds: "90 s", "5 min", "1 h 30 min", "2 d". */
export function durationText(seconds: number): string {
  // Shorter than two minutes it is read in seconds, as people say them.
  if (seconds < 120 && seconds % 60 !== 0) return `${Number(seconds.toFixed(3))} s`;
  let rest = seconds;
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = unit === 's' ? Number(rest.toFixed(3)) : Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
