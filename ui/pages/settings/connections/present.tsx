import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { Connection } from '../../../api/schema.ts';
import { Button, ButtonLink } from '../../../components/button.tsx';
import { Code } from '../../../components/code.tsx';
import { clientName, signedInAs, Traffic, wayOf } from '../../../components/connection-facts.tsx';
import { Confirm } from '../../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { useResource } from '../../../state/resource.ts';
import { factory } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/connections.ts';
import { bareHost } from '../../connect/snippets.ts';
import { ConnectionDialog } from './connection-dialog.tsx';

const EVERY_MS = 3_000;

const columnsWith = (open: (connection: Connection) => void): readonly Column<Connection>[] => [
  {
    id: 'client',
    label: text.client,
    class: 'wide set__who',
    cell: (row) => (
      <>
        <b class="strong mono">{clientName(row)}</b>
        <span class="sub">{signedInAs(row)}</span>
      </>
    ),
  },
  {
    id: 'from',
    label: text.from,
    class: 'set__who',
    cell: (row) => (
      <>
        <span class="mono">{row.address}</span>
        <span class="sub">{wayOf(row)}</span>
      </>
    ),
  },
  {
    id: 'since',
    label: text.since,
    class: 'nowrap',
    cell: ({ connected_at }) => <Age at={Date.parse(connected_at)} />,
  },
  {
    id: 'received',
    label: text.received,
    isNumeric: true,
    class: 'nowrap',
    cell: ({ received }) => <Traffic traffic={received} />,
  },
  { id: 'sent', label: text.sent, isNumeric: true, class: 'nowrap', cell: ({ sent }) => <Traffic traffic={sent} /> },
  {
    id: 'devices',
    label: text.devices,
    cell: ({ devices: [first, ...others] }) =>
      first === undefined ? (
        <span class="muted">{text.noDevice}</span>
      ) : (
        <span class="nowrap">
          {first.id === null ? (
            <span class="mono">{first.key}</span>
          ) : (
            <a class="mono" href={`/devices/${first.id}`}>
              {first.key}
            </a>
          )}
          {others.length > 0 && <span class="muted"> {text.more(others.length)}</span>}
        </span>
      ),
  },
  {
    id: 'details',
    label: text.details(''),
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (row) => (
      <Button small look="quiet" icon="right" label={text.details(clientName(row))} onClick={() => open(row)} />
    ),
  },
];

/** What to type to be the first one here. */
const FirstOne = () => {
  const { data } = useResource('connection-info', (signal) => call('GET /connection-info', { signal }));
  const slug = factory.value?.slug ?? '';
  const command = [
    `mosquitto_pub -h ${bareHost(location.hostname)} -p ${data?.mqtt.port} -u ${slug}/NAME -P PASSWORD`,
    `-t factories/${slug}/devices/M01/telemetry -q 1`,
    `-m '{"metrics":{"voltage":231.4}}'`,
  ].join(' \\\n  ');
  return (
    <Empty
      icon="wifi"
      title={text.none}
      action={
        <>
          {data !== undefined && (
            <div class="conn__try">
              <Code label={text.tryIt} copy={command} />
            </div>
          )}
          <ButtonLink href="/connect">{text.makeCredential}</ButtonLink>
        </>
      }
    >
      {text.noneBody}
    </Empty>
  );
};

const fetchPresent = (isOfNobody: boolean, q: string, signal: AbortSignal) =>
  everyPage((page) => {
    const query = { ...page, q };
    return isOfNobody
      ? call('GET /connections/unassigned', { query, signal })
      : call('GET /connections', { query, signal });
  });

/** Who is connected now; figures follow. */
export const Present = ({ isOfNobody, q }: { isOfNobody: boolean; q: string }) => {
  const [shownId, setShownId] = useState<string>();
  const [ending, setEnding] = useState<Connection>();
  const { data, error, reload } = useResource(
    `connections ${isOfNobody} ${q}`,
    (signal) => fetchPresent(isOfNobody, q, signal),
    { everyMs: EVERY_MS },
  );
  const columns = useMemo(() => columnsWith(({ id }) => setShownId(id)), []);
  const shown = data?.find(({ id }) => id === shownId);
  const end = (connection: Connection) => {
    const options = { path: { id: connection.id } };
    const ended = isOfNobody
      ? call('DELETE /connections/unassigned/{id}', options)
      : call('DELETE /connections/{id}', options);
    return ended
      .then(() => toast(text.ended(clientName(connection))), toastError)
      .then(() => {
        setEnding(undefined);
        setShownId(undefined);
        reload();
      });
  };
  return (
    <Panel
      title={text.present}
      flush
      side={data !== undefined && data.length > 0 && <span class="panel__note">{text.presentNote(data.length)}</span>}
    >
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data?.length === 0 &&
        (q !== '' ? (
          <Empty icon="search" title={text.noneMatches}>
            {text.noneMatchesBody(q)}
          </Empty>
        ) : isOfNobody ? (
          <Empty icon="check" title={text.none}>
            {text.noneOfNobody}
          </Empty>
        ) : (
          <FirstOne />
        ))}
      {data !== undefined && data.length > 0 && (
        <Table
          class="set__table conn"
          label={text.present}
          columns={columns}
          rows={data}
          keyOf={({ id }) => id}
          onOpen={({ id }) => setShownId(id)}
        />
      )}
      {shown !== undefined && ending === undefined && (
        <ConnectionDialog connection={shown} onEnd={() => setEnding(shown)} onClose={() => setShownId(undefined)} />
      )}
      {ending !== undefined && (
        <Confirm
          title={text.endTitle(clientName(ending))}
          verb={text.endVerb}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(undefined)}
        >
          {text.endBody}
        </Confirm>
      )}
    </Panel>
  );
};
