import { createTransport } from 'nodemailer';
import type { Config } from '../config/config.ts';

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

/** Undefined while no mail server is configured. */
export function createMailer(config: Config['smtp']): Mailer | undefined {
  const { host, port, security, user, password, from } = config;
  if (host === null) return undefined;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
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
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}
