import type { Connection } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { clientName, signedInAs, Traffic, wayOf } from '../../../components/connection-facts.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Age } from '../../../components/status.tsx';
import { formatBytes } from '../../../format/number.ts';
import { text } from '../../../text/connections.ts';

const Subscriptions = ({ of: { subscriptions } }: { of: Connection }) =>
  subscriptions.length === 0 ? (
    <span class="muted">{text.noSubscriptions}</span>
  ) : (
    <ul>
      {subscriptions.map(({ filter, qos }) => (
        <li key={filter}>
          <span class="mono conn__topic">{filter}</span> <span class="muted">{text.qos(qos)}</span>
        </li>
      ))}
    </ul>
  );

const Will = ({ of: { will } }: { of: Connection }) =>
  will === null ? (
    <span class="muted">{text.noWill}</span>
  ) : (
    <>
      <span class="mono conn__topic">{will.topic}</span>{' '}
      <span class="muted">
        {text.qos(will.qos)}, {text.willSays(formatBytes(will.bytes).join(' '), will.retain)}
      </span>
    </>
  );

const Devices = ({ of: { devices } }: { of: Connection }) =>
  devices.length === 0 ? (
    <span class="muted">{text.noDevice}</span>
  ) : (
    <span class="row row--wrap conn__devices">
      {devices.map(({ key, id }) =>
        id === null ? (
          <span class="mono" key={key}>
            {key}
          </span>
        ) : (
          <a class="mono" href={`/devices/${id}`} key={key}>
            {key}
          </a>
        ),
      )}
    </span>
  );

interface ConnectionDialogProps {
  readonly connection: Connection;
  readonly onEnd: () => void;
  readonly onClose: () => void;
}

/** All that is known of a client that is connected. */
export const ConnectionDialog = ({ connection, onEnd, onClose }: ConnectionDialogProps) => {
  const { address, connected_at, clean_session, keepalive_s, received, sent, is_shared } = connection;
  const rows = [
    [text.credential, signedInAs(connection)],
    [text.from, `${address}, ${wayOf(connection)}`],
    [text.since, <Age key="age" at={Date.parse(connected_at)} />],
    [text.received, <Traffic key="received" traffic={received} />],
    [text.sent, <Traffic key="sent" traffic={sent} />],
    [text.session, clean_session ? text.clean : text.durable],
    [text.keepalive, keepalive_s === 0 ? text.noKeepalive : text.keepaliveOf(keepalive_s)],
    [text.subscriptions, <Subscriptions key="subscriptions" of={connection} />],
    [text.will, <Will key="will" of={connection} />],
    [text.lately, <Devices key="devices" of={connection} />],
  ] as const;
  return (
    <Dialog
      title={clientName(connection)}
      onClose={onClose}
      foot={
        <>
          <Button look="danger" onClick={onEnd}>
            {text.end}
          </Button>
          <Button onClick={onClose}>{text.close}</Button>
        </>
      }
    >
      <dl class="kv conn__facts">
        {rows.map(([label, value]) => (
          <>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      {is_shared && <p class="soft small">{text.shared}</p>}
    </Dialog>
  );
};
