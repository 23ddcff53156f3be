import { type MessagePort, parentPort } from 'node:worker_threads';
import { demoDevices, runDemo } from '../simulator/simulator.ts';
import type { SimulatorHello, SimulatorOrder } from './simulator-messages.ts';
import type { SimulatorTarget } from './thread-data.ts';

/** The simulator's thread. It ends when told to stop; a failure ends it too, and its owner hears of it. */
export function serveSimulator(target: SimulatorTarget, port: MessagePort | null = parentPort): void {
  if (port === null) throw new TypeError('the simulator runs in a thread of its own');
  const stopping = new AbortController();
  const run = async (newestAt: number) => {
    await runDemo({ ...target, newestAt, signal: stopping.signal });
    port.close();
  };
  let isRunning = false;
  port.on('message', (order: SimulatorOrder) => {
    if (order.kind === 'begin') {
      isRunning = true;
      void run(order.newestAt);
      return;
    }
    stopping.abort();
    if (!isRunning) port.close();
  });
  port.postMessage({ devices: demoDevices() } satisfies SimulatorHello);
}
