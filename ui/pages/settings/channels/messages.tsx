import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import type { Notification, NotificationChannel } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { SeverityChip } from '../../../components/severity.tsx';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { useResource } from '../../../state/resource.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/channels.ts';

const EVERY_MS = 5_000;
const [FEW, MOST] = [50, 500];

export type Shown = 'all' | 'dead' | 'pending';

const columnsWith = (
  nameOf: (id: string) => string,
  sendAgain: (message: Notification) => void,
  /** The one that is being sent again. */
  sending: string | undefined,
): readonly Column<Notification>[] => [
  { id: 'when', label: text.when, class: 'nowrap', cell: ({ created_at }) => <Age at={Date.parse(created_at)} /> },
  {
    id: 'what',
    label: text.what,
    cell: ({ kind, severity, alarm_id, alarm_number }) => (
      <>
        <SeverityChip severity={severity}>{text.severities[severity]}</SeverityChip> {text.messageKinds[kind]}{' '}
        {alarm_number !== null && <a href={`/alarms/${alarm_id}`}>{text.toAlarm(alarm_number)}</a>}
      </>
    ),
  },
  { id: 'channel', label: text.channel, class: 'set__who', cell: ({ channel_id }) => nameOf(channel_id) },
  {
    id: 'state',
    label: text.state,
    class: 'nowrap',
    cell: ({ state, attempts, due_at }) => (
      <>
        <b class="strong">{text.states[state]}</b>
        <span class="sub">
          {attempts > 0 && text.attempts(attempts)}
          {due_at !== null && attempts > 0 && (
            <>
              , {text.next} <Age at={Date.parse(due_at)} />
            </>
          )}
        </span>
      </>
    ),
  },
  {
    id: 'answer',
    label: text.answer,
    class: 'wide set__who',
    cell: ({ answer }) => <span class="mono small channel__answer">{answer}</span>,
  },
  {
    id: 'again',
    label: text.sendAgain,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (message) =>
      message.state === 'dead' && (
        <Button
          small
          busy={message.id === sending}
          label={text.sendAgainOf(`${text.messageKinds[message.kind]}, ${nameOf(message.channel_id)}`)}
          onClick={() => sendAgain(message)}
        >
          {text.sendAgain}
        </Button>
      ),
  },
];

const NothingThere = ({ shown }: { shown: Shown }) => {
  const [title, body] = {
    all: [text.noMessages, text.noMessagesBody],
    dead: [text.noDead, text.noDeadBody],
    pending: [text.noPending, text.noPendingBody],
  }[shown];
  return (
    <Empty icon="check" title={title ?? ''}>
      {body}
    </Empty>
  );
};

/** What channels said, and what could not be said. */
export const Messages = ({ shown, channels }: { shown: Shown; channels: readonly NotificationChannel[] }) => {
  const [limit, setLimit] = useState(FEW);
  const [sending, setSending] = useState<string>();
  const { data, error, reload } = useResource(
    `notifications ${shown} ${limit}`,
    (signal) => {
      const query = { limit, ...(shown !== 'all' && { state: shown }) };
      return call('GET /notifications', { query, signal });
    },
    { everyMs: EVERY_MS, keepsData: true },
  );
  const columns = useMemo(() => {
    const names = new Map(channels.map(({ id, name }) => [id, name]));
    const sendAgain = ({ id }: Notification) => {
      setSending(id);
      call('POST /notifications/{id}/retry', { path: { id } })
        .then(() => toast(text.sentAgain), toastError)
        .then(reload)
        .finally(() => setSending(undefined));
    };
    return columnsWith((id) => names.get(id) ?? '', sendAgain, sending);
  }, [channels, reload, sending]);
  return (
    <Panel title={text.log} flush>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data?.items.length === 0 && <NothingThere shown={shown} />}
      {data !== undefined && data.items.length > 0 && (
        <Table class="set__table" label={text.log} columns={columns} rows={data.items} keyOf={({ id }) => id} />
      )}
      {data != null && data.next_cursor !== null && limit < MOST && (
        <div class="panel__foot">
          <Button onClick={() => setLimit(MOST)}>{text.showMore}</Button>
        </div>
      )}
    </Panel>
  );
};
