/** The API takes these: 1 to 40 lower-case letters, digits and inner hyphens. */
const MAX_LENGTH = 40;

/** What is wrong with a short name while it is typed. */
export type SlugFault = 'empty' | 'letters' | 'ends' | 'long';

/** A short name made of a name: accents dropped, everything else that topics do not take made a hyphen. */
export const slugFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, '');

/** Why the API would refuse a short name; undefined when it would take it. */
export function slugFault(slug: string): SlugFault | undefined {
  if (slug === '') return 'empty';
  if (/[^a-z0-9-]/.test(slug)) return 'letters';
  if (slug.startsWith('-') || slug.endsWith('-')) return 'ends';
  return slug.length > MAX_LENGTH ? 'long' : undefined;
}
