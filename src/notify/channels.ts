import { actingAlone } from '../core/act.ts';
import { AppError, type Fault } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { SqlReads, Store } from '../store/store.ts';
import type { Channel, ChannelKind, QuietHours, Secrets, Way, WebhookConfig } from './channel.ts';
import { release, suppressAll } from './outbox-rows.ts';
import { hideAddress, isIncomplete, shownAddress } from './webhook-address.ts';

/** Seals what must not be seen, and opens it again; what is sealed for one purpose opens for no other. */
export interface Vault {
  seal(secret: string, purpose: string): string;
  open(sealed: string, purpose: string): string;
}

/** What somebody says of a channel. */
export type ChannelDraft = Way & {
  readonly name: string;
  readonly isActive: boolean;
  readonly quietHours: QuietHours | null;
  readonly ratePerMinute: number;
  /** Those named are set; the others stay as they are. */
  readonly secrets: Secrets;
};

/** What has come of what a channel was to say. */
export interface ChannelFigures {
  readonly pending: number;
  readonly dead: number;
  /** Epoch ms; null: never. */
  readonly lastSentAt: number | null;
}

/** The channels of all factories. Every method that takes an id throws `not_found`, but `has`. */
export interface Channels {
  /** By name; of a factory there are at most 50. */
  list(scope: FactoryScope): Channel[];
  get(scope: FactoryScope, id: string): Channel;
  has(scope: FactoryScope, id: string): boolean;
  /** @throws {AppError} `invalid_input`, `conflict` at 50 channels */
  create(scope: FactoryScope, draft: ChannelDraft, by: string): Channel;
  /** @throws {AppError} `invalid_input`, also where secrets would go to somebody else than they were given for */
  update(scope: FactoryScope, id: string, draft: ChannelDraft, by: string): Channel;
  /** With all that it was to say. @throws {AppError} `conflict` while rules tell by it */
  remove(scope: FactoryScope, id: string): void;
  /** @throws {AppError} `unavailable` when they cannot be opened */
  secrets(scope: FactoryScope, id: string): Secrets;
  /** A provider has given another refresh token for the one that was used. Nothing for a channel that has another by now. */
  renew(scope: FactoryScope, id: string, used: string, renewed: string): void;
  figures(scope: FactoryScope, id: string): ChannelFigures;
}

export interface ChannelsDeps {
  readonly store: Store;
  readonly vault: Vault;
  /** Epoch ms. */
  readonly now: () => number;
  readonly isMember: (scope: FactoryScope, userId: string) => boolean;
  /** Names of the rules that tell by it. */
  readonly usedBy: (scope: FactoryScope, id: string) => readonly string[];
  /** Whether the configuration names a mail server. */
  readonly hasMailServer: boolean;
}

/** Of one factory. */
const MAX_CHANNELS = 50;

interface Row {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly isActive: number;
  readonly config: string;
  readonly secrets: string | null;
  readonly secretNames: string;
  readonly quietHours: string | null;
  readonly ratePerMinute: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

const SELECT = `select id, kind, name, is_active as isActive, config, secrets, secret_names as secretNames,
  quiet_hours as quietHours, rate_per_minute as ratePerMinute, created_at as createdAt, created_by as createdBy,
  updated_at as updatedAt, updated_by as updatedBy from notification_channels`;

const notFound = () => new AppError('not_found', 'not found');
/** For what the secrets of a channel are sealed. */
export const purposeOf = (id: string) => `notification channel ${id}`;

/** What may be seen of how a channel is set. One of before whose secrets could not be opened has its whole address yet. */
function shownConfig(kind: ChannelKind, text: string): Channel['config'] {
  const config = JSON.parse(text);
  return kind === 'webhook' ? { url: shownAddress(config.url) } : config;
}

const channelOf = ({ secrets: _, config, quietHours, isActive, secretNames, ...row }: Row): Channel =>
  ({
    ...row,
    isActive: isActive === 1,
    config: shownConfig(row.kind, config),
    quietHours: quietHours === null ? null : JSON.parse(quietHours),
    secretNames: JSON.parse(secretNames),
  }) as Channel;

/** Which secrets a channel cannot do without. */
function neededSecrets(way: Way): readonly string[] {
  switch (way.kind) {
    case 'email': {
      const signIn = way.config.server?.sign_in ?? 'none';
      if (signIn === 'password') return ['password'];
      return signIn === 'oauth2' ? ['client_secret', 'refresh_token'] : [];
    }
    case 'whatsapp':
    case 'sms':
      return ['auth_token'];
    case 'webhook':
      return ['url', 'signing_secret'];
    case 'mqtt':
    case 'browser':
      return [];
  }
}

/** To whom the secrets of a channel are given, or what they speak for: what was given for one is not given to another. */
function holderOf(way: Way): string {
  switch (way.kind) {
    case 'email': {
      const { host, port, security, user, sign_in, token_url, client_id, ca } = way.config.server ?? {};
      // Who else vouches for a server decides who can stand in for it.
      return JSON.stringify([host, port, security, user, sign_in, token_url, client_id, ca]);
    }
    case 'whatsapp':
    case 'sms':
      return way.config.account_sid;
    case 'webhook':
      // It is not sent, but what it signs counts there, and it can be guessed at by that.
      return new URL(way.config.url).origin;
    default:
      return '';
  }
}

const isLoopbackName = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);

export function createChannels(deps: ChannelsDeps): Channels {
  const { store, vault, now } = deps;

  const read = (sql: SqlReads, id: string): Row => {
    const row = sql.get<Row>(`${SELECT} where id = ?`, id);
    if (row === undefined) throw notFound();
    return row;
  };

  /** @param before - ids that were there already: somebody may have left since, and holds up no other change */
  const peopleFaults = (scope: FactoryScope, way: Way, before: string): Fault[] => {
    const named =
      way.kind === 'email' || way.kind === 'browser'
        ? way.config.user_ids.map((id, index) => ({ id, at: `user_ids/${index}` }))
        : way.kind === 'sms' || way.kind === 'whatsapp'
          ? way.config.recipients.map(({ user_id: id }, index) => ({ id, at: `recipients/${index}/user_id` }))
          : [];
    return named.flatMap(({ id, at }) =>
      id === null || before.includes(id) || deps.isMember(scope, id)
        ? []
        : [{ pointer: `/config/${at}`, message: 'not a member of this factory' }],
    );
  };

  const serverFaults = (way: Way): Fault[] => {
    if (way.kind !== 'email') return [];
    const { server } = way.config;
    if (server === null) {
      const message = 'no mail server is configured for the appliance (smtp.host): say one here';
      return deps.hasMailServer ? [] : [{ pointer: '/config/server', message }];
    }
    const message = 'only a server on this machine may be spoken to without TLS';
    const isOpen = server.security === 'none' && !isLoopbackName(server.host);
    const { protocol, hostname } = new URL(server.token_url ?? 'https://none.invalid');
    const givesOpenly = protocol === 'http:' && !isLoopbackName(hostname.replace(/^\[|\]$/g, ''));
    return [
      ...(isOpen ? [{ pointer: '/config/server/security', message }] : []),
      ...(givesOpenly ? [{ pointer: '/config/server/token_url', message: `${message}: say https://…` }] : []),
    ];
  };

  /** @param stored - what stands in `config` so far */
  const addressFaults = (way: Way, stored: string | undefined): Fault[] => {
    const message = 'say the whole address: … stands for what is not shown';
    const isFault = way.kind === 'webhook' && isIncomplete(way.config.url, stored);
    return isFault ? [{ pointer: '/config/url', message }] : [];
  };

  const check = (faults: readonly Fault[]) => {
    if (faults.length > 0) throw new AppError('invalid_input', 'the channel is not valid', { faults });
  };

  const missing = (way: Way, secrets: Secrets): Fault[] =>
    neededSecrets(way).flatMap((name) =>
      secrets[name] === undefined ? [{ pointer: `/secrets/${name}`, message: 'it is needed, and was not given' }] : [],
    );

  /** Only what the channel needs is kept. */
  const sealed = (id: string, way: Way, secrets: Secrets): [sealed: string | null, names: string] => {
    const names = neededSecrets(way);
    const kept = Object.fromEntries(
      names.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secrets[name]]])),
    );
    return [
      names.length === 0 ? null : vault.seal(JSON.stringify(kept), purposeOf(id)),
      // An address is not said by itself: what may be seen of it stands in `config`.
      JSON.stringify(Object.keys(kept).filter((name) => name !== 'url')),
    ];
  };

  const storedUrl = ({ kind, config }: Row): string | undefined =>
    kind === 'webhook' ? (JSON.parse(config) as WebhookConfig).url : undefined;

  const open = (row: Row): Secrets => {
    const secrets: Secrets = row.secrets === null ? {} : JSON.parse(vault.open(row.secrets, purposeOf(row.id)));
    // One of before that is an origin alone has nothing to hide, and was not sealed.
    const url = secrets.url ?? storedUrl(row);
    return url === undefined ? secrets : { ...secrets, url };
  };

  const values = (draft: ChannelDraft) =>
    [
      draft.name,
      Number(draft.isActive),
      JSON.stringify(draft.config),
      draft.quietHours === null ? null : JSON.stringify(draft.quietHours),
      draft.ratePerMinute,
    ] as const;

  const create: Channels['create'] = (scope, given, by) => {
    check(addressFaults(given, undefined));
    const draft = hideAddress(given, undefined);
    check([...peopleFaults(scope, draft, ''), ...serverFaults(draft), ...missing(draft, draft.secrets)]);
    const id = newId();
    const [secrets, names] = sealed(id, draft, draft.secrets);
    return store.write(scope, (sql) => {
      const count = sql.get<{ count: number }>('select count(*) as count from notification_channels')?.count ?? 0;
      if (count >= MAX_CHANNELS) {
        throw new AppError('conflict', `a factory has at most ${MAX_CHANNELS} channels: remove one that is not needed`);
      }
      sql.run(
        `insert into main.notification_channels
           (factory_id, name, is_active, config, quiet_hours, rate_per_minute, id, kind, secrets, secret_names,
            created_at, created_by, updated_at, updated_by)
         values (current_factory(), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?11)`,
        ...values(draft),
        id,
        draft.kind,
        secrets,
        names,
        now(),
        by,
      );
      return channelOf(read(sql, id));
    });
  };

  const update: Channels['update'] = (scope, id, given, by) => {
    const row = store.read(scope, (sql) => read(sql, id));
    const before = channelOf(row);
    check(addressFaults(given, storedUrl(row)));
    const draft = hideAddress(given, storedUrl(row));
    const faults = [...peopleFaults(scope, draft, row.config), ...serverFaults(draft)];
    const isSameHolder = holderOf(before) === holderOf(draft);
    // Secrets that cannot be opened any more are given anew.
    const kept =
      isSameHolder && neededSecrets(draft).some((name) => draft.secrets[name] === undefined) ? open(row) : {};
    const secrets = { ...kept, ...draft.secrets };
    const lacks = missing(draft, secrets).map((fault) =>
      isSameHolder ? fault : { ...fault, message: 'say it anew: what it was given for is another one now' },
    );
    check([...faults, ...lacks]);
    const isSameSecret = isSameHolder && Object.keys(draft.secrets).length === 0;
    const [newSecrets, names] = isSameSecret ? [row.secrets, row.secretNames] : sealed(id, draft, secrets);
    return store.write(scope, (sql) => {
      sql.run(
        `update main.notification_channels set name = ?1, is_active = ?2, config = ?3, quiet_hours = ?4,
           rate_per_minute = ?5, secrets = ?7, secret_names = ?8, updated_at = ?9, updated_by = ?10
         where factory_id = current_factory() and id = ?6`,
        ...values(draft),
        id,
        newSecrets,
        names,
        now(),
        by,
      );
      if (!draft.isActive) suppressAll(sql, id, 'the channel is switched off', now());
      // What waits for the end of quiet hours that are others now.
      release(sql, id, now());
      return channelOf(read(sql, id));
    });
  };

  return {
    list: (scope) => store.read(scope, (sql) => sql.all<Row>(`${SELECT} order by name, id`).map(channelOf)),
    get: (scope, id) => store.read(scope, (sql) => channelOf(read(sql, id))),
    has: (scope, id) =>
      store.read(scope, (sql) => sql.get('select 1 from notification_channels where id = ?', id)) !== undefined,
    create,
    update,
    remove: (scope, id) => {
      store.read(scope, (sql) => read(sql, id));
      const [rule, ...others] = deps.usedBy(scope, id);
      if (rule !== undefined) {
        const more = others.length === 0 ? '' : ` and ${others.length} more`;
        throw new AppError('conflict', `a rule tells by this channel: ${rule}${more}. Take it out there first`);
      }
      store.write(scope, (sql) => {
        sql.run('delete from main.notification_channels where factory_id = current_factory() and id = ?', id);
      });
    },
    secrets: (scope, id) => open(store.read(scope, (sql) => read(sql, id))),
    renew: (scope, id, used, renewed) => {
      const row = store.read(scope, (sql) => sql.get<Row>(`${SELECT} where id = ?`, id));
      const secrets = row === undefined ? {} : open(row);
      if (row === undefined || secrets.refresh_token !== used) return;
      const [sealedAnew] = sealed(id, channelOf(row), { ...secrets, refresh_token: renewed });
      // Whoever has set off a message did not do this.
      actingAlone(() =>
        store.write(scope, (sql) =>
          sql.run(
            'update main.notification_channels set secrets = ? where factory_id = current_factory() and id = ?',
            sealedAnew,
            id,
          ),
        ),
      );
    },
    figures: (scope, id) =>
      store.read(scope, (sql) => {
        const count = (state: string) =>
          sql.get<{ count: number }>(
            'select count(*) as count from notifications where channel_id = ? and state = ?',
            id,
            state,
          )?.count ?? 0;
        const last = sql.get<{ at: number | null }>(
          `select max(settled_at) as at from notifications where channel_id = ? and state = 'sent'`,
          id,
        );
        return { pending: count('pending'), dead: count('dead'), lastSentAt: last?.at ?? null };
      }),
  };
}
