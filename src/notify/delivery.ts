import type { Config } from '../config/config.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { AddressGuard } from './address-guard.ts';
import { type Answer, type BrowserConfig, type Channel, MAX_DETAIL, type People, type Secrets } from './channel.ts';
import { createEmailSender } from './channels/email.ts';
import { sendByTwilio } from './channels/twilio.ts';
import { failureOf, sendWebhook } from './channels/webhook.ts';
import type { SendRequest } from './guarded-request.ts';
import type { Message } from './message.ts';
import { secretParts } from './webhook-address.ts';

/** Who may be told in person. */
export interface ReachableMember {
  readonly userId: string;
  readonly email: string;
  readonly role: string;
  readonly isActive: boolean;
}

/** What is shown in the open user interface. */
export interface BrowserNotice {
  readonly id: string;
  readonly channelId: string;
  readonly message: Message;
  readonly to: Pick<BrowserConfig, keyof People>;
  readonly hasSound: boolean;
}

export interface DeliveryParts {
  readonly config: Pick<Config, 'smtp' | 'notify'>;
  readonly guard: AddressGuard;
  readonly send: SendRequest;
  readonly now: () => number;
  readonly members: (scope: FactoryScope) => readonly ReachableMember[];
  /** A channel's refresh token was replaced by another one. */
  readonly renew: (scope: FactoryScope, channelId: string, used: string, renewed: string) => void;
  /** @returns how many have it, or get it when they come back */
  readonly publish: (topic: string, payload: string) => Promise<number>;
  /** @returns how many see it */
  readonly show: (scope: FactoryScope, notice: BrowserNotice) => number;
  /** PNG for an alarm; undefined when there is nothing to draw. */
  readonly image: (scope: FactoryScope, message: Message) => Promise<Buffer | undefined>;
}

/** Hands messages to whoever brings them to people. */
export interface Delivery {
  /** Whom a channel tells, each once; of what has no single recipients, one without a name. */
  recipients(scope: FactoryScope, channel: Channel): readonly string[];
  /** Never rejects: what goes wrong is the answer. */
  deliver(
    scope: FactoryScope,
    channel: Channel,
    secrets: Secrets,
    message: Message,
    recipient: string,
  ): Promise<Answer>;
}

/** Members with a role, or named, that are active. */
export const isMeant = (
  { user_ids: ids, roles }: People,
  { userId, role }: { userId: string; role: string },
): boolean => ids.includes(userId) || roles.includes(role);

/** Shorter than this it is found in any text, and is no secret. */
const MIN_SECRET = 4;

/** What was said, without the beginning of a secret that its end has cut through. */
function withoutCutSecret(detail: string, forms: readonly string[]): string {
  if (detail.length < MAX_DETAIL) return detail;
  const kept = forms.map((form) => {
    let { length } = form;
    while (length >= MIN_SECRET && !detail.endsWith(form.slice(0, length))) length -= 1;
    return length < MIN_SECRET ? detail.length : detail.length - length;
  });
  return detail.slice(0, Math.min(detail.length, ...kept));
}

/** What was said, without secrets that it repeats: as they are, in a form, and in Base64. */
function withoutSecrets(answer: Answer, { url, ...secrets }: Secrets): Answer {
  const all = [...Object.values(secrets), ...(url === undefined ? [] : secretParts(url))];
  const forms = all.flatMap((secret) => [
    secret,
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    Buffer.from(secret).toString('base64'),
  ]);
  const hidden = forms
    .filter(({ length }) => length >= MIN_SECRET)
    // Of two of which one is in the other the longer: what is left of it would tell the rest.
    .toSorted((a, b) => b.length - a.length);
  const detail = hidden.reduce((text, form) => text.replaceAll(form, '•••'), withoutCutSecret(answer.detail, hidden));
  return { ...answer, detail };
}

export function createDelivery(parts: DeliveryParts): Delivery {
  const { config, send, now, members } = parts;
  const timeoutMs = config.notify.timeout_s * 1_000;
  const email = createEmailSender({ smtp: config.smtp, guard: parts.guard, send, timeoutMs, now });

  const recipients: Delivery['recipients'] = (scope, channel) => {
    switch (channel.kind) {
      case 'email': {
        const meant = members(scope).filter((member) => member.isActive && isMeant(channel.config, member));
        return [...new Set([...channel.config.addresses, ...meant.map((member) => member.email)])];
      }
      case 'sms':
      case 'whatsapp': {
        const active = new Set(members(scope).flatMap(({ userId, isActive }) => (isActive ? [userId] : [])));
        const meant = channel.config.recipients.filter(({ user_id: id }) => id === null || active.has(id));
        return [...new Set(meant.map(({ number }) => number))];
      }
      default:
        return [''];
    }
  };

  const deliver: Delivery['deliver'] = async (scope, channel, secrets, message, recipient) => {
    switch (channel.kind) {
      case 'email': {
        const image = await parts.image(scope, message);
        const { id } = channel;
        const renew = (used: string, renewed: string) => parts.renew(scope, id, used, renewed);
        return email.send({ id, server: channel.config.server, secrets, renew }, recipient, message, image);
      }
      case 'sms':
      case 'whatsapp': {
        const account = { base: config.notify.twilio_url, config: channel.config, authToken: secrets.auth_token ?? '' };
        const { short: text, variables } = message;
        return sendByTwilio(send, channel.kind, account, recipient, { text, variables }, now());
      }
      case 'webhook': {
        const to = { url: secrets.url ?? '', secret: secrets.signing_secret ?? '' };
        return sendWebhook(send, to, { id: message.id, body: message.json }, now());
      }
      case 'mqtt': {
        const topic = `factories/${scope.slug}/notifications/${channel.config.topic}`;
        const count = await parts.publish(topic, message.json);
        return { isDelivered: true, detail: `published to ${topic}: ${count} subscribed` };
      }
      case 'browser': {
        const { has_sound: hasSound, ...to } = channel.config;
        const notice = { id: message.id, channelId: channel.id, message, to, hasSound };
        const count = parts.show(scope, notice);
        return { isDelivered: true, detail: `shown in ${count} open ${count === 1 ? 'page' : 'pages'}` };
      }
    }
  };

  return {
    recipients,
    deliver: async (...given) => {
      const [, , secrets] = given;
      try {
        return withoutSecrets(await deliver(...given), secrets);
      } catch (error) {
        return withoutSecrets(failureOf(error), secrets);
      }
    },
  };
}
