import type { Server } from 'node:http';
import cors from '@koa/cors';
import Router from '@koa/router';
import Koa from 'koa';
import type { Accounts } from '../accounts/accounts.ts';
import type { Config } from '../config/config.ts';
import type { AssetFolder } from '../core/assets.ts';
import type { Clock } from '../core/clock.ts';
import type { ListenPlan } from '../core/listen.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { ServerTls } from '../tls/tls.ts';
import { dispatch, type RequestAudit } from './dispatch.ts';
import { docsRoutes } from './docs.ts';
import { envelope, notFound, sendProblem } from './envelope.ts';
import { createEventStreams } from './event-stream.ts';
import { createHttpListeners, type HttpPorts } from './listeners.ts';
import { openApiDocument } from './openapi.ts';
import { servePages } from './pages.ts';
import { methodNotAllowed } from './problem.ts';
import { createRequestLimits } from './request-limits.ts';
import { stateOf } from './request-state.ts';
import type { Route } from './route.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { authRoutes } from './routes/auth.ts';
import { deviceCredentialRoutes } from './routes/device-credentials.ts';
import { factoryRoutes } from './routes/factories.ts';
import { type HealthCheck, healthRoutes } from './routes/health.ts';
import { inviteRoutes, type SendInvite } from './routes/invites.ts';
import { loginRoutes } from './routes/logins.ts';
import { profileRoutes } from './routes/profile.ts';
import { setupRoutes } from './routes/setup.ts';
import { userRoutes } from './routes/users.ts';
import { createValidation } from './validate.ts';

export type { HealthCheck } from './routes/health.ts';

const BASE = '/api/v1';
/** A year: what browsers remember of a host that is to be reached by TLS alone (s). */
const HSTS = 'max-age=31536000';

export interface ApiDeps {
  readonly config: Pick<Config, 'http' | 'limits'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly accounts: Accounts;
  /** Told of what changes no row, and of what is refused. */
  readonly audit: RequestAudit;
  /** What the Date header says; the machine's own clock when left out. */
  readonly clock?: Clock;
  /** What has to work for the appliance to be ready, by name. */
  readonly checks: readonly HealthCheck[];
  /** Undefined while no mail server is configured. */
  readonly sendInvite?: SendInvite | undefined;
  /** The routes of the domains, beside those that the server has itself. */
  readonly routes: readonly Route[];
  readonly version: string;
  /** The built user interface: it answers outside of `/api` what no route does. */
  readonly pages?: AssetFolder;
  /** Checks every JSON answer against its schema: for tests. */
  readonly checkReplies?: boolean;
  /** Without it there is no HTTPS. */
  readonly tls?: ServerTls;
  /** Other machines are served over TLS alone. */
  readonly isSecureOnly?: boolean;
  /** Whether browsers may be told to come by TLS alone from now on. */
  readonly sendsHsts?: () => boolean;
  /** How often open streams look whether their session still lives (ms). */
  readonly streamRecheckMs?: number;
}

export interface Api {
  /** Of HTTP and HTTPS, so that the broker can take over WebSocket upgrades. */
  readonly servers: readonly Server[];
  /** Every route, as declared. */
  readonly routes: readonly Route[];
  /** Listens, and returns the ports. @throws {AppError} `port_unavailable` */
  start(plans: { readonly http: ListenPlan; readonly https?: ListenPlan }): Promise<HttpPorts>;
  /** Ends streams, lets answers finish for two seconds, and closes every connection. */
  stop(): Promise<void>;
}

/** Builds the HTTP API; `start` opens it. */
export function createApi(deps: ApiDeps): Api {
  const { config, log, metrics, accounts, checks, version } = deps;
  const streams = createEventStreams({
    maxStreams: config.http.max_streams,
    maxPerHolder: config.http.max_streams_per_session,
    maxPerFactory: (factoryId) => accounts.limits.of(factoryId).streams,
    onCount: (open) => metrics.streams.set(open),
    ...(deps.streamRecheckMs === undefined ? {} : { recheckMs: deps.streamRecheckMs }),
  });
  const domainRoutes = [
    ...authRoutes({ accounts }),
    ...setupRoutes({ accounts }),
    ...profileRoutes({ accounts }),
    ...factoryRoutes({ accounts }),
    ...userRoutes({ accounts }),
    ...inviteRoutes({ accounts, send: deps.sendInvite, publicUrl: config.http.public_url ?? undefined }),
    ...apiKeyRoutes({ accounts }),
    ...loginRoutes({ accounts }),
    ...deviceCredentialRoutes({ accounts }),
    ...healthRoutes({ checks, metrics }),
    ...deps.routes,
  ];
  const routes = [...domainRoutes, ...docsRoutes(() => openApiDocument(domainRoutes, { base: BASE, version }))];

  const app = new Koa();
  app.on('error', (error) => log.warn({ err: error }, 'an answer was cut off'));
  app.use(envelope({ log, metrics }));
  const { clock } = deps;
  if (clock !== undefined) {
    app.use((ctx, next) => {
      ctx.set('Date', new Date(clock.now()).toUTCString());
      return next();
    });
  }
  const { sendsHsts } = deps;
  if (sendsHsts !== undefined) {
    app.use((ctx, next) => {
      if (ctx.secure && sendsHsts()) ctx.set('Strict-Transport-Security', HSTS);
      return next();
    });
  }
  if (config.http.cors_origins.length > 0) app.use(crossOrigin(config.http.cors_origins));
  const router = new Router();
  const dispatchDeps = {
    accounts,
    audit: deps.audit,
    streams,
    limits: createRequestLimits(config.limits, accounts.limits),
    validation: createValidation(config.http.max_body_bytes),
    localAddresses: config.http.metrics_allow,
    checkReplies: deps.checkReplies ?? false,
  };
  for (const route of routes) {
    router[route.method](route.outsideBase ? route.path : BASE + route.path, dispatch(route, dispatchDeps));
  }
  app.use(router.routes());
  const allowedMethods = router.allowedMethods();
  app.use(async (ctx, next) => {
    // It only looks at what is unanswered; asked before `next`, because what comes then throws.
    await allowedMethods(ctx as Parameters<typeof allowedMethods>[0], async () => {});
    if (ctx.status === 404) return next();
    if (ctx.status >= 400) sendProblem(ctx, methodNotAllowed(stateOf(ctx).requestId));
  });
  if (deps.pages !== undefined) {
    const pages = servePages(deps.pages);
    app.use((ctx, next) => (/^\/api(\/|$)/.test(ctx.path) ? next() : pages(ctx, next)));
  }
  app.use(notFound);

  const listeners = createHttpListeners(app.callback(), {
    log,
    metrics,
    tls: deps.tls,
    isSecureOnly: deps.isSecureOnly ?? false,
  });
  return {
    servers: listeners.servers,
    routes,
    start: listeners.start,
    stop: async () => {
      streams.closeAll();
      await listeners.stop();
    },
  };
}

/** Lets pages of other sites call the API, with a key of their own: never with the cookies of a session. */
function crossOrigin(origins: readonly string[]): Koa.Middleware {
  const isListed = (ctx: Koa.Context) => origins.includes(ctx.get('Origin'));
  const allow = cors({
    origin: (ctx) => (isListed(ctx) ? ctx.get('Origin') : ''),
    allowMethods: 'GET,HEAD,PUT,POST,DELETE,PATCH',
    allowHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'X-Request-ID'],
    exposeHeaders: ['X-Request-ID', 'Retry-After', 'Content-Disposition'],
    maxAge: 600,
  });
  return (ctx, next) => {
    if (!isListed(ctx)) return next();
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    return allow(ctx, next);
  };
}
