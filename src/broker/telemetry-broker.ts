import { Aedes, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * Aedes, but for two things. What clients publish ends here: it is telemetry, `authorizePublish` has stored it, and looking
 * for subscribers would cost more than storing it; what is not telemetry went its way there, too. And nothing is subscribed
 * to here: who is sent what is the matter of `messages.ts`, and who reads telemetry along that of `readers.ts`.
 */
export class TelemetryBroker extends Aedes {
  /** Hears of what was stored. */
  onPublished: (packet: PublishPacket) => void = () => {};

  override publish(...message: [packet: PublishPacket, ...rest: [Done] | [Client | null, Done]]): void {
    const [packet, client, done] = message;
    if (typeof client === 'object' && client !== null) this.onPublished(packet);
    (typeof client === 'function' ? client : done)?.();
  }

  override subscribe(_topic: string, _deliver: unknown, done: () => void): void {
    done();
  }

  override unsubscribe(_topic: string, _deliver: unknown, done?: () => void): void {
    done?.();
  }
}
