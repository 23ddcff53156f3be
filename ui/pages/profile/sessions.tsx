import { useMemo } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { Session } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { Age } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatTime } from '../../format/time.ts';
import { readUserAgent } from '../../format/user-agent.ts';
import { useResource } from '../../state/resource.ts';
import { timezone } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/profile.ts';

const EVERY_MS = 30_000;

function programOf({ user_agent }: Session): string {
  const read = readUserAgent(user_agent);
  if (read === undefined) return text.unknownProgram;
  return read.system === undefined ? read.program : text.programOn(read.program, read.system);
}

const columnsWith = (end: (session: Session) => void): readonly Column<Session>[] => [
  {
    id: 'session',
    label: text.session,
    class: 'wide',
    cell: (session) => (
      <>
        <b class="strong">{programOf(session)}</b>
        {session.is_current && <span class="pill set__you">{text.thisOne}</span>}
      </>
    ),
  },
  { id: 'address', label: text.address, cell: ({ address }) => <span class="mono">{address}</span> },
  {
    id: 'used',
    label: text.lastUsed,
    class: 'nowrap',
    cell: ({ used_at }) => <Age at={Date.parse(used_at)} />,
  },
  {
    id: 'since',
    label: text.since,
    class: 'nowrap',
    cell: ({ created_at }) => formatTime(Date.parse(created_at), 'date_minute', timezone.value),
  },
  {
    id: 'end',
    label: text.end,
    hasHiddenLabel: true,
    class: 'set__do',
    cell: (session) =>
      !session.is_current && (
        <Button small label={text.endOf(programOf(session))} onClick={() => end(session)}>
          {text.end}
        </Button>
      ),
  },
];

/** Where one is signed in, and the way to end what should not be. */
export const Sessions = () => {
  const { data, error, reload } = useResource('own-sessions', (signal) => call('GET /profile/sessions', { signal }), {
    everyMs: EVERY_MS,
  });
  const end = ({ id }: Session) =>
    call('DELETE /profile/sessions/{id}', { path: { id } })
      .then(() => toast(text.ended), toastError)
      .then(reload);
  const endOthers = () =>
    call('DELETE /profile/sessions')
      .then(({ ended }) => toast(text.endedOthers(ended)), toastError)
      .then(reload);
  const columns = useMemo(() => columnsWith((session) => void end(session)), [reload]);
  const hasOthers = (data?.items.length ?? 0) > 1;
  return (
    <Panel
      title={text.sessions}
      flush
      side={
        hasOthers && (
          <Button small onClick={() => void endOthers()}>
            {text.endOthers}
          </Button>
        )
      }
      {...(data?.items.length === 1 && { foot: text.onlyThis })}
    >
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data !== undefined && (
        <Table class="set__table" label={text.sessions} columns={columns} rows={data.items} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
};
