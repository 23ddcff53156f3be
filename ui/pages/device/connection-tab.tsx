import { call } from '../../api/client.ts';
import type { Connection, Device } from '../../api/schema.ts';
import { clientName, signedInAs, Traffic, wayOf } from '../../components/connection-facts.tsx';
import { ConnectionLog } from '../../components/connection-log.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { Age } from '../../components/status.tsx';
import { useResource } from '../../state/resource.ts';
import { factory } from '../../state/session.ts';
import { text } from '../../text/connections.ts';

const EVERY_MS = 3_000;
/** Entries of the log; the newest that was trouble is among them, or asked for. */
const ENTRIES = 20;

async function fetchConnection(deviceId: string, signal: AbortSignal) {
  const query = { device_id: deviceId };
  const [present, log, trouble] = await Promise.all([
    call('GET /connections', { query, signal }),
    call('GET /connection-log', { query: { ...query, limit: ENTRIES }, signal }),
    call('GET /connection-log', { query: { ...query, limit: 1, kind: 'refused,dropped' }, signal }),
  ]);
  return { present: present.items, log: log.items, trouble: trouble.items };
}

const Sender = ({ connection, commands }: { connection: Connection; commands: string }) => {
  const { address, connected_at, received, subscriptions } = connection;
  const facts = [
    [text.from, `${address}, ${wayOf(connection)}`],
    [text.since, <Age key="age" at={Date.parse(connected_at)} />],
    [text.received, <Traffic key="traffic" traffic={received} />],
  ] as const;
  return (
    <li>
      <p class="row row--wrap">
        <b class="strong mono">{clientName(connection)}</b>
        <span class="muted">{signedInAs(connection)}</span>
        {subscriptions.some(({ filter }) => filter === commands) && <span class="pill">{text.takesCommands}</span>}
      </p>
      <dl class="kv conn__facts">
        {facts.map(([label, value]) => (
          <>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </li>
  );
};

/** Which clients send for the device, and why one of them was dropped or refused. */
export const ConnectionTab = ({ device }: { device: Device }) => {
  const { data, error, reload } = useResource(
    `connection ${device.id}`,
    (signal) => fetchConnection(device.id, signal),
    { everyMs: EVERY_MS },
  );
  if (data === undefined) {
    return error === undefined ? <Skeleton lines={4} height="1.5rem" /> : <Failed error={error} retry={reload} />;
  }
  const commands = `factories/${factory.value?.slug}/devices/${device.key}/commands`;
  return (
    <div class="stack">
      <Panel
        title={text.senders}
        flush
        side={
          <a class="panel__note" href="/settings/connections">
            {text.allConnections}
          </a>
        }
      >
        {data.present.length === 0 ? (
          <div class="panel__body">
            <p>{text.noSender}.</p>
            <p class="muted small">{text.noSenderBody}</p>
          </div>
        ) : (
          <ul class="list cmd__senders">
            {data.present.map((connection) => (
              <Sender key={connection.id} connection={connection} commands={commands} />
            ))}
          </ul>
        )}
      </Panel>
      <Panel title={text.lastTrouble} flush>
        {data.trouble.length === 0 ? (
          <p class="panel__body">{text.noTrouble}</p>
        ) : (
          <ConnectionLog events={data.trouble} />
        )}
      </Panel>
      {data.log.length > 0 && (
        <Panel title={text.history} flush>
          <ConnectionLog events={data.log} />
        </Panel>
      )}
    </div>
  );
};
