import type { Sender } from '../telemetry/telemetry.ts';

/**
 * Acknowledgements of one connection in the order in which its messages came (MQTT 3.1.1, 4.6.0-2, 4.6.0-3), where some of
 * them wait for one disk and some for another.
 */
export interface AckQueue {
  /** What stands for the sender: its acknowledgement waits for those of the messages before. */
  slot(sender: Sender): Sender;
}

export function createAckQueue(): AckQueue {
  const slots: { readonly acknowledge: () => void; isReady: boolean }[] = [];
  return {
    slot: (sender) => {
      const slot = { acknowledge: sender.acknowledge, isReady: false };
      slots.push(slot);
      return {
        isHurried: sender.isHurried,
        abandon: sender.abandon,
        acknowledge: () => {
          slot.isReady = true;
          while (slots[0]?.isReady === true) slots.shift()?.acknowledge();
        },
      };
    },
  };
}
