import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Device } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Age } from '../../components/status.tsx';
import { Value } from '../../components/value.tsx';
import { formatDuration } from '../../format/time.ts';
import { now } from '../../state/clock.ts';
import { liveDevice } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/connect.ts';
import type { Arrival } from './use-arrival.ts';

/** Values shown of a first message; the device page shows all. */
const MAX_VALUES = 8;

const Values = ({ device }: { device: Device }) => {
  const { data } = useResource(`first values of ${device.id}`, (signal) =>
    call('GET /devices/{id}/kpis/live', { path: { id: device.id }, signal }),
  );
  const live = liveDevice(device.id).values;
  const values = data?.values ?? [];
  return (
    <dl class="kv cn__values">
      {values.slice(0, MAX_VALUES).map(({ parameter, value, unit }) => (
        <>
          <dt class="clip">{parameter}</dt>
          <dd class="clip">
            <Value value={live.get(parameter)?.value ?? value} unit={unit} />
          </dd>
        </>
      ))}
      {values.length > MAX_VALUES && <dd>{text.moreValues(values.length - MAX_VALUES)}</dd>}
    </dl>
  );
};

const Arrived = ({ device, onAnother }: { device: Device; onAnother: () => void }) => (
  <>
    <div class="cn__done done">
      <Icon name="check" />
    </div>
    <h2>{text.connected(device.name)}</h2>
    <p class="soft">{text.connectedBody}</p>
    <Values device={device} />
    <div class="row row--wrap cn__next">
      <ButtonLink look="primary" href={`/devices/${device.id}`}>
        {text.open(device.name)}
      </ButtonLink>
      <Button onClick={onAnother}>{text.another}</Button>
    </div>
  </>
);

/** Its message is here, and somebody has to say that it belongs here. */
const Pending = ({ device }: { device: Device }) => {
  const [isBusy, setBusy] = useState(false);
  const approve = async () => {
    setBusy(true);
    await call('POST /devices/{id}/approve', { path: { id: device.id } }).catch(toastError);
    setBusy(false);
  };
  return (
    <>
      <div class="cn__done">
        <Icon name="pause" />
      </div>
      <h2>{text.pending(device.key)}</h2>
      <p class="soft">{text.pendingBody}</p>
      <Values device={device} />
      <div class="row row--wrap cn__next">
        <Button look="primary" icon="check" busy={isBusy} onClick={() => void approve()}>
          {text.approve(device.key)}
        </Button>
        <ButtonLink href="/devices?standing=pending">{text.allPending}</ButtonLink>
      </div>
    </>
  );
};

const Waiting = ({ deviceKey, arrival }: { deviceKey: string; arrival: Arrival }) => (
  <>
    <div class="cn__pulse" aria-hidden="true">
      <i />
      <Icon name="wifi" />
    </div>
    <h2>{arrival.device === undefined ? text.waitingFor(deviceKey) : text.waitingForNext(deviceKey)}</h2>
    {arrival.device !== undefined && (
      <p class="soft">
        {text.lastSeen}{' '}
        <Age at={arrival.device.last_seen_at === null ? null : Date.parse(arrival.device.last_seen_at)} />.
      </p>
    )}
    {/* Counts each second: not to be read out. */}
    <p class="soft" aria-live="off">
      {text.waited(formatDuration(now.value - arrival.since))}
    </p>
  </>
);

/** Where the first message is: not here yet, kept aside, or stored. */
const Awaited = ({ deviceKey, arrival, onAnother }: WaitingPanelProps & { deviceKey: string }) => {
  const { device, hasArrived } = arrival;
  if (device?.standing === 'pending') return <Pending device={device} />;
  return hasArrived && device !== undefined ? (
    <Arrived device={device} onAnother={onAnother} />
  ) : (
    <Waiting deviceKey={deviceKey} arrival={arrival} />
  );
};

interface WaitingPanelProps {
  readonly deviceKey: string | undefined;
  readonly arrival: Arrival;
  readonly onAnother: () => void;
}

/** Waits for the first message, then shows it. */
export const WaitingPanel = ({ deviceKey, arrival, onAnother }: WaitingPanelProps) => (
  <section class="panel cn__wait" aria-live="polite">
    {deviceKey === undefined && <p class="soft">{text.noKey}</p>}
    {deviceKey !== undefined && <Awaited deviceKey={deviceKey} arrival={arrival} onAnother={onAnother} />}
  </section>
);
