import type { ApiError } from '../../api/client.ts';
import type { Operations } from '../../api/schema.ts';
import {
  apiFaults,
  draftFaults,
  emptyFactory,
  type FactoryDraft,
  type FactoryFaults,
} from '../../components/factory-draft.ts';
import { text } from '../../text/setup.ts';

const MIN_PASSWORD_LENGTH = 8;

/** All that is typed in the wizard, kept until it is done: going back, an error and a restart lose nothing. */
export interface Draft {
  readonly code: string;
  readonly isDemo: boolean;
  readonly email: string;
  readonly password: string;
  readonly factory: FactoryDraft;
}

export const emptyDraft = (timezone: string): Draft => ({
  code: '',
  isDemo: false,
  email: '',
  password: '',
  factory: emptyFactory(timezone),
});

/** What is wrong with each field of the last step. */
export interface OwnerFaults {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
  readonly factory: FactoryFaults;
}

/** What can be said before the API is asked. */
export function ownerFaults({ email, password, isDemo, factory }: Draft): OwnerFaults {
  const { length } = password;
  return {
    ...(!/^\S+@\S+$/.test(email.trim()) && { email: text.emailMissing }),
    ...(length < MIN_PASSWORD_LENGTH && { password: length === 0 ? text.passwordMissing : text.passwordShort(length) }),
    factory: isDemo ? {} : draftFaults(factory),
  };
}

export const isFaultless = ({ email, password, factory }: OwnerFaults): boolean =>
  [email, password, factory.name, factory.slug, factory.timezone].every((fault) => fault === undefined);

/** What the API has said of the fields. */
export const ownerApiFaults = (error: ApiError | undefined): OwnerFaults => ({
  email: error?.faultOf('email'),
  password: error?.faultOf('password'),
  factory: apiFaults(error),
});

/** What the API is sent. A demo factory has its own name; its times are those of the chosen zone all the same. */
export function setupBody({ code, isDemo, email, password, factory }: Draft): Operations['POST /setup']['body'] {
  const { name, slug, timezone } = factory;
  const owner = { setup_code: code, email: email.trim(), password, timezone };
  return isDemo ? { ...owner, demo: true } : { ...owner, factory_name: name.trim(), factory_slug: slug };
}
