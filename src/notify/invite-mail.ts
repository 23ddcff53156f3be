import type { Mail } from './mailer.ts';

export interface InviteWords {
  readonly to: string;
  readonly invitedBy: string;
  readonly factoryName: string;
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** IANA zone that the time is said in. */
  readonly timezone: string;
}

/** A name within a subject stays on its line. */
const onOneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The mail that brings somebody the link of their invite. */
export function inviteMail({ to, invitedBy, factoryName, url, expiresAt, timezone }: InviteWords): Mail {
  const until = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone });
  const factory = onOneLine(factoryName);
  return {
    to,
    subject: `${onOneLine(invitedBy)} invites you to ${factory}`,
    text: [
      `${onOneLine(invitedBy)} invites you to ${factory} in FactoryOps.`,
      '',
      'Open this link to come in. It works once:',
      url,
      '',
      `It is good until ${until.format(expiresAt)} (${timezone}). If you do not know what this is about, do nothing.`,
      '',
    ].join('\n'),
  };
}
