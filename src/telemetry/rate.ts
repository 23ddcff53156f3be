import type { Clock } from '../core/clock.ts';

const WINDOW_S = 10;

/** Messages and points a second over the last ten whole seconds. */
export interface RateMeter {
  add(messages: number, points: number): void;
  perSecond(): { messages: number; points: number };
}

/** One slot for each second, reused; no timers. */
export function createRateMeter(clock: Clock): RateMeter {
  const slots = Array.from({ length: WINDOW_S + 1 }, () => ({ second: 0, messages: 0, points: 0 }));
  const nowSecond = () => Math.floor(clock.now() / 1000);
  return {
    add: (messages, points) => {
      const second = nowSecond();
      const slot = slots[second % slots.length];
      if (slot === undefined) return;
      if (slot.second !== second) Object.assign(slot, { second, messages: 0, points: 0 });
      slot.messages += messages;
      slot.points += points;
    },
    perSecond: () => {
      const current = nowSecond();
      const whole = slots.filter((slot) => slot.second < current && slot.second >= current - WINDOW_S);
      const sum = (pick: (slot: { messages: number; points: number }) => number) =>
        whole.reduce((total, slot) => total + pick(slot), 0) / WINDOW_S;
      return { messages: sum((slot) => slot.messages), points: sum((slot) => slot.points) };
    },
  };
}
