import type { NotificationChannel } from '../../../api/schema.ts';
import type { Role } from '../../../state/rights.ts';

export type ChannelKind = NotificationChannel['kind'];
type QuietHours = NonNullable<NotificationChannel['quiet_hours']>;

/** A member, as far as a form of a channel needs them. */
export interface Candidate {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** What somebody has typed of a channel. */
export interface ChannelDraft {
  readonly kind: ChannelKind;
  readonly name: string;
  readonly rate: string;
  readonly quiet: QuietHours | null;
  readonly roles: readonly Role[];
  readonly userIds: readonly string[];
  readonly hasOwnServer: boolean;
  readonly hasSound: boolean;
  /** By the name of the member of `config`, or of `config.server`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** When nobody has said otherwise. */
export const NIGHT: QuietHours = { from: '22:00', to: '06:00', days: [1, 2, 3, 4, 5, 6, 7] };

export const emptyDraft = (kind: ChannelKind): ChannelDraft => ({
  kind,
  name: '',
  rate: '10',
  quiet: null,
  roles: [],
  userIds: [],
  hasOwnServer: false,
  hasSound: true,
  fields: { port: '587', security: 'starttls', sign_in: 'password' },
  secrets: {},
});

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** A channel as it is, ready to be changed. */
export function draftOf(
  { kind, name, rate_per_minute, quiet_hours, config }: NotificationChannel,
  people: readonly Candidate[],
): ChannelDraft {
  const server = membersOf(config.server);
  const texts = Object.entries({ ...config, ...server }).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
  );
  const numbers = listIn(config.recipients).map((each) => {
    const { number, user_id: id } = membersOf(each);
    // Who has left stands there by their id: without it the number would be told whoever has it.
    const whose = people.find((one) => one.id === id)?.email ?? id;
    return whose == null ? String(number) : `${number} ${whose}`;
  });
  return {
    ...emptyDraft(kind),
    name,
    rate: String(rate_per_minute),
    quiet: quiet_hours,
    roles: listIn(config.roles) as Role[],
    userIds: listIn(config.user_ids) as string[],
    hasOwnServer: config.server != null,
    hasSound: config.has_sound !== false,
    fields: {
      ...emptyDraft(kind).fields,
      ...Object.fromEntries(texts),
      addresses: listIn(config.addresses).join('\n'),
      numbers: numbers.join('\n'),
    },
  };
}

const linesOf = (text = ''): string[] =>
  text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const orNull = (text = ''): string | null => (text.trim() === '' ? null : text.trim());

/** Secrets that a channel needs, as it is typed. */
export function secretsOf({ kind, hasOwnServer, fields }: ChannelDraft): readonly string[] {
  if (kind === 'sms' || kind === 'whatsapp') return ['auth_token'];
  if (kind === 'webhook') return ['signing_secret'];
  if (kind !== 'email' || !hasOwnServer) return [];
  if (fields.sign_in === 'password') return ['password'];
  return fields.sign_in === 'oauth2' ? ['client_secret', 'refresh_token'] : [];
}

/** `config`, as the API takes it. */
export function configOf(draft: ChannelDraft, people: readonly Candidate[]): Record<string, unknown> {
  const { kind, fields, roles, userIds } = draft;
  const told = { user_ids: userIds, roles };
  switch (kind) {
    case 'email': {
      const isOauth = fields.sign_in === 'oauth2';
      const server = {
        host: (fields.host ?? '').trim(),
        port: Number(fields.port),
        security: fields.security,
        from: (fields.from ?? '').trim(),
        sign_in: fields.sign_in,
        user: fields.sign_in === 'none' ? null : orNull(fields.user),
        token_url: isOauth ? orNull(fields.token_url) : null,
        client_id: isOauth ? orNull(fields.client_id) : null,
        ca: fields.security === 'none' ? null : orNull(fields.ca),
      };
      return { ...told, addresses: linesOf(fields.addresses), server: draft.hasOwnServer ? server : null };
    }
    case 'sms':
    case 'whatsapp':
      return {
        account_sid: (fields.account_sid ?? '').trim(),
        from: (fields.from ?? '').trim(),
        recipients: linesOf(fields.numbers).map((line) => {
          const [number = '', whose] = line.split(/\s+/);
          const known = people.find((one) => one.email.toLowerCase() === whose?.toLowerCase());
          // The API finds fault with what is nobody's.
          return { number, user_id: known?.id ?? whose ?? null };
        }),
        ...(kind === 'whatsapp' && { content_sid: (fields.content_sid ?? '').trim() }),
      };
    case 'webhook':
      return { url: (fields.url ?? '').trim() };
    case 'mqtt':
      return { topic: (fields.topic ?? '').trim() };
    case 'browser':
      return { ...told, has_sound: draft.hasSound };
  }
}

/** What was typed of the secrets: what was left empty stays as it is. */
export const typedSecrets = (draft: ChannelDraft): Record<string, string> =>
  Object.fromEntries(secretsOf(draft).flatMap((name) => (draft.secrets[name] ? [[name, draft.secrets[name]]] : [])));
