import type { DeviceDescription } from '../simulator/simulator.ts';

/** From the simulator's thread: who is going to publish. It waits for the answer. */
export interface SimulatorHello {
  readonly devices: readonly DeviceDescription[];
}

/** To it: begin, and stop for good. */
export type SimulatorOrder =
  | {
      readonly kind: 'begin';
      /** Stamp of the newest sample that these devices have (epoch ms; 0: none). */
      readonly newestAt: number;
    }
  | { readonly kind: 'stop' };
