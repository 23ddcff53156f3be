import * as z from 'zod';
import { AppError, type Fault } from '../../core/errors.ts';
import type { Metrics } from '../../core/metrics.ts';
import { type Route, rawReply, route } from '../route.ts';

const TAG = 'Health';
/** A check that takes longer has failed. */
const TIMEOUT_MS = 2_000;

/** A part that has to work for the appliance to be ready. `check` throws, or rejects, when it does not. */
export interface HealthCheck {
  readonly name: string;
  check(): void | Promise<void>;
}

/** The fault of a part, or undefined when it works. Only messages meant for people are shown. */
async function faultOf({ name, check }: HealthCheck): Promise<Fault | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('unavailable', `no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([(async () => check())(), late]);
    return undefined;
  } catch (error) {
    return { pointer: `/${name}`, message: error instanceof AppError ? error.message : 'does not work; see the log' };
  } finally {
    clearTimeout(timer);
  }
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function healthRoutes({ checks, metrics }: { checks: readonly HealthCheck[]; metrics: Metrics }): Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      outsideBase: true,
      access: 'public',
      summary: 'Whether the process answers',
      tag: TAG,
      reply: z.object({ status: z.literal('ok') }),
      handle: () => ({ status: 'ok' as const }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      outsideBase: true,
      access: 'public',
      summary: 'Whether every part works; 503 with the names of those that do not',
      tag: TAG,
      reply: z.object({ status: z.literal('ready'), checks: z.array(z.string()) }),
      handle: async () => {
        const results = await Promise.all(checks.map(faultOf));
        const faults = results.filter((fault) => fault !== undefined);
        if (faults.length > 0) {
          const names = faults.map((fault) => fault.pointer.slice(1)).join(', ');
          throw new AppError('unavailable', `not ready: ${names}`, { faults });
        }
        return { status: 'ready' as const, checks: checks.map((check) => check.name) };
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      access: 'local',
      summary: 'Prometheus metrics',
      tag: TAG,
      reply: 'text',
      handle: async () => rawReply(metrics.registry.contentType, await metrics.registry.metrics()),
    }),
  ];
}
