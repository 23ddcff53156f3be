/** Ways in which people, and their programs, are told of alarms. */
export const CHANNEL_KINDS = ['email', 'whatsapp', 'sms', 'webhook', 'mqtt', 'browser'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** When only what is critical goes through; in the factory's zone. */
export interface QuietHours {
  /** `06:00`; `to` before or at `from`: on the day after. */
  readonly from: string;
  readonly to: string;
  /** On which they begin: 1 Monday … 7 Sunday. */
  readonly days: readonly number[];
}

/** Who has it: what belongs to a mail server. */
export interface OwnMailServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly user: string | null;
  /** How one signs in. `oauth2`: XOAUTH2, with a token that is fetched from `token_url`. */
  readonly sign_in: 'none' | 'password' | 'oauth2';
  readonly token_url: string | null;
  readonly client_id: string | null;
  /** PEM: certificates that vouch for the server's own besides the usual CAs. Not there in a channel of before. */
  readonly ca?: string | null | undefined;
}

/** Who is told in person. Whoever is no member any more is not. */
export interface People {
  readonly user_ids: readonly string[];
  /** Every member with one of these roles. */
  readonly roles: readonly string[];
}

/** By mail. */
export interface EmailConfig extends People {
  readonly addresses: readonly string[];
  /** Null: that of the appliance's configuration. */
  readonly server: OwnMailServer | null;
}

/** By Twilio. */
export interface TwilioConfig {
  readonly account_sid: string;
  /** A number, or a messaging service (`MG…`). */
  readonly from: string;
  /** Numbers; with `user_id`, only while that is an active member. */
  readonly recipients: readonly { readonly number: string; readonly user_id: string | null }[];
  /** WhatsApp alone: the approved template (`HX…`), whose variables are 1 severity, 2 what, 3 where, 4 when, 5 link. */
  readonly content_sid?: string | undefined;
}

export interface WebhookConfig {
  /** As it may be seen: what follows the origin is a secret (`webhook-address.ts`). */
  readonly url: string;
}

/** To `factories/{slug}/notifications/{topic}`. */
export interface MqttConfig {
  readonly topic: string;
}

/** In the open user interface; of nobody by name: of everybody. */
export interface BrowserConfig extends People {
  readonly has_sound: boolean;
}

export interface Configs {
  readonly email: EmailConfig;
  readonly whatsapp: TwilioConfig;
  readonly sms: TwilioConfig;
  readonly webhook: WebhookConfig;
  readonly mqtt: MqttConfig;
  readonly browser: BrowserConfig;
}

/** What must not be seen, by name. */
export type Secrets = Readonly<Record<string, string>>;

interface ChannelOf<Kind extends ChannelKind> {
  readonly kind: Kind;
  readonly config: Configs[Kind];
}
/** A way, and how it is set. */
export type Way = { [Kind in ChannelKind]: ChannelOf<Kind> }[ChannelKind];

/** A channel as it is shown. Times are epoch ms. */
export type Channel = Way & {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly quietHours: QuietHours | null;
  readonly ratePerMinute: number;
  /** Which secrets are set. */
  readonly secretNames: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
};

/** What a provider has said. */
export type Answer =
  | { readonly isDelivered: true; readonly detail: string; readonly providerId?: string | undefined }
  | {
      readonly isDelivered: false;
      readonly detail: string;
      /** Whether it is of any use to try again. */
      readonly mayRetry: boolean;
      /** How long not to (s), if it has said so. */
      readonly retryAfterS?: number | undefined;
    };

/** Longest of what is kept of an answer (characters). */
export const MAX_DETAIL = 500;
/** What somebody else has said, on one line and not too long. */
export const said = (text: string): string =>
  text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL);
