import { type Accounts, signInFaults } from './accounts/accounts.ts';
import { connectionRoutes } from './api/routes/connections.ts';
import { deviceCommandRoutes } from './api/routes/device-commands.ts';
import type { Broker, BrokerDependencies } from './broker/broker.ts';
import type { Control } from './control.ts';
import type { Log } from './core/log.ts';
import type { FactoryScope } from './core/scope.ts';
import { createDeviceCommands, type DeviceCommands } from './device-commands/device-commands.ts';
import type { Refusals } from './telemetry/telemetry.ts';

export interface DeviceTalkDeps {
  readonly control: Control;
  /** Epoch ms, by the time that is trusted. */
  readonly now: () => number;
  /** The device of a key, which may be one of several that are the device's. */
  readonly deviceIdOf: (factoryId: number, key: string) => string | undefined;
  readonly refusals: Refusals;
  readonly log: Log;
  /** Asked once it is there. */
  readonly broker: () => Broker;
}

/** What goes to devices, and what is known of their connections. */
export interface DeviceTalk {
  readonly commands: DeviceCommands;
  /** For the broker. */
  readonly ofBroker: Pick<BrokerDependencies, 'commands' | 'signInFault'>;
  /** Begins to end commands that are overdue. @returns how to stop */
  start(): () => void;
}

/** Commands to devices, between the database and the broker. */
export function createDeviceTalk({ control, now, deviceIdOf, refusals, log, broker }: DeviceTalkDeps): DeviceTalk {
  const { accounts, catalogue, store } = control;
  const commands = createDeviceCommands({
    store,
    clock: { now },
    device: (scope, id) => catalogue.device(scope, id),
    deviceByKey: (scope, key) => catalogue.device(scope, deviceIdOf(scope.factoryId, key) ?? ''),
    aliases: control.devices.aliases,
    scopeOf: scopeByNumber(accounts),
    refused: refusals.record,
    reaches: (topic) => broker().reaches(topic),
    publish: (message) => broker().publish(message),
    onFault: (error) => log.error({ err: error }, 'what became of a command could not be stored'),
  });
  return {
    commands,
    ofBroker: { commands, signInFault: signInFaults(store, accounts.factories) },
    start: () => {
      commands.start();
      return commands.stop;
    },
  };
}

const scopeByNumber =
  ({ factories }: Accounts) =>
  (factoryId: number): FactoryScope | undefined =>
    factories.byNumber(factoryId)?.scope;

/** Routes about connections and commands. */
export const deviceTalkRoutes = (
  { catalogue }: Control,
  broker: Broker,
  { commands }: DeviceTalk,
  refusals: Refusals,
) => [...connectionRoutes({ connections: broker.present, refusals, catalogue }), ...deviceCommandRoutes({ commands })];
