import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { isLoopback, plainAddress } from '../core/address.ts';
import { type ListenPlan, listenOn } from '../core/listen.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { ServerTls } from '../tls/tls.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';
import { answerUnreadable } from './unreadable-requests.ts';

/** Open connections of a server, MQTT over WebSocket included; further ones are closed at once. */
const MAX_CONNECTIONS = 2_000;
/** How long `stop` waits for answers that are on their way. */
const GRACE_MS = 2_000;

const OPTIONS = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16_384,
  // Anything else that a client offers to upgrade to (h2c, as curl --http2 does) is answered as it stands.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

/** Ports as they are bound. */
export interface HttpPorts {
  readonly http: number;
  /** Undefined without TLS. */
  readonly https: number | undefined;
}

export interface HttpListeners {
  /** Both servers, so that the broker can take over WebSocket upgrades. */
  readonly servers: readonly Server[];
  /** @throws {AppError} `port_unavailable` */
  start(plans: { readonly http: ListenPlan; readonly https?: ListenPlan | undefined }): Promise<HttpPorts>;
  /** Lets answers finish for two seconds, and closes every connection. */
  stop(): Promise<void>;
}

export interface HttpListenerDeps {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'handshakesFailed'>;
  /** Without it there is plain HTTP alone. */
  readonly tls?: ServerTls | undefined;
  /** Other machines are led to HTTPS, and not served without it. */
  readonly isSecureOnly: boolean;
}

/** No secret, and what a client needs before it can come by HTTPS: it is compared by its fingerprint. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/api/v1/tls/ca.crt', '/api/v1/tls/ca.der']);
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
/** What a host may look like that is put into an address; its port is dropped. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/i;

/**
 * Leads to HTTPS what a browser follows without harm. All else is refused: what it carries, a password perhaps, has gone
 * over the network in clear already, and a client that is led on would never hear of it.
 */
function leadToHttps(req: IncomingMessage, res: ServerResponse, port: number): void {
  const [, host] = HOST.exec(req.headers.host ?? '') ?? [];
  const target = host === undefined ? undefined : `https://${host}${port === 443 ? '' : `:${port}`}`;
  const isLed = target !== undefined && SAFE_METHODS.has(req.method ?? '') && req.url?.startsWith('/') === true;
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Connection', 'close');
  if (isLed) {
    res.writeHead(308, { Location: target + req.url }).end();
    return;
  }
  const detail = `this appliance is reached by HTTPS: ${target ?? `port ${port}`}; change what you sent, if it was secret`;
  const problem = {
    type: 'urn:factoryops:problem:forbidden',
    title: 'Forbidden',
    status: 403,
    detail,
    instance: '',
    errors: [],
  };
  res.writeHead(403, { 'Content-Type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(problem));
}

/** Whether the other end of a plain connection is another machine. */
const isFromElsewhere = ({ socket }: IncomingMessage): boolean =>
  !('encrypted' in socket) && !isLoopback(plainAddress(socket.remoteAddress));

/** HTTP and HTTPS servers in front of one application. */
export function createHttpListeners(answer: RequestListener, deps: HttpListenerDeps): HttpListeners {
  const { log, metrics, tls, isSecureOnly } = deps;
  let securePort = 0;
  const plain = createServer(OPTIONS, (req, res) =>
    isSecureOnly && isFromElsewhere(req) && !OPEN_PATHS.has(req.url ?? '')
      ? leadToHttps(req, res, securePort)
      : answer(req, res),
  );
  if (isSecureOnly) {
    plain.prependListener('upgrade', (req, socket) => {
      if (isFromElsewhere(req)) socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    });
  }
  const secure = tls && createSecureServer({ ...OPTIONS, ...tls.options(false) }, answer);
  if (secure !== undefined) {
    tls?.follow(secure, false, ({ reason }) => metrics.handshakesFailed.inc({ listener: 'https', reason }));
  }
  const servers: readonly Server[] = secure === undefined ? [plain] : [plain, secure];
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.maxConnections = MAX_CONNECTIONS;
    answerUnreadable(server, log);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }

  return {
    servers,
    start: async (plans) => {
      if (secure !== undefined && plans.https !== undefined) {
        securePort = await listenOn(secure, plans.https, {
          what: 'HTTPS',
          flag: '--https-port',
          onOther: (wished, taken) => log.warn({ wished, taken }, 'another program has the HTTPS port; took another'),
        });
      }
      const http = await listenOn(plain, plans.http, { what: 'HTTP', flag: '--http-port' });
      return { http, https: secure?.listening ? securePort : undefined };
    },
    stop: async () => {
      await Promise.all(servers.map((server) => close(server, sockets)));
    },
  };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}
