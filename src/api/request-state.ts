import type { Context } from 'koa';
import type { Log } from '../core/log.ts';

/** What goes with a request from its first line to its last. */
export interface RequestState {
  readonly requestId: string;
  /** Carries the request id and, once they are known, the user and the factory. */
  log: Log;
  /** The route's pattern, for metrics: never the path, which has no bound. */
  route: string;
}

const states = new WeakMap<Context, RequestState>();

/** Begins a request. */
export function beginState(ctx: Context, state: RequestState): void {
  states.set(ctx, state);
}

/** The state that `envelope` began. @throws Error outside of it, which is a defect */
export function stateOf(ctx: Context): RequestState {
  const state = states.get(ctx);
  if (state === undefined) throw new Error('a request has no state: envelope comes first');
  return state;
}
