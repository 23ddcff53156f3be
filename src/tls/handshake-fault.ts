import { systemCode } from '../core/errors.ts';

/** A handshake that failed: a reason for programs, and what it means for people. */
export interface HandshakeFault {
  readonly reason:
    | 'tls_not_trusted'
    | 'tls_version'
    | 'tls_suite'
    | 'not_tls'
    | 'tls_given_up'
    | 'tls_timeout'
    | 'tls_too_many'
    | 'tls_failed';
  readonly detail: string;
}

/** By the number of the alert that the client sent (RFC 8446, 6.2): it is about the certificate. */
const ALERTS: Readonly<Record<string, string>> = {
  42: 'it cannot read the certificate of this appliance',
  45: "by its clock the certificate of this appliance has expired or not begun: see to the client's clock first",
  46: 'it does not trust the certificate of this appliance: give it the CA from Settings, Certificates',
  48: 'it does not know the CA of this appliance: give it the one from Settings, Certificates',
};

/** By the code of OpenSSL's error. */
const FAULTS: Readonly<Record<string, HandshakeFault>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: {
    reason: 'tls_version',
    detail: 'it speaks TLS 1.1 or older: 1.2 is the oldest that is spoken here',
  },
  ERR_SSL_NO_SHARED_CIPHER: {
    reason: 'tls_suite',
    detail:
      'it knows no cipher suite with ECDHE and AES-GCM or ChaCha20-Poly1305, without which nothing is spoken here',
  },
  ERR_SSL_HTTP_REQUEST: { reason: 'not_tls', detail: 'it speaks plain HTTP to a port that is for TLS' },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: 'not_tls',
    detail: 'it does not speak TLS to a port that is for TLS: turn TLS on in the client',
  },
};

/** Faults that no error of TLS tells of. */
export const GIVEN_UP: HandshakeFault = {
  reason: 'tls_given_up',
  detail: 'it ended the connection during the handshake: most often it does not trust the certificate, or its name',
};
export const TIMED_OUT: HandshakeFault = {
  reason: 'tls_timeout',
  detail: 'its TLS handshake was not done in time (tls.handshake_timeout_s)',
};
export const TOO_MANY: HandshakeFault = {
  reason: 'tls_too_many',
  detail: 'too many TLS handshakes were under way (tls.max_handshakes, tls.max_handshakes_per_address)',
};

/** What a handshake failed by, in plain words. */
export function faultOfHandshake(error: Error): HandshakeFault {
  const alert = ALERTS[/SSL alert number (\d+)/.exec(error.message)?.[1] ?? ''];
  if (alert !== undefined) return { reason: 'tls_not_trusted', detail: alert };
  const code = systemCode(error) ?? '';
  const known = FAULTS[code];
  return known ?? { reason: 'tls_failed', detail: `the handshake failed (${code || 'no code'})` };
}
