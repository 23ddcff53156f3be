import type { Clock } from '../core/clock.ts';

const WINDOW_S = 10;

export interface Rate {
  readonly messages: number;
  readonly points: number;
}

/** Messages and points a second over the last ten whole seconds. */
export interface RateMeter {
  add(factoryId: number, messages: number, points: number): void;
  /** Of one factory, or of all together. */
  perSecond(factoryId?: number): Rate;
}

interface Slot {
  second: number;
  messages: number;
  points: number;
}

/** One slot for each second of each factory, reused; no timers. */
export function createRateMeter(clock: Clock): RateMeter {
  const factories = new Map<number, readonly Slot[]>();
  const newSlots = (): Slot[] => Array.from({ length: WINDOW_S + 1 }, () => ({ second: 0, messages: 0, points: 0 }));
  const nowSecond = () => Math.floor(clock.now() / 1000);
  return {
    add: (factoryId, messages, points) => {
      const slots = factories.get(factoryId) ?? newSlots();
      factories.set(factoryId, slots);
      const second = nowSecond();
      const slot = slots[second % slots.length];
      if (slot === undefined) return;
      if (slot.second !== second) Object.assign(slot, { second, messages: 0, points: 0 });
      slot.messages += messages;
      slot.points += points;
    },
    perSecond: (factoryId) => {
      const current = nowSecond();
      const slots = factoryId === undefined ? [...factories.values()].flat() : (factories.get(factoryId) ?? []);
      const whole = slots.filter((slot) => slot.second < current && slot.second >= current - WINDOW_S);
      const sum = (pick: (slot: Slot) => number) => whole.reduce((total, slot) => total + pick(slot), 0) / WINDOW_S;
      return { messages: sum((slot) => slot.messages), points: sum((slot) => slot.points) };
    },
  };
}
