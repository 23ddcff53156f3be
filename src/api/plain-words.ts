import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const TYPES: Readonly<Record<string, string>> = {
  string: 'say it as text',
  number: 'say it as a number',
  int: 'say it as a whole number',
  boolean: 'say true or false',
  array: 'say it as a list',
  object: 'say it as an object with members',
  record: 'say it as an object with members',
  null: 'leave it out, or say null',
};
const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'not an id',
  email: 'not an e-mail address',
  url: 'not an address such as https://…',
  datetime: 'not a time such as 2026-11-29T12:00:00Z',
  date: 'not a date such as 2026-11-29',
};

const sized = (count: number | bigint, origin: string): string => {
  if (origin === 'string') return count === 1 ? '1 character' : `${count} characters`;
  return String(count);
};

/** What is wrong with something that was sent, for the people who sent it; where a schema has no words of its own. */
export function inPlainWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'it is missing';
      return TYPES[issue.expected];
    case 'invalid_value': {
      const values = issue.values.map(String);
      return values.length === 1 ? `say ${values[0]}` : `say one of: ${values.join(', ')}`;
    }
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${sized(issue.maximum, issue.origin)}`;
    case 'too_small':
      if (issue.minimum === 1 && issue.origin === 'string') return 'it is empty';
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${sized(issue.minimum, issue.origin)}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'not in the form that is asked for';
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return 'none of the forms that are taken here';
    default:
      return undefined;
  }
}
