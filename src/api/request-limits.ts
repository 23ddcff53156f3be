import type { ServerResponse } from 'node:http';
import type { Caller, FactoryLimits } from '../accounts/accounts.ts';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../core/address.ts';
import { AppError } from '../core/errors.ts';

/** A bucket holds so many seconds' worth of requests: pages ask for much at once, and then for little. */
const BURST_S = 10;
/** Buckets remembered; at the bound the one that was used longest ago starts again. */
const MAX_BUCKETS = 10_000;

/** Keeps one user, factory or address from taking all of the appliance. In memory: a restart forgets. */
export interface RequestLimits {
  /**
   * Counts a request.
   *
   * @param isOfFactory - else it is a person's own, or the appliance's, and no factory's limit stands in its way
   * @throws {AppError} `too_many`, with the time to wait
   */
  count(identity: Caller | undefined, address: string, isOfFactory?: boolean): void;
  /** Counts a heavy one until its answer has gone out. @throws {AppError} `too_many` */
  begin(identity: Caller, res: ServerResponse): void;
}

/** Token buckets, by key. `now`: ms, monotonic. */
function createBuckets(now: () => number) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (key: string, perS: number, whose: string): void => {
    const at = now();
    const known = buckets.get(key);
    buckets.delete(key);
    const full = perS * BURST_S;
    const tokens = known === undefined ? full : Math.min(full, known.tokens + ((at - known.at) / 1_000) * perS);
    const isRefused = tokens < 1;
    buckets.set(key, { tokens: isRefused ? tokens : tokens - 1, at });
    if (buckets.size > MAX_BUCKETS) {
      for (const oldest of buckets.keys()) {
        buckets.delete(oldest);
        break;
      }
    }
    if (!isRefused) return;
    const retryAfterS = Math.max(1, Math.ceil((1 - tokens) / perS));
    throw new AppError('too_many', `${whose} may ask ${perS} times a second: wait a moment`, { retryAfterS });
  };
}

/** How many are under way, by key. */
function createGauge() {
  const running = new Map<string, number>();
  return {
    enter: (key: string, most: number, whose: string) => {
      const count = running.get(key) ?? 0;
      if (count < most) return void running.set(key, count + 1);
      const message = `${most} questions to the history of ${whose} are under way already: wait for their answers`;
      throw new AppError('too_many', message, { retryAfterS: 1 });
    },
    leave: (key: string) => {
      const count = (running.get(key) ?? 1) - 1;
      if (count > 0) running.set(key, count);
      else running.delete(key);
    },
  };
}

export function createRequestLimits(
  config: Config['limits'],
  factories: Pick<FactoryLimits, 'of'>,
  now: () => number = () => performance.now(),
): RequestLimits {
  const take = createBuckets(now);
  const heavy = createGauge();
  const idOf = (identity: Caller) => ('keyId' in identity ? identity.keyId : identity.userId);

  return {
    count: (identity, address, isOfFactory = false) => {
      if (identity === undefined) {
        if (!isLoopback(address)) take(`address ${address}`, config.address_requests_per_s, 'an address');
        return;
      }
      take(`user ${idOf(identity)}`, config.user_requests_per_s, 'you');
      const id = identity.factory?.scope.factoryId;
      if (isOfFactory && id !== undefined) take(`factory ${id}`, factories.of(id).requestsPerS, 'this factory');
    },
    begin: (identity, res) => {
      const user = `user ${idOf(identity)}`;
      const id = identity.factory?.scope.factoryId;
      const factory = `factory ${id}`;
      heavy.enter(user, config.user_heavy_queries, 'yours');
      try {
        if (id !== undefined) heavy.enter(factory, factories.of(id).heavyQueries, 'this factory');
      } catch (error) {
        heavy.leave(user);
        throw error;
      }
      res.once('close', () => {
        heavy.leave(user);
        if (id !== undefined) heavy.leave(factory);
      });
    },
  };
}
