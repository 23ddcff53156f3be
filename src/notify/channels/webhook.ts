import { createHmac } from 'node:crypto';
import { RefusedAddress } from '../address-guard.ts';
import { type Answer, said } from '../channel.ts';
import type { GuardedAnswer, SendRequest } from '../guarded-request.ts';
import { retryAfterOf } from '../pace.ts';

/** Answers after which the same request may go well: request timeout, too early, too many. */
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429]);

/** What went wrong before there was an answer. */
export function failureOf(error: unknown): Answer {
  // Of several addresses each has failed by itself.
  const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const detail = said(all.map((one) => (one instanceof Error ? one.message || String(one) : String(one))).join('; '));
  return { isDelivered: false, detail: detail || 'no connection', mayRetry: !(error instanceof RefusedAddress) };
}

/** Whether an answer of this status is worth another try, and when. */
export const retryOf = ({ status, retryAfter }: GuardedAnswer, now: number) => ({
  mayRetry: status >= 500 || RETRIED.has(status),
  retryAfterS: retryAfterOf(retryAfter, now),
});

/**
 * What proves who sent a body, and when: `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">`.
 *
 * @param now - epoch ms
 */
function signatureOf(secret: string, body: string, now: number): string {
  const t = Math.floor(now / 1_000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

export interface WebhookMessage {
  /** Idempotency key. */
  readonly id: string;
  readonly body: string;
}

/** Posts a message, signed. Its answer counts by its status alone; redirections are not followed. */
export async function sendWebhook(
  send: SendRequest,
  to: { readonly url: string; readonly secret: string },
  { id, body }: WebhookMessage,
  now: number,
): Promise<Answer> {
  let answer: GuardedAnswer;
  try {
    answer = await send(to.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'FactoryOps',
        'Idempotency-Key': id,
        'X-FactoryOps-Signature': signatureOf(to.secret, body, now),
      },
      body,
    });
  } catch (error) {
    return failureOf(error);
  }
  const { status, location, text } = answer;
  if (status >= 200 && status < 300) return { isDelivered: true, detail: said(`HTTP ${status} ${text}`) };
  if (status >= 300 && status < 400) {
    const detail = said(`HTTP ${status}: leads to ${location ?? 'elsewhere'}, which is not followed`);
    return { isDelivered: false, detail, mayRetry: false };
  }
  return { isDelivered: false, detail: said(`HTTP ${status} ${text}`), ...retryOf(answer, now) };
}
