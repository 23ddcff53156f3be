import * as z from 'zod';

/** Parts of schemas whose faults are told in words for people who know machines and not programs. */

/** Longest of all times in a rule (s): a week. */
const MAX_SECONDS = 604_800;

const WEEK = `${MAX_SECONDS} (a week)`;

/** An object with these members alone. @param what - what it is, as a fault calls it: `a rule` */
export const objectOf = <Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `unknown here: ${what} has ${listed(Object.keys(shape))}`
        : `write ${what} as {…} with ${listed(Object.keys(shape))}`,
  });

/** `a, b and c` */
export const listed = (words: readonly string[], last = 'and'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** A number, said in one sentence whatever is wrong with it. */
export const numberOf = (sentence: string, least?: number, most?: number) => {
  const plain = z.number({ error: sentence });
  const from = least === undefined ? plain : plain.min(least, sentence);
  return most === undefined ? from : from.max(most, sentence);
};

/** A time that passes (s). */
export const durationOf = (what: string) =>
  numberOf(`say in seconds ${what}: more than 0, at most ${WEEK}`, 0.001, MAX_SECONDS);

/** A time that may be none (s). */
export const pauseOf = (what: string) => numberOf(`say in seconds ${what}: 0 to ${WEEK}`, 0, MAX_SECONDS);

/** One of some words. */
export const wordOf = <const Words extends readonly [string, ...string[]]>(what: string, words: Words) =>
  z.enum(words, { error: `say ${what}: ${listed(words, 'or')}` });

/** A line of text. @param sentence - what it should be, said for anything that it is not */
export const lineOf = (sentence: string, most: number) =>
  line(z.string({ error: sentence }).trim().min(1, sentence), most);

/** A name that somebody else has given: blanks around it are a part of it. */
export const nameOf = (sentence: string, most: number) =>
  line(z.string({ error: sentence }).regex(/\S/, sentence), most);

const line = (text: z.ZodString, most: number) =>
  text
    .max(most, `at most ${most} characters`)
    .refine((value) => !/\p{Cc}/u.test(value), 'one line, without control characters');

/** An id that the API has given. */
export const idOf = (what: string) => z.uuid({ error: `not an id: name ${what} by its id, a UUID` }).toLowerCase();

export const flagOf = (sentence: string) => z.boolean({ error: sentence });

/** A list of at most so many. */
export const listOf = <Item extends z.ZodType>(what: string, item: Item, most: number) =>
  z.array(item, { error: `write ${what} as a list […]` }).max(most, `at most ${most} ${what}`);

/** Tells what is wrong between members, also while others are at fault: all faults at once. */
export type Tell = (path: readonly PropertyKey[], message: string) => void;

/**
 * Adds a check that looks at several members. It is asked even when some of them are not what they should be, so `look`
 * gets nothing but what it has made sure of.
 */
export const checked = <Schema extends z.ZodType>(schema: Schema, look: (value: unknown, tell: Tell) => void): Schema =>
  schema.superRefine(
    (value, context) => look(value, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
    { when: () => true },
  );

/** A value's members, where it has any. */
export const membersIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** A list's items, where it is one. */
export const itemsIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Tells of each item that is there before. */
export function tellRepeated(list: unknown, path: readonly PropertyKey[], tell: Tell, message: string): void {
  const seen = new Set<unknown>();
  for (const [index, item] of itemsIn(list).entries()) {
    // What is neither is at fault itself.
    if (typeof item !== 'string' && typeof item !== 'number') continue;
    if (seen.has(item)) tell([...path, index], message);
    seen.add(item);
  }
}
