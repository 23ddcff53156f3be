import type { ApiError } from '../api/client.ts';
import { slugFault, slugFrom } from '../format/slug.ts';
import { text } from '../text/factory.ts';

/** A factory as far as it has been typed. */
export interface FactoryDraft {
  readonly name: string;
  readonly slug: string;
  /** The short name was typed, and follows the name no more. */
  readonly isSlugTyped: boolean;
  /** IANA zone. */
  readonly timezone: string;
}

export const emptyFactory = (timezone: string): FactoryDraft => ({ name: '', slug: '', isSlugTyped: false, timezone });

/** With another name; the short name follows it until it was typed. */
export const withName = (draft: FactoryDraft, name: string): FactoryDraft => ({
  ...draft,
  name,
  slug: draft.isSlugTyped ? draft.slug : slugFrom(name),
});

/** With a short name as it was typed; emptied, it follows the name again. */
export const withSlug = (draft: FactoryDraft, slug: string): FactoryDraft => ({
  ...draft,
  slug: slug.toLowerCase(),
  isSlugTyped: slug !== '',
});

/** What is wrong with each field. */
export interface FactoryFaults {
  readonly name?: string | undefined;
  readonly slug?: string | undefined;
  readonly timezone?: string | undefined;
}

/** What the API would say of the draft, said before it is asked. */
export function draftFaults({ name, slug }: FactoryDraft): FactoryFaults {
  const length = name.trim().length;
  const fault = slugFault(slug);
  return {
    ...(length === 0 && { name: text.nameMissing }),
    ...(length > 100 && { name: text.nameLong }),
    ...(fault !== undefined && { slug: text.slugFaults[fault] }),
  };
}

/** What the API has said. Setup calls the fields by longer names. */
export const apiFaults = (error: ApiError | undefined): FactoryFaults => ({
  name: error?.faultOf('name') ?? error?.faultOf('factory_name'),
  slug: error?.code === 'conflict' ? text.slugTaken : (error?.faultOf('slug') ?? error?.faultOf('factory_slug')),
  timezone: error?.faultOf('timezone'),
});
