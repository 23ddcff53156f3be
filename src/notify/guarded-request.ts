import { request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { AddressGuard } from './address-guard.ts';

export interface GuardedRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GuardedAnswer {
  readonly status: number;
  /** Of an answer that leads elsewhere: where to. */
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** Its first 16 KiB, or what has come of it in time. */
  readonly text: string;
  /** It broke off before its end. */
  readonly isCut: boolean;
}

/**
 * Sends a request to where somebody has said, if the guard lets it go there. Nothing that the answer says is followed,
 * so that what is sent goes nowhere else. Once its status is there it is an answer, whatever becomes of the rest.
 *
 * @throws {RefusedAddress}; or an error that says what did not work
 */
export type SendRequest = (url: string, request: GuardedRequest) => Promise<GuardedAnswer>;

const MAX_ANSWER_BYTES = 16_384;

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** @param timeoutMs - for the whole of it: a name, a connection, an answer */
export const createSendRequest =
  (guard: AddressGuard, timeoutMs: number): SendRequest =>
  async (url, { method, headers = {}, body }) => {
    const target = new URL(url);
    guard.checkHost(target.hostname);
    const answer = Promise.withResolvers<GuardedAnswer>();
    const send = target.protocol === 'https:' ? requestByHttps : requestByHttp;
    const asked = send(
      target,
      {
        method,
        // No connection is kept: each is looked at anew.
        agent: false,
        lookup: guard.lookup,
        headers: { ...headers, ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const finish = (isCut: boolean) =>
          answer.resolve({
            status: response.statusCode ?? 0,
            location: first(response.headers.location),
            retryAfter: first(response.headers['retry-after']),
            text: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString(),
            isCut,
          });
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size < MAX_ANSWER_BYTES) return;
          // The rest is not read.
          finish(false);
          response.destroy();
        });
        response.on('end', () => finish(false));
        response.on('error', () => finish(true));
        response.on('close', () => finish(true));
      },
    );
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)), timeoutMs);
    asked.on('error', answer.reject);
    asked.end(body);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      asked.destroy();
    }
  };
