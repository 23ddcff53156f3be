import { sentence } from '../../../format/sentence.ts';
import { formatTime } from '../../../format/time.ts';
import { timezone } from '../../../state/session.ts';
import { text } from '../../../text/transfer.ts';

const OPTION = new RegExp(
  `\\b(${Object.keys(text.options)
    .filter((name) => name.includes('_'))
    .join('|')})\\b`,
  'g',
);
const STAMP = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The API's words as they read on the page: options by the names of their fields, times in the factory's zone. */
export const inWords = (message: string): string =>
  sentence(
    message
      .replace(OPTION, (name) => `“${text.options[name as keyof typeof text.options]}”`)
      .replace(STAMP, (stamp) => formatTime(Date.parse(stamp), 'date_time', timezone.value)),
  );
