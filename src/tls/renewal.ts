const DAY_MS = 86_400_000;

/**
 * Life of a server certificate. Apple takes at most 825 days from a private authority (support.apple.com/103769) and 398
 * from a public one (support.apple.com/102028), which others follow: 397 days offend nobody. It begins a month ago, for
 * clients whose clock is behind.
 */
const [BEHIND_MS, LIFE_MS] = [30 * DAY_MS, 397 * DAY_MS];

/** A span of validity (epoch ms), the end included. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What is looked at of a certificate to say whether it is due. */
export interface CertificateFacts extends Validity {
  readonly names: readonly string[];
}

/** Why a server certificate is made anew. */
export type RenewalReason = 'none_yet' | 'names_changed' | 'ageing' | 'expired' | 'not_valid_yet';

/** When a third of its life is left (epoch ms). */
export const renewalAt = ({ notBefore, notAfter }: Validity): number => notAfter - (notAfter - notBefore) / 3;

/**
 * Whether the server certificate is due, and why; null when it does.
 *
 * Names that have gone are not missed: an address that comes and goes does not make a certificate each time. While the
 * clock is in doubt only one that cannot be used any more is replaced: by a time that may be wrong nothing is aged.
 */
export function renewalOf(
  current: CertificateFacts | undefined,
  wanted: readonly string[],
  time: { readonly now: number; readonly isTrusted: boolean },
): RenewalReason | null {
  if (current === undefined) return 'none_yet';
  if (wanted.some((name) => !current.names.includes(name))) return 'names_changed';
  if (time.now > current.notAfter) return 'expired';
  if (!time.isTrusted) return null;
  if (time.now < current.notBefore) return 'not_valid_yet';
  return time.now >= renewalAt(current) ? 'ageing' : null;
}

/** The validity of a server certificate made now, within that of its authority. */
export function validityFrom(now: number, authority: Validity): Validity {
  const latest = authority.notAfter - LIFE_MS;
  const notBefore = Math.max(authority.notBefore, Math.min(now - BEHIND_MS, latest));
  return { notBefore, notAfter: notBefore + LIFE_MS };
}
