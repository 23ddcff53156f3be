import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Alarms on every page: the strip, and what is done from it. */
export const text = catalogue({
  en: {
    strip: 'Alarms',
    counts: 'Open alarms by severity',
    none: 'No alarms',
    countOf: (count: number, severity: string) => `${count.toLocaleString('en')} ${severity.toLowerCase()}`,
    openOf: (severity: string) => `Open alarms of severity ${severity.toLowerCase()}`,
    acknowledge: 'Acknowledge',
    waitingSound: 'Sound waits for a touch',
    waitingSoundHint: 'Browsers play nothing before somebody has touched the page.',
    navBadge: (count: number) => `, ${plural(count, 'alarm', 'alarms')} open`,

    noteTitle: (count: number) => (count === 1 ? 'Acknowledge with a note' : `Acknowledge ${count} with a note`),
    noteRequired: (count: number) =>
      count === 1 ? 'The rule of this alarm asks for a note.' : `The rules of these ${count} alarms ask for a note.`,
    note: 'Note',
    noteHint: 'What was found, or done. It stands in the history of the alarm.',
    noteMissing: 'Write a note: without it they are not acknowledged.',
    acknowledged: (count: number) => `${plural(count, 'alarm', 'alarms')} acknowledged`,
    hadBeen: (count: number) =>
      count === 1 ? 'It had been acknowledged already.' : `${plural(count, 'alarm', 'alarms')} had been already.`,
  },
});
