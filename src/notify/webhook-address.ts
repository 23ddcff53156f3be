import type { ChannelDraft } from './channels.ts';

/** Stands for what follows the origin, in an address that is shown. */
const MASK = '…';
/** As a parser of addresses writes it. */
const WRITTEN_MASK = encodeURIComponent(MASK);

/**
 * An address as it may be seen: what follows the origin is a secret by itself with Slack, Teams and Discord, and may
 * hold one with any other (`?token=…`). What is shown of that is the same again.
 */
export function shownAddress(url: string): string {
  const { origin, pathname, search, hash } = new URL(url);
  return pathname === '/' && search === '' && hash === '' ? origin : `${origin}/${MASK}`;
}

/** Whether an address that somebody says is only what they were shown of the one that is stored. */
const isShownOf = (url: string, stored: string | undefined): boolean =>
  stored !== undefined && new URL(url).href === new URL(shownAddress(stored)).href;

/** What cannot be an address: one with something left out, unless it was shown like that. */
export const isIncomplete = (url: string, stored: string | undefined): boolean =>
  new URL(url).href.includes(WRITTEN_MASK) && !isShownOf(url, stored);

/**
 * Puts a webhook's address among its secrets, and what may be seen of it in its place. Whoever says again what was
 * shown leaves the address as it is.
 *
 * @param stored - what stands in `config` so far
 */
export function hideAddress(draft: ChannelDraft, stored: string | undefined): ChannelDraft {
  if (draft.kind !== 'webhook') return draft;
  const { url } = draft.config;
  if (stored !== undefined && isShownOf(url, stored)) return { ...draft, config: { url: stored } };
  return { ...draft, config: { url: shownAddress(url) }, secrets: { ...draft.secrets, url } };
}

/** Shorter than this a part of a path is a word, such as `alarms`. */
const MIN_PATH_PART = 8;

const plain = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What must not be repeated of an address: all that follows the origin, and the parts in which a secret may be. */
export function secretParts(url: string): string[] {
  const { href, pathname, search, hash, searchParams } = new URL(url);
  const parts = pathname.split('/').filter((part) => part.length >= MIN_PATH_PART);
  const values = search.split(/[?&]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [
    href,
    pathname + search + hash,
    pathname + search,
    pathname,
    ...parts,
    ...parts.map(plain),
    ...values,
    ...searchParams.values(),
  ];
}
