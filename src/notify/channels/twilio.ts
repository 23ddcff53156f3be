import { type Answer, said, type TwilioConfig } from '../channel.ts';
import type { GuardedAnswer, SendRequest } from '../guarded-request.ts';
import { failureOf, retryOf } from './webhook.ts';

/** What Twilio says of a message, or of what is wrong with it (Twilio docs: Messages resource; Twilio's error object). */
interface TwilioReply {
  readonly sid?: string;
  readonly status?: string | number;
  readonly error_code?: number | null;
  readonly error_message?: string | null;
  readonly code?: number;
  readonly message?: string;
  readonly more_info?: string;
}

function replyIn(text: string): TwilioReply {
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === 'object' && reply !== null ? reply : {};
  } catch {
    return {};
  }
}

export interface TwilioAccount {
  /** `https://api.twilio.com`. */
  readonly base: string;
  readonly config: TwilioConfig;
  readonly authToken: string;
}

export interface TwilioMessage {
  /** For SMS. */
  readonly text: string;
  /** For a template, by the numbers of its variables. */
  readonly variables: Readonly<Record<string, string>>;
}

const resourceOf = ({ base, config }: TwilioAccount) =>
  `${base.replace(/\/+$/, '')}/2010-04-01/Accounts/${config.account_sid}/Messages`;
const authorization = ({ config, authToken }: TwilioAccount) =>
  `Basic ${Buffer.from(`${config.account_sid}:${authToken}`).toString('base64')}`;

/** A sender's name may begin the same way. */
const SERVICE_SID = /^MG[0-9a-fA-F]{32}$/;

/** Hands a message to Twilio, which says whether it takes it; whether it arrives is asked by `askTwilio`. */
export async function sendByTwilio(
  send: SendRequest,
  kind: 'sms' | 'whatsapp',
  account: TwilioAccount,
  number: string,
  { text, variables }: TwilioMessage,
  now: number,
): Promise<Answer> {
  const { from, content_sid: contentSid } = account.config;
  const address = (plain: string) => (kind === 'whatsapp' ? `whatsapp:${plain}` : plain);
  const form = new URLSearchParams({
    To: address(number),
    ...(SERVICE_SID.test(from) ? { MessagingServiceSid: from } : { From: address(from) }),
    ...(kind === 'whatsapp'
      ? { ContentSid: contentSid ?? '', ContentVariables: JSON.stringify(variables) }
      : { Body: text }),
  });
  let answer: GuardedAnswer;
  try {
    answer = await send(`${resourceOf(account)}.json`, {
      method: 'POST',
      headers: { Authorization: authorization(account), 'Content-Type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
  } catch (error) {
    return failureOf(error);
  }
  const { sid, status, code, message, more_info: more } = replyIn(answer.text);
  if (answer.status >= 200 && answer.status < 300 && sid !== undefined) {
    return { isDelivered: true, detail: said(`${status ?? 'accepted'} (${sid})`), providerId: sid };
  }
  const what = message === undefined ? answer.text : `${message}${code === undefined ? '' : ` (error ${code})`}`;
  const detail = said(`HTTP ${answer.status}: ${what}${more === undefined ? '' : ` ${more}`}`);
  // Of half an answer it is not known what it says.
  if (answer.status < 400) return { isDelivered: false, detail, mayRetry: answer.isCut };
  return { isDelivered: false, detail, ...retryOf(answer, now) };
}

/** What has become of a message that Twilio took. */
export interface TwilioOutcome {
  /** Nothing more is going to happen to it. */
  readonly isFinal: boolean;
  readonly hasFailed: boolean;
  readonly detail: string;
}

const FINAL: ReadonlySet<string> = new Set(['delivered', 'read', 'undelivered', 'failed', 'canceled']);
const FAILED: ReadonlySet<string> = new Set(['undelivered', 'failed', 'canceled']);

/** Asks what has become of one. @returns undefined when there is no answer that says it */
export async function askTwilio(
  send: SendRequest,
  account: TwilioAccount,
  sid: string,
): Promise<TwilioOutcome | undefined> {
  try {
    const answer = await send(`${resourceOf(account)}/${encodeURIComponent(sid)}.json`, {
      method: 'GET',
      headers: { Authorization: authorization(account) },
    });
    const { status, error_code: code, error_message: message } = replyIn(answer.text);
    if (answer.status !== 200 || typeof status !== 'string') return undefined;
    const why = code === null || code === undefined ? '' : `: ${message ?? 'error'} (error ${code})`;
    return { isFinal: FINAL.has(status), hasFailed: FAILED.has(status), detail: said(`${status} (${sid})${why}`) };
  } catch {
    return undefined;
  }
}
