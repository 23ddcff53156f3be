import type { Client } from 'aedes';
import type { GuardedStream } from './guarded-stream.ts';
import type { Peer } from './peer.ts';

/** What a connection ended by, as the log says it. */
export interface Ending {
  readonly reason: string;
  readonly detail: string;
}

/** Faults by the words of whoever found them: the frame guard, or Aedes. */
const FAULTS: readonly [words: RegExp, reason: string][] = [
  [/bytes was announced/, 'packet_too_large'],
  [/not ended in time/, 'packet_too_slow'],
  [/not an MQTT CONNECT|the protocol is not MQTT/, 'not_mqtt'],
];

/**
 * What a fault on a connection was, in words for people.
 *
 * @param keepaliveS - of the client's CONNECT
 */
export function faultOf(message: string, keepaliveS: number): Ending {
  if (message === 'keep alive timeout') {
    const detail = `keepalive missed: nothing came for ${keepaliveS * 1.5} s, one and a half times its keepalive of ${keepaliveS} s`;
    return { reason: 'keepalive_timeout', detail };
  }
  if (message === 'drain timeout') return { reason: 'reads_too_slowly', detail: 'it did not read what it was sent' };
  if (message === 'connect did not arrive in time') {
    return { reason: 'no_connect', detail: 'it connected and sent no CONNECT in time (mqtt.connect_timeout_s)' };
  }
  const reason = FAULTS.find(([words]) => words.test(message))?.[1] ?? 'protocol_error';
  return { reason, detail: message };
}

/** The version of TLS that a socket speaks, as Node names it (`TLSv1.3`); undefined for any other stream. */
export function tlsVersionOf(source: object): string | undefined {
  if (!('getProtocol' in source) || typeof source.getProtocol !== 'function') return undefined;
  const version: unknown = source.getProtocol();
  return typeof version === 'string' ? version : undefined;
}

/** What ended the rights of a connection by itself. */
export function lapseOf({ identity }: Peer): string {
  if (identity?.certificateId !== undefined) return 'its certificate is not good any more';
  return identity?.isReader ? 'its API key does not work any more' : 'the password it came with is not taken any more';
}

/** Ends a connection, and says nothing of its last will: whose rights have ended has nothing to say any more. */
export function destroyWithoutWill(stream: GuardedStream): void {
  const { client } = stream as { client?: Client };
  if (client !== undefined) Object.assign(client, { will: null });
  stream.destroy();
}
