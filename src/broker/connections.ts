import type { ConnectPacket } from 'aedes';
import { isDeviceKey } from '../core/device-keys.ts';
import { AppError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { FactoryScope } from '../core/scope.ts';
import { type ConnectionEvent, kindOf } from '../telemetry/telemetry.ts';
import type { GuardedStream } from './guarded-stream.ts';
import type { Peer, Transport } from './peer.ts';
import type { QoS } from './session.ts';
import type { TelemetryTopic } from './topics.ts';
import { type Connection, type PaceClock, Traffic, type TrafficRates } from './traffic.ts';

type ConnectWill = NonNullable<ConnectPacket['will']>;

/** What a client leaves to be published when its connection breaks. */
export interface LastWill {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly bytes: number;
}

/** The will of a CONNECT, without what it says. */
export const lastWillOf = ({ topic, qos = 0, retain = false, payload }: ConnectWill): LastWill => ({
  topic,
  qos,
  retain,
  bytes: payload?.length ?? 0,
});

/** A client that is connected, as one factory may see it. */
export interface PresentConnection {
  /** A UUID, of this connection alone. */
  readonly id: string;
  readonly clientId: string;
  /** Empty for an anonymous sender. */
  readonly username: string;
  readonly kind: 'device' | 'api_key' | 'anonymous';
  /** The name of its credential or API key; empty for an anonymous sender. */
  readonly credential: string;
  readonly address: string;
  readonly transport: Transport;
  /** `TLSv1.3`; undefined where there is none. */
  readonly tlsVersion: string | undefined;
  readonly isClean: boolean;
  /** 0: none. */
  readonly keepaliveS: number;
  /** Epoch ms. */
  readonly connectedAt: number;
  readonly received: TrafficRates;
  readonly sent: TrafficRates;
  readonly subscriptions: readonly { readonly filter: string; readonly qos: QoS }[];
  readonly will: LastWill | undefined;
  /** Keys of devices that it has sent for lately, the latest last. */
  readonly deviceKeys: readonly string[];
  /** An anonymous sender that sends for other factories too. */
  readonly isShared: boolean;
}

/**
 * Who is connected, and the log of who came, left, and was refused. Each factory sees the connections of its own
 * credentials, and anonymous senders as far as they have published to its topics; what belongs to none is the owner's.
 */
export interface Connections {
  of(scope: FactoryScope): PresentConnection[];
  ofNobody(): PresentConnection[];
  /**
   * Ends a connection of the factory; its will is published.
   *
   * @param by - who wants it, for the log
   * @throws {AppError} `not_found`; `conflict` for one that sends for other factories too
   */
  end(scope: FactoryScope, id: string, by: string): void;
  /** The same for what belongs to no factory, or to several. */
  endOfNobody(id: string, by: string): void;
}

/** What the broker tells, beside what others may ask. */
export interface ConnectionBook extends Connections {
  /** Puts an event into the log of whom the peer belongs to. */
  report(peer: Peer | undefined, reason: string, detail: string, payload?: Buffer): void;
  /** It may come in: whoever is connected with its client id is about to be sent away. */
  admitted(stream: GuardedStream, clientId: string): void;
  /** Its CONNACK has gone. */
  arrived(stream: GuardedStream): void;
  /** @param saidGoodbye - it has sent DISCONNECT */
  left(stream: GuardedStream, saidGoodbye: boolean): void;
  /** Counts a message of telemetry; the first one for a factory makes an anonymous sender that factory's, too. */
  published(peer: Peer, scope: FactoryScope, target: TelemetryTopic, bytes: number): void;
  /** From now on connections end because the appliance does. */
  stopping(): void;
  close(): void;
}

export interface ConnectionBookOptions {
  /** Epoch ms. */
  readonly now: () => number;
  readonly scopeBySlug: (slug: string) => FactoryScope | undefined;
  readonly record: (event: ConnectionEvent) => void;
}

/** How often counts are set down, of which rates are made. */
const TICK_MS = 10_000;
/** Device keys named in one entry of the log. */
const MAX_LOGGED_DEVICES = 32;

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A span of time in the two largest units that it has. */
export function forHowLong(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units: [seconds: number, name: string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  let left = seconds;
  const parts = units.slice(first, first + 2).flatMap(([size, name]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count} ${name}`];
  });
  return parts.join(' ');
}

const OVER: Readonly<Record<Transport, string>> = {
  tcp: 'plain TCP',
  tls: 'TLS',
  websocket: 'WebSocket',
  secure_websocket: 'secure WebSocket',
};

export function createConnectionBook(options: ConnectionBookOptions): ConnectionBook {
  const { now, scopeBySlug, record } = options;
  const connections = new Map<GuardedStream, Connection>();
  const byClientId = new Map<string, Connection>();
  /** Traffic by the factory that it counts for; null: nobody's. */
  const byFactory = new Map<number | null, Set<Traffic>>();
  const pace: PaceClock = { tick: 0, times: [] };
  let isStopping = false;

  const keyOf = ({ scope }: Traffic) => scope?.factoryId ?? null;
  const enter = (traffic: Traffic) => {
    const held = byFactory.get(keyOf(traffic));
    if (held === undefined) byFactory.set(keyOf(traffic), new Set([traffic]));
    else held.add(traffic);
  };
  const leave = (traffic: Traffic) => {
    const held = byFactory.get(keyOf(traffic));
    held?.delete(traffic);
    if (held?.size === 0) byFactory.delete(keyOf(traffic));
  };

  const timer = setInterval(() => {
    pace.tick++;
    pace.times[pace.tick % Traffic.SLOTS] = now();
    for (const held of byFactory.values()) for (const traffic of held) traffic.mark(pace.tick);
  }, TICK_MS);
  timer.unref();

  const write = (
    scope: FactoryScope | undefined,
    peer: Peer | undefined,
    event: Omit<ConnectionEvent, 'scope' | 'source' | 'clientId' | 'username'>,
  ) => {
    const { address: source = '', clientId = '', username = '' } = peer ?? {};
    record({ ...event, scope, source, clientId, username });
  };

  const devicesOf = (traffic: Traffic | undefined, peer: Peer | undefined): readonly string[] => {
    const lately = traffic?.deviceKeys(pace.tick) ?? [];
    const keys = peer?.identity?.deviceKeys;
    const named = lately.length > 0 || keys === undefined || keys === '*' ? lately : keys.filter(isDeviceKey);
    return named.slice(-MAX_LOGGED_DEVICES);
  };

  const report: ConnectionBook['report'] = (peer, reason, detail, payload) => {
    const entry = peer?.traffic.connection;
    if (entry !== undefined && kindOf(reason) !== 'refused') entry.isTold = true;
    const claimed = peer?.identity?.scope ?? scopeBySlug(/^([^/]+)\//.exec(peer?.username ?? '')?.[1] ?? '');
    const shares = peer?.shares ?? [];
    if (claimed !== undefined || reason === 'unknown_factory' || shares.length === 0) {
      write(claimed, peer, { reason, detail, payload, devices: devicesOf(shares[0], peer) });
      return;
    }
    // What an anonymous sender published elsewhere is not told to the factories that it also sends for.
    const words =
      reason === 'topic_not_allowed' ? 'it published to a topic that anonymous senders may not use' : detail;
    for (const share of shares) write(share.scope, peer, { reason, detail: words, devices: devicesOf(share, peer) });
  };

  const view = (traffic: Traffic, connection: Connection): PresentConnection => {
    const { peer } = connection.stream;
    const { identity, session } = peer;
    const at = now();
    return {
      id: connection.id,
      clientId: peer.clientId,
      username: peer.username,
      kind: identity === null ? 'anonymous' : identity.isReader ? 'api_key' : 'device',
      credential: identity?.name ?? '',
      address: peer.address,
      transport: peer.transport,
      tlsVersion: peer.tlsVersion,
      isClean: session?.isDurable !== true,
      keepaliveS: peer.keepaliveS,
      connectedAt: connection.connectedAt,
      received: traffic.received(pace, at),
      sent: traffic.sent(pace, at),
      subscriptions: [...(session?.subscriptions ?? [])].map(([filter, qos]) => ({ filter, qos })),
      will: peer.will,
      deviceKeys: traffic.deviceKeys(pace.tick),
      isShared: peer.shares.length > 1,
    };
  };

  const present = (factoryId: number | null): [Traffic, Connection][] =>
    [...(byFactory.get(factoryId) ?? [])].flatMap((traffic): [Traffic, Connection][] => {
      const connection = traffic.connection;
      return connection === undefined || connection.stream.destroyed ? [] : [[traffic, connection]];
    });

  const endNow = ({ stream }: Connection, by: string) => {
    report(stream.peer, 'ended_by_person', `ended by ${by}`);
    stream.destroy();
  };
  const notFound = () => new AppError('not_found', 'not found');

  /** One row of those that send for several factories. */
  const shared = (): [Traffic, Connection][] =>
    [...connections.values()].flatMap((connection): [Traffic, Connection][] => {
      const [first, second] = connection.stream.peer.shares;
      return first === undefined || second === undefined || connection.stream.destroyed ? [] : [[first, connection]];
    });

  return {
    report,
    admitted: (stream, clientId) => {
      const before = byClientId.get(clientId);
      if (before !== undefined && !before.stream.destroyed) {
        report(before.stream.peer, 'taken_over', `taken over by the same client id from ${stream.peer.address}`);
      }
      const connection = { id: newId(), stream, fullClientId: clientId, connectedAt: now(), isTold: false };
      connections.set(stream, connection);
      byClientId.set(clientId, connection);
    },
    arrived: (stream) => {
      const connection = connections.get(stream);
      if (connection === undefined || stream.destroyed) return;
      const { peer } = stream;
      connection.connectedAt = now();
      peer.traffic = new Traffic(peer.identity?.scope, pace.tick, now());
      peer.traffic.connection = connection;
      enter(peer.traffic);
      // An anonymous sender belongs to nobody until it has published.
      if (peer.identity === null) return;
      peer.shares.push(peer.traffic);
      cameIn(peer.traffic, peer);
    },
    left: (stream, saidGoodbye) => {
      const connection = connections.get(stream);
      if (connection === undefined) return;
      connections.delete(stream);
      if (byClientId.get(connection.fullClientId) === connection) byClientId.delete(connection.fullClientId);
      const { peer } = stream;
      const hasArrived = peer.traffic.connection !== undefined;
      if (hasArrived && !connection.isTold) {
        const lasted = `after ${forHowLong(now() - connection.connectedAt)}`;
        for (const share of peer.shares) {
          const count = plural(share.messagesIn, 'message');
          const devices = devicesOf(share, peer);
          const tell = (reason: string, words: string) =>
            write(share.scope, peer, { reason, detail: `${words} ${lasted}, ${count}`, devices });
          if (isStopping) tell('appliance_stopped', 'ended with the appliance');
          else if (saidGoodbye) tell('disconnected', 'said goodbye');
          else tell('left_without_goodbye', 'left without saying goodbye');
        }
      }
      for (const traffic of new Set([peer.traffic, ...peer.shares])) leave(traffic);
    },
    published: (peer, scope, target, bytes) => {
      let traffic = peer.traffic;
      if (traffic.scope?.factoryId !== scope.factoryId) traffic = moveTo(peer, scope);
      traffic.messagesIn++;
      traffic.bytesIn += bytes;
      if (traffic.target !== target) traffic.aim(target, pace.tick);
    },
    of: (scope) => present(scope.factoryId).map(([traffic, connection]) => view(traffic, connection)),
    ofNobody: () => [...present(null), ...shared()].map(([traffic, connection]) => view(traffic, connection)),
    end: (scope, id, by) => {
      const found = present(scope.factoryId).find(([, connection]) => connection.id === id)?.[1];
      if (found === undefined) throw notFound();
      if (found.stream.peer.shares.length > 1) {
        throw new AppError(
          'conflict',
          'it does not send for this factory alone: the owner of the appliance can end it',
        );
      }
      endNow(found, by);
    },
    endOfNobody: (id, by) => {
      const found = [...present(null), ...shared()].find(([, connection]) => connection.id === id)?.[1];
      if (found === undefined) throw notFound();
      endNow(found, by);
    },
    stopping: () => {
      isStopping = true;
    },
    close: () => clearInterval(timer),
  };

  function cameIn(traffic: Traffic, peer: Peer): void {
    const tls = peer.tlsVersion === undefined ? '' : ` (${peer.tlsVersion})`;
    const session = peer.session?.isDurable ? 'persistent session' : 'clean session';
    const keepalive = peer.keepaliveS === 0 ? 'no keepalive' : `keepalive ${peer.keepaliveS} s`;
    const detail = `over ${OVER[peer.transport]}${tls}, ${session}, ${keepalive}`;
    write(traffic.scope, peer, { reason: 'connected', detail, devices: devicesOf(traffic, peer) });
  }

  /** An anonymous sender publishes for another factory than with its message before. */
  function moveTo(peer: Peer, scope: FactoryScope): Traffic {
    const known = peer.shares.find((share) => share.scope?.factoryId === scope.factoryId);
    const before = peer.traffic;
    // A will is published when its client has left.
    if (before.connection === undefined || !connections.has(before.connection.stream)) return before;
    if (known !== undefined) {
      peer.traffic = known;
      return known;
    }
    const traffic = new Traffic(scope, pace.tick, now());
    traffic.connection = before.connection;
    if (before.scope === undefined) leave(before);
    peer.traffic = traffic;
    peer.shares.push(traffic);
    enter(traffic);
    cameIn(traffic, peer);
    return traffic;
  }
}
