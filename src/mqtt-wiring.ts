import type { Accounts } from './accounts/accounts.ts';
import type { Broker, StandingStatus } from './broker/broker.ts';
import type { Presence } from './devices/devices.ts';
import type { LiveState } from './telemetry/telemetry.ts';

const ENDED = { rotated: 'its password was changed', changed: 'it speaks for other devices now' } as const;

/** Connections and sessions end with the credentials, API keys and factories that they are of. */
export function followAccounts({ deviceCredentials, apiKeys, factories }: Accounts, broker: Broker): void {
  deviceCredentials.onEnded((credentialId, why) =>
    why === 'removed' ? broker.forget(credentialId) : broker.disconnect(credentialId, ENDED[why]),
  );
  apiKeys.onRemoved((keyId) => broker.forget(keyId));
  factories.onChanged(() => broker.forgetFactories((factoryId) => factories.byNumber(factoryId) === undefined));
}

/** The status of each device of a factory, as its status topic says it to whoever subscribes. */
export const statusesOf = (live: LiveState, presence: Presence) =>
  function* (factoryId: number): Generator<StandingStatus> {
    for (const device of live.devices(factoryId).values()) {
      if (device.standing !== 'active') continue;
      yield { key: device.key, status: presence.statusOf(device) };
    }
  };

/**
 * Publishes the status of a device whenever it changes, to `factories/{slug}/devices/{key}/status`, and nothing at all as
 * the status of one that was removed (MQTT's way to say that nothing is retained any more). Of one that never took part
 * nothing is said, not that it is gone either.
 */
export function publishStatuses(
  { factories }: Pick<Accounts, 'factories'>,
  live: LiveState,
  presence: Presence,
  broker: Broker,
): void {
  const followed = new Set<number>();
  const follow = () => {
    for (const { scope } of factories.list()) {
      const { factoryId, slug } = scope;
      if (followed.has(factoryId)) continue;
      followed.add(factoryId);
      const shown = new Set<string>();
      for (const { key, standing } of live.devices(factoryId).values()) if (standing === 'active') shown.add(key);
      presence.subscribe(factoryId, ({ key, status }) => {
        if (status !== 'removed') shown.add(key);
        else if (!shown.delete(key)) return;
        const topic = `factories/${slug}/devices/${key}/status`;
        void broker.publish({ topic, payload: status === 'removed' ? '' : status, qos: 1 }).catch(() => {});
      });
    }
  };
  factories.onChanged(follow);
  follow();
}
