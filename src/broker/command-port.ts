import type { FactoryScope } from '../core/scope.ts';
import type { Peer } from './peer.ts';
import type { Message } from './session.ts';
import { parseCommandsTopic } from './topics.ts';

/** What whoever sends commands to devices hears of them. */
export interface CommandPort {
  /**
   * A device has published to its `…/commands/ack`; when this returns it is on disk, and is acknowledged.
   *
   * @throws when it cannot be stored: the device keeps its message
   */
  answered(scope: FactoryScope, deviceKey: string, payload: Buffer): void;
  /** A client can be sent commands of a device from now on; `+`: of every one that it may speak for. */
  listening(scope: FactoryScope, deviceKey: string): void;
  /** A client has acknowledged a message of `…/commands`. */
  delivered(scope: FactoryScope, deviceKey: string, payload: Buffer): void;
}

/** Tells what clients subscribe to and acknowledge, as far as it is about commands. Who reads along is not asked. */
export function followReceivers(port: CommandPort | undefined) {
  const scopeOf = ({ identity }: Peer): FactoryScope | undefined =>
    identity === null || identity.isReader ? undefined : identity.scope;
  return {
    /** @param filters - that the peer has subscribed to, and may */
    listen: (peer: Peer, filters: readonly string[]): void => {
      const scope = scopeOf(peer);
      if (port === undefined || scope === undefined) return;
      for (const filter of filters) {
        const target = parseCommandsTopic(filter);
        if (target?.slug === scope.slug) port.listening(scope, target.deviceKey);
      }
    },
    acknowledged: (peer: Peer, { topic, payload }: Message): void => {
      const scope = scopeOf(peer);
      const target = scope && parseCommandsTopic(topic);
      if (scope !== undefined && target !== undefined) port?.delivered(scope, target.deviceKey, payload);
    },
  };
}
