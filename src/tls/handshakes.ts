import { isIPv6, type Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { plainAddress } from '../core/address.ts';
import { faultOfHandshake, GIVEN_UP, type HandshakeFault, TIMED_OUT, TOO_MANY } from './handshake-fault.ts';

/** Bounds on connections whose handshake is not done. */
export interface HandshakeLimits {
  readonly timeoutMs: number;
  readonly most: number;
  readonly mostOfAddress: number;
}

/** Told of each handshake that did not come to its end. */
export type OnHandshakeFault = (fault: HandshakeFault, address: string) => void;

/** Lets connections into TLS. One for all listeners. */
export interface HandshakeGate {
  /** From now on a server's connections pass here first. To be called before it listens. */
  guard(server: Server, onFault: OnHandshakeFault): void;
  /** Connections whose handshake is not done. */
  readonly pending: number;
  close(): void;
}

interface Pending {
  readonly key: string;
  readonly socket: Socket;
  readonly address: string;
  readonly group: string;
  readonly since: number;
  readonly onFault: OnHandshakeFault;
}

const SWEEP_MS = 500;
/** On a factory's network an honest handshake takes some milliseconds: one that has taken so long makes room. */
const HANGING_MS = 1_000;

/** Who floods has a whole IPv6 network (/64) as easily as an address. */
function groupOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const [front, back] = [head.split(':').filter(Boolean), (tail ?? '').split(':').filter(Boolean)];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<string>(Math.max(0, zeros)).fill('0'), ...back].slice(0, 4).join(':');
}

const keyOf = ({ remoteAddress, remotePort, localPort }: Socket | TLSSocket) =>
  `${remoteAddress} ${remotePort} ${localPort}`;

/**
 * Handshakes that never end must hold nobody out. Each has a time in which to be done, however busily it sends; and they
 * are so many at most, of one address and of all. At a bound the one that has been hanging longest makes room, so that who
 * is fast gets in beside a flood; as long as none hangs, the new one is refused. At the bound of all it is the address that
 * has most that makes room, and at once for one that has at least two fewer: a flood from fewer addresses than there is
 * room for takes its turn from no other (max-min fairness).
 */
export function createHandshakeGate(
  limits: HandshakeLimits,
  now: () => number = () => performance.now(),
): HandshakeGate {
  /** In order of their coming. */
  const pending = new Map<string, Pending>();
  const groups = new Map<string, Set<Pending>>();

  const forget = (key: string) => {
    const one = pending.get(key);
    if (one === undefined) return;
    pending.delete(key);
    const group = groups.get(one.group);
    group?.delete(one);
    if (group?.size === 0) groups.delete(one.group);
  };
  const end = (one: Pending, fault: HandshakeFault) => {
    forget(one.key);
    one.socket.destroy();
    one.onFault(fault, one.address);
  };

  /** Makes room among some; false when none of them has been there for so long (ms). */
  const displace = (among: Iterable<Pending>, leastMs = HANGING_MS): boolean => {
    for (const oldest of among) {
      if (now() - oldest.since < leastMs) return false;
      end(oldest, TOO_MANY);
      return true;
    }
    return false;
  };
  /** Makes room among all, for an address that has some of them. */
  const displaceOfMost = (ownCount: number): boolean => {
    let largest: Set<Pending> = new Set();
    for (const group of groups.values()) if (group.size > largest.size) largest = group;
    return displace(largest, largest.size >= ownCount + 2 ? 0 : HANGING_MS);
  };

  const admit = (socket: Socket, onFault: OnHandshakeFault): boolean => {
    const address = plainAddress(socket.remoteAddress);
    const group = groupOf(address);
    const ofGroup = groups.get(group) ?? new Set<Pending>();
    const hasRoom =
      (ofGroup.size < limits.mostOfAddress || displace(ofGroup)) &&
      (pending.size < limits.most || displaceOfMost(ofGroup.size));
    if (!hasRoom) {
      onFault(TOO_MANY, address);
      return false;
    }
    const key = keyOf(socket);
    const one = { key, socket, address, group, since: now(), onFault };
    pending.set(key, one);
    ofGroup.add(one);
    groups.set(group, ofGroup);
    socket.once('close', () => {
      if (pending.get(key) !== one) return;
      forget(key);
      // Whoever has not said a word was only looking whether somebody listens.
      if (socket.bytesRead > 0) onFault(GIVEN_UP, address);
    });
    return true;
  };

  const sweep = setInterval(() => {
    const latest = now() - limits.timeoutMs;
    for (const one of pending.values()) {
      if (one.since > latest) break;
      end(one, TIMED_OUT);
    }
  }, SWEEP_MS);
  sweep.unref();

  return {
    guard: (server, onFault) => {
      // Node's own listener begins the handshake: it must not hear of a connection that is not let in.
      const begin = server.listeners('connection');
      server.removeAllListeners('connection');
      server.on('connection', (socket: Socket) => {
        if (!admit(socket, onFault)) socket.destroy();
        else for (const listener of begin) listener.call(server, socket);
      });
      server.on('secureConnection', (socket) => forget(keyOf(socket)));
      server.on('tlsClientError', (error, socket) => {
        const one = pending.get(keyOf(socket));
        if (one !== undefined) end(one, faultOfHandshake(error));
      });
    },
    get pending() {
      return pending.size;
    },
    close: () => clearInterval(sweep),
  };
}
