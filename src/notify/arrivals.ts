import type { FactoryScope } from '../core/scope.ts';
import type { Store } from '../store/store.ts';
import type { Channel } from './channel.ts';
import { askTwilio } from './channels/twilio.ts';
import type { Channels } from './channels.ts';
import type { SendRequest } from './guarded-request.ts';
import type { Sent } from './outbox.ts';
import { type NotificationRow, noteAnswer, noteUndelivered, takenSince } from './outbox-rows.ts';

export interface ArrivalsParts {
  readonly store: Store;
  readonly channels: Pick<Channels, 'list' | 'secrets'>;
  readonly send: SendRequest;
  readonly base: string;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

/** Asks Twilio after a while whether what it took has arrived: some of what it takes it refuses later. */
export interface Arrivals {
  follow(scope: FactoryScope, channel: Channel, row: Pick<NotificationRow, 'id'>, sent: Sent): void;
  /** Goes on after a restart with what was taken shortly before it. Where some number was not reached it is known already. */
  resume(scope: FactoryScope): void;
  stop(): void;
}

/** When it is asked, from when it was taken, or from the start after that (ms). */
const ASKED_AFTER_MS = [5_000, 60_000, 600_000] as const;
/** What was taken longer before a restart is not asked after any more (ms). */
const RESUMED_MS = 900_000;
const MAX_FOLLOWED = 500;
/** Of all that is asked after at a start one comes after the other (ms): Twilio refuses who asks too much at once. */
const SPACING_MS = 100;

const isTwilio = (channel: Channel) => channel.kind === 'sms' || channel.kind === 'whatsapp';

export function createArrivals({ store, channels, send, base, now, onFault }: ArrivalsParts): Arrivals {
  const timers = new Set<NodeJS.Timeout>();
  let isStopped = false;

  const ask = async (
    scope: FactoryScope,
    channel: Channel,
    id: string,
    { recipient, providerId }: Sent,
    round: number,
  ) => {
    if (!isTwilio(channel)) return;
    const authToken = channels.secrets(scope, channel.id).auth_token ?? '';
    const outcome = await askTwilio(send, { base, config: channel.config, authToken }, providerId);
    if (isStopped) return;
    if (outcome !== undefined) {
      store.write(scope, (sql) => {
        const answer = `${recipient}: ${outcome.detail}`;
        if (outcome.hasFailed) noteUndelivered(sql, id, recipient, answer, now());
        else noteAnswer(sql, id, answer);
      });
    }
    if (outcome?.isFinal !== true) later(scope, channel, id, { recipient, providerId }, round + 1);
  };

  const later = (scope: FactoryScope, channel: Channel, id: string, sent: Sent, round: number, waitMs = 0) => {
    const after = ASKED_AFTER_MS[round];
    if (after === undefined || timers.size >= MAX_FOLLOWED || isStopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      ask(scope, channel, id, sent, round).catch(onFault);
    }, after + waitMs);
    timers.add(timer.unref());
  };

  return {
    follow: (scope, channel, { id }, sent) => {
      if (isTwilio(channel)) later(scope, channel, id, sent, 0);
    },
    resume: (scope) => {
      for (const channel of channels.list(scope).filter(isTwilio)) {
        const since = now() - RESUMED_MS;
        for (const row of store.read(scope, (sql) => takenSince(sql, channel.id, since, MAX_FOLLOWED))) {
          const [recipients, ids] = [JSON.parse(row.delivered) as string[], row.providerId.split(' ')];
          if (recipients.length !== ids.length) continue;
          for (const [place, recipient] of recipients.entries()) {
            const sent = { recipient, providerId: ids[place] as string };
            later(scope, channel, row.id, sent, 0, timers.size * SPACING_MS);
          }
        }
      }
    },
    stop: () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
