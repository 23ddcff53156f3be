import { createTransport } from 'nodemailer';
import type { Config } from '../config/config.ts';
import { trustOfAppliance, withRemedy } from './mail-server-ca.ts';

/** A message to one person, as plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands mails to the configured server. */
export interface Mailer {
  /** Returns why the server did not take it, in its own words, or null when it did. */
  send(mail: Mail): Promise<string | null>;
}

/** A server that does not answer must not hold whoever waits for it (ms). */
const TIMEOUT_MS = 8_000;

/**
 * Undefined while no mail server is configured.
 *
 * @throws {AppError} `config_invalid` when `smtp.ca_file` is of no use
 */
export function createMailer(config: Config['smtp']): Mailer | undefined {
  const { host, port, security, user, password, from } = config;
  if (host === null) return undefined;
  const trust = trustOfAppliance(config);
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(trust && { tls: { secureContext: trust } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    // Nothing in a mail is fetched from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, subject, text }) => {
      try {
        await transport.sendMail({ from, to: { address: to, name: '' }, subject, text });
        return null;
      } catch (error) {
        const told = withRemedy(error, false);
        return told instanceof Error ? told.message : String(told);
      }
    },
  };
}
