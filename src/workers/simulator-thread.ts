import { Worker } from 'node:worker_threads';
import type { DeviceDescription } from '../simulator/simulator.ts';
import { threadEntry } from './entry-location.ts';
import type { SimulatorHello, SimulatorOrder } from './simulator-messages.ts';
import type { SimulatorTarget, ThreadData } from './thread-data.ts';

export interface SimulatorThreadOptions {
  readonly target: SimulatorTarget;
  /** Makes the devices known before their first message, and says which stamp is their newest (epoch ms; 0: none). May throw. */
  readonly prepare: (devices: readonly DeviceDescription[]) => number;
  /** The thread ended without being asked to, or what it needs could not be prepared. */
  readonly onExit: (error: Error) => void;
}

export interface SimulatorThread {
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

/** How long a thread may take to say goodbye to the broker (ms). */
const STOP_MS = 3_000;
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128 };

/**
 * The demo's machines, in a thread of their own: they take no time from the main thread, which they meet as any device
 * does, over MQTT.
 */
export function startSimulatorThread({ target, prepare, onExit }: SimulatorThreadOptions): SimulatorThread {
  const workerData: ThreadData = { role: 'simulator', target };
  const thread = new Worker(threadEntry(), { workerData, resourceLimits: RESOURCE_LIMITS, name: 'simulator' });
  let isStopping = false;
  let failure = new Error('it ended by itself');
  const fail = (error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
  };
  const order = (message: SimulatorOrder) => thread.postMessage(message);
  thread.on('message', ({ devices }: SimulatorHello) => {
    if (isStopping) return;
    try {
      order({ kind: 'begin', newestAt: prepare(devices) });
    } catch (error) {
      fail(error);
      void thread.terminate();
    }
  });
  thread.on('error', fail);
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      resolve();
      if (!isStopping) onExit(failure);
    });
  });
  return {
    stop: async () => {
      isStopping = true;
      order({ kind: 'stop' });
      const deadline = setTimeout(() => void thread.terminate(), STOP_MS);
      await exited;
      clearTimeout(deadline);
    },
  };
}
