import { effect, signal } from '@preact/signals';
import { ApiError, call, type Reply } from '../api/client.ts';
import { summary } from './summary.ts';

/** What the appliance says of its clock while it does not trust it; undefined while it does, or is not known to. */
export const clockDoubt = signal<Reply<'GET /clock'> | undefined>(undefined);

const take = (clock: Reply<'GET /clock'>): void => {
  clockDoubt.value = clock.trusted ? undefined : clock;
};

/** Follows the clock until the returned function is called: asked for with each summary that says that it is not right. */
export const followClock = (): (() => void) => {
  const load = async () => {
    try {
      take(await call('GET /clock'));
    } catch (error) {
      // The connection's state says it already; the next summary asks again.
      if (!(error instanceof ApiError)) throw error;
    }
  };
  const stop = effect(() => {
    if (summary.value?.clock_ok === false) void load();
    else clockDoubt.value = undefined;
  });
  return () => {
    stop();
    clockDoubt.value = undefined;
  };
};

/** Says that the clock is right. @throws {ApiError} */
export async function confirmClock(): Promise<void> {
  const clock = await call('POST /clock/confirm');
  if (summary.value !== undefined) summary.value = { ...summary.value, clock_ok: clock.trusted };
  take(clock);
}
