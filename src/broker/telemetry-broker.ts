import { Aedes, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * Aedes, but for one thing: what clients publish ends here. It is telemetry, `authorizePublish` has stored it, and looking
 * for subscribers would cost more than storing it. Who reads along is served by `readers.ts`. What the appliance publishes
 * goes Aedes' way.
 */
export class TelemetryBroker extends Aedes {
  /** Hears of what was stored. */
  onPublished: (packet: PublishPacket) => void = () => {};

  override publish(...message: [packet: PublishPacket, ...rest: [Done] | [Client | null, Done]]): void {
    const [packet, client, done] = message;
    if (typeof client === 'object' && client !== null) {
      this.onPublished(packet);
      done?.();
    } else super.publish(...(message as unknown as Parameters<Aedes['publish']>));
  }
}
