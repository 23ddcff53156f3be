import { Aedes, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * Aedes, but for one thing: what clients publish ends here while nobody reads along. It is telemetry, `authorizePublish`
 * has stored it, and looking for subscribers would cost more than storing it. What the appliance publishes goes Aedes'
 * way.
 */
export class TelemetryBroker extends Aedes {
  /** Whether somebody who is connected may be sent this topic. */
  isRead: (topic: string) => boolean = () => false;

  override publish(...message: [packet: PublishPacket, ...rest: [Done] | [Client | null, Done]]): void {
    const [packet, client, done] = message;
    const isTelemetry = typeof client === 'object' && client !== null;
    if (isTelemetry && !this.isRead(packet.topic)) done?.();
    else super.publish(...(message as unknown as Parameters<Aedes['publish']>));
  }
}
