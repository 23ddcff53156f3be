import { timezone } from '../../state/session.ts';
import { text } from '../../text/rules.ts';
import type { Schedule } from './rule-draft.ts';

/** When a rule applies, as a sentence: `Applies Mo, Tu from 06:00 to 22:00 (Europe/Berlin).` Days are as the schedule has them. */
export function scheduleText(schedule: Schedule | null): string {
  if (schedule === null) return `${text.schedule} ${text.always}.`;
  const hours = schedule.windows.map(({ days, from, to }) => {
    const on = days.map((day) => text.days[day - 1]).join(', ');
    return from === to ? `${on} ${text.wholeDay}` : `${on} ${text.hoursFrom} ${from} ${text.hoursTo} ${to}`;
  });
  const zone = schedule.timezone === 'factory' ? timezone.value : schedule.timezone;
  const { from_date: first, to_date: last } = schedule;
  const days = [first !== null && text.fromDay(first), last !== null && text.toDay(last)].filter(Boolean);
  return `${text.schedule} ${[hours.join('; '), ...days].filter(Boolean).join(', ')} (${zone}).`;
}
