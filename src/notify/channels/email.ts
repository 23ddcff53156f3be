import { createHash } from 'node:crypto';
import { isIP, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createTransport } from 'nodemailer';
import type { Config } from '../../config/config.ts';
import type { AddressGuard } from '../address-guard.ts';
import { type Answer, type OwnMailServer, type Secrets, said } from '../channel.ts';
import type { SendRequest } from '../guarded-request.ts';
import { createServerTrust, trustOfAppliance, withRemedy } from '../mail-server-ca.ts';
import { type Message, SHAPES } from '../message.ts';
import { failureOf } from './webhook.ts';

export interface EmailParts {
  /** The appliance's own mail server, which its owner has named. */
  readonly smtp: Config['smtp'];
  readonly guard: AddressGuard;
  /** Where tokens are had (XOAUTH2). */
  readonly send: SendRequest;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** A mail server, and how to sign in there. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly from: string;
  /** Where to connect to; the host when left out. */
  readonly address: string;
  /** What its certificate is checked by; the usual CAs when left out. */
  readonly trust?: SecureContext;
  readonly auth?: { user: string; pass: string } | { type: 'OAuth2'; user: string; accessToken: string };
}

/** A token is fetched anew so long before it ends. */
const TOKEN_MARGIN_MS = 60_000;
/** So many times as long as a single answer may take, for a whole mail. */
const WHOLE_TIMES = 6;

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const COLOURS = { low: '#3b6ea5', medium: '#8a6d00', high: '#b35300', critical: '#b3261e' } as const;

function htmlOf({ severity, title, lines, url }: Message, hasChart: boolean): string {
  const [head = title, ...rest] = lines;
  const row = (line: string) => (line === '' ? '<br>' : `${escaped(line)}<br>`);
  return [
    '<!doctype html><html lang="en"><body style="font:15px/1.5 system-ui,sans-serif;color:#1d2125;margin:16px">',
    `<p style="font-size:18px;font-weight:600;border-left:6px solid ${COLOURS[severity]};padding-left:10px">`,
    `<span style="color:${COLOURS[severity]}">${SHAPES[severity]} ${severity.toUpperCase()}</span> ${escaped(head)}</p>`,
    `<p>${rest.map(row).join('')}</p>`,
    hasChart ? '<p><img src="cid:chart" width="560" height="120" alt="The hour before and around the alarm"></p>' : '',
    url === undefined ? '' : `<p><a href="${escaped(url)}">Open in FactoryOps</a></p>`,
    '</body></html>',
  ].join('');
}

/** A mail server's no: by its code (RFC 5321, 4.2.1), 4xx is for now and 5xx for good. */
function refusalOf(error: unknown): Answer {
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : Number.NaN;
  const failure = failureOf(error);
  return code >= 500 && !failure.isDelivered ? { ...failure, mayRetry: false } : failure;
}

/** Whether a mail server has refused the login, and not the mail (nodemailer's code). */
const isOfLogin = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EAUTH';

/** A channel, as far as it sends mails. */
interface Sender {
  readonly id: string;
  /** Null: the appliance's own. */
  readonly server: OwnMailServer | null;
  readonly secrets: Secrets;
  /** Remembers a refresh token that takes the place of the one that was used (RFC 6749, 6). */
  readonly renew: (used: string, renewed: string) => void;
}

interface Token {
  readonly accessToken: string;
  readonly until: number;
}

/** What a channel has its tokens by. A refresh token may be good once: what takes its place is known here at once. */
interface Grant {
  /** Of which server, account and secrets it is, before and after they were renewed: it is given to no other one. */
  of: readonly string[];
  refreshToken: string;
  token?: Token | undefined;
  /** The one that is being asked for, by all who want one. */
  asking?: Promise<string> | undefined;
}

/** No mail is under way for so many renewals. */
const MAX_RENEWED = 100;

const holderOf = (server: OwnMailServer, secrets: Secrets): string =>
  createHash('sha256')
    .update(JSON.stringify([server, secrets]))
    .digest('hex');

interface TokenReply {
  readonly access_token?: unknown;
  readonly refresh_token?: unknown;
  readonly expires_in?: number;
}

function tokenIn(text: string): TokenReply {
  try {
    return (JSON.parse(text) ?? {}) as TokenReply;
  } catch {
    return {};
  }
}

/** Sends mails, by the appliance's mail server or by a channel's own. */
export function createEmailSender({ smtp, guard, send, timeoutMs, now }: EmailParts) {
  const grants = new Map<string, Grant>();
  const trustIn = createServerTrust();
  const trustOfOwn = trustOfAppliance(smtp);

  const askToken = async (grant: Grant, { secrets, renew }: Sender, server: OwnMailServer): Promise<string> => {
    const { refreshToken: used } = grant;
    const answer = await send(server.token_url ?? '', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: server.client_id ?? '',
        client_secret: secrets.client_secret ?? '',
        refresh_token: used,
      }).toString(),
    });
    const reply = tokenIn(answer.status === 200 ? answer.text : '');
    if (typeof reply.access_token !== 'string') {
      // A good answer may hold something that must not be seen.
      const text = answer.status === 200 ? 'without an access_token' : answer.text;
      throw new Error(said(`no token: HTTP ${answer.status} ${text}`));
    }
    const until = now() + (reply.expires_in ?? 0) * 1_000 - TOKEN_MARGIN_MS;
    grant.token = { accessToken: reply.access_token, until };
    const { refresh_token: renewed } = reply;
    if (typeof renewed === 'string' && renewed !== '' && renewed !== used) {
      grant.refreshToken = renewed;
      grant.of = [...grant.of, holderOf(server, { ...secrets, refresh_token: renewed })].slice(-MAX_RENEWED);
      renew(used, renewed);
    }
    return reply.access_token;
  };

  const tokenOf = (sender: Sender, server: OwnMailServer): string | Promise<string> => {
    const { id, secrets } = sender;
    const holder = holderOf(server, secrets);
    const known = grants.get(id);
    const grant: Grant = known?.of.includes(holder)
      ? known
      : { of: [holder], refreshToken: secrets.refresh_token ?? '' };
    grants.set(id, grant);
    if (grant.token !== undefined && grant.token.until > now()) return grant.token.accessToken;
    grant.asking ??= askToken(grant, sender, server).finally(() => (grant.asking = undefined));
    return grant.asking;
  };

  const serverOf = async (sender: Sender): Promise<Server> => {
    const { server: own, secrets } = sender;
    if (own === null) {
      const { host, port, security, from, user, password } = smtp;
      if (host === null) throw new Error('no mail server is configured (smtp.host)');
      return {
        host,
        address: host,
        port,
        security,
        from,
        ...(trustOfOwn && { trust: trustOfOwn }),
        ...(user !== null && { auth: { user, pass: password ?? '' } }),
      };
    }
    const { host, port, security, from, user, sign_in: signIn, ca } = own;
    const trust = ca == null ? {} : { trust: trustIn(ca) };
    const plain = { host, port, security, from, address: await guard.addressOf(host), ...trust };
    if (signIn === 'none' || user === null) return plain;
    if (signIn === 'password') return { ...plain, auth: { user, pass: secrets.password ?? '' } };
    return { ...plain, auth: { type: 'OAuth2', user, accessToken: await tokenOf(sender, own) } };
  };

  return {
    /** @param image - PNG */
    send: async (channel: Sender, to: string, message: Message, image: Buffer | undefined): Promise<Answer> => {
      const socket = new Socket();
      const wholeMs = WHOLE_TIMES * timeoutMs;
      const known = grants.get(channel.id)?.token;
      const timer = setTimeout(() => socket.destroy(new Error(`not taken within ${wholeMs / 1_000} s`)), wholeMs);
      try {
        const { host, address, port, security, from, auth, trust } = await serverOf(channel);
        const transport = createTransport({
          host: address,
          port,
          secure: security === 'tls',
          requireTLS: security === 'starttls',
          ignoreTLS: security === 'none',
          // The certificate has to be of the name that was said, whatever address that has.
          tls: { ...(isIP(host) === 0 && { servername: host }), ...(trust && { secureContext: trust }) },
          connectionTimeout: timeoutMs,
          greetingTimeout: timeoutMs,
          socketTimeout: timeoutMs,
          socket,
          ...(auth && { auth }),
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        const text = [...message.lines, ...(message.url === undefined ? [] : ['', message.url]), ''].join('\n');
        const sent = await transport.sendMail({
          from,
          to: { address: to, name: '' },
          subject: message.title,
          messageId: `<${message.id}@factoryops.invalid>`,
          headers: { 'X-FactoryOps-Idempotency-Key': message.id, 'Auto-Submitted': 'auto-generated' },
          text,
          html: htmlOf(message, image !== undefined),
          ...(image && {
            attachments: [{ filename: 'chart.png', content: image, cid: 'chart', contentType: 'image/png' }],
          }),
        });
        return { isDelivered: true, detail: said(sent.response), providerId: sent.messageId };
      } catch (error) {
        // One of before may have been taken back meanwhile: the next attempt has a new one.
        const grant = grants.get(channel.id);
        const isOfBefore = known !== undefined && [undefined, known].includes(grant?.token);
        if (grant !== undefined) grant.token = undefined;
        const refusal = refusalOf(withRemedy(error, channel.server !== null));
        return isOfBefore && isOfLogin(error) && !refusal.isDelivered ? { ...refusal, mayRetry: true } : refusal;
      } finally {
        clearTimeout(timer);
        socket.destroy();
      }
    },
  };
}
