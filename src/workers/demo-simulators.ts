import type { Factory, SimulatorGrant } from '../accounts/accounts.ts';
import type { Log } from '../core/log.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { DeviceDescription } from '../simulator/simulator.ts';
import { type SimulatorThread, startSimulatorThread } from './simulator-thread.ts';

export interface DemoSimulatorsParts {
  /** Every factory there is. */
  readonly factories: () => readonly Factory[];
  /** Lets the simulator sign in to the broker. */
  readonly grant: (scope: FactoryScope) => SimulatorGrant;
  /** Makes known what is going to publish. */
  readonly describe: (scope: FactoryScope, devices: readonly DeviceDescription[]) => void;
  /** Stamp of a device's newest sample (epoch ms), or null. */
  readonly newestSampleAt: (scope: FactoryScope, deviceKey: string) => number | null;
  /** The broker's address. */
  readonly url: string;
  readonly log: Log;
  /** Tests replace it. */
  readonly startThread?: typeof startSimulatorThread;
  readonly restartMs?: number;
}

/** Keeps a simulator running for each demo factory, and for no other. */
export interface DemoSimulators {
  /** Starts and stops what the list of factories asks for. To be called whenever it has changed. */
  follow(): void;
  /** Stops all of them for good. */
  close(): Promise<void>;
}

/** A simulator that failed is started again after this time (ms): the broker may have refused it for want of disk. */
const RESTART_MS = 10_000;

export function createDemoSimulators(parts: DemoSimulatorsParts): DemoSimulators {
  const { factories, grant, describe, newestSampleAt, url, log } = parts;
  const { startThread = startSimulatorThread, restartMs = RESTART_MS } = parts;
  const running = new Map<number, () => Promise<void>>();
  const ending = new Set<Promise<void>>();
  const restarts = new Set<NodeJS.Timeout>();
  let isClosed = false;

  const prepare = (scope: FactoryScope, devices: readonly DeviceDescription[]): number => {
    describe(scope, devices);
    return Math.max(0, ...devices.map(({ key }) => newestSampleAt(scope, key) ?? 0));
  };

  const restartLater = () => {
    const timer = setTimeout(() => {
      restarts.delete(timer);
      follow();
    }, restartMs);
    restarts.add(timer);
  };

  const start = ({ scope }: Factory) => {
    const { username, password, revoke } = grant(scope);
    const thread: SimulatorThread = startThread({
      target: { url, factorySlug: scope.slug, username, password },
      prepare: (devices) => prepare(scope, devices),
      onExit: (error) => {
        revoke();
        running.delete(scope.factoryId);
        if (isClosed) return;
        log.warn({ err: error, factory: scope.slug }, 'the simulator of the demo factory failed and is started again');
        restartLater();
      },
    });
    running.set(scope.factoryId, async () => {
      await thread.stop();
      revoke();
    });
  };

  const end = (factoryId: number, stop: () => Promise<void>) => {
    running.delete(factoryId);
    const ended = stop().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const follow = () => {
    if (isClosed) return;
    const wanted = new Map(
      factories().flatMap((it) => (it.isDemo && it.archivedAt === null ? [[it.scope.factoryId, it] as const] : [])),
    );
    for (const [factoryId, stop] of running) if (!wanted.has(factoryId)) end(factoryId, stop);
    for (const [factoryId, factory] of wanted) if (!running.has(factoryId)) start(factory);
  };

  return {
    follow,
    close: async () => {
      isClosed = true;
      for (const timer of restarts) clearTimeout(timer);
      for (const [factoryId, stop] of running) end(factoryId, stop);
      await Promise.all(ending);
    },
  };
}
