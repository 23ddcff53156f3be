import { Aedes, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * Aedes, but for one thing: what clients publish ends here. It is telemetry, `authorizePublish` has stored it, nobody
 * may subscribe to it, and looking for subscribers would cost more than storing it. What the appliance publishes goes
 * Aedes' way.
 */
export class TelemetryBroker extends Aedes {
  override publish(...message: [packet: PublishPacket, ...rest: [Done] | [Client | null, Done]]): void {
    const [, client, done] = message;
    if (typeof client === 'object' && client !== null) done?.();
    else super.publish(...(message as unknown as Parameters<Aedes['publish']>));
  }
}
