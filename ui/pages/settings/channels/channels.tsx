import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { NotificationChannel } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Confirm } from '../../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { RowMenu } from '../../../components/row-menu.tsx';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { useQuery } from '../../../state/query.ts';
import { useResource } from '../../../state/resource.ts';
import { may } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/channels.ts';
import { text as common } from '../../../text/common.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { ChannelDialog } from './channel-dialog.tsx';
import { Messages, type Shown } from './messages.tsx';
import { TestDialog } from './test-dialog.tsx';

const EVERY_MS = 5_000;

type Doing = 'edit' | 'test' | 'toggle' | 'remove';
type Do = (what: Doing, channel: NotificationChannel) => void;

const State = ({ of: { is_active, pending, dead } }: { of: NotificationChannel }) => (
  <>
    <b class="strong">{is_active ? text.on : text.off}</b>
    {pending > 0 && <span class="sub">{text.waits(pending)}</span>}
    {dead > 0 && (
      <a class="sub set__stopped" href="/settings/channels?view=messages&state=dead">
        {text.dead(dead)}
      </a>
    )}
  </>
);

const columnsWith = (run: Do): readonly Column<NotificationChannel>[] => [
  {
    id: 'name',
    label: text.name,
    class: 'wide set__who',
    cell: ({ name, kind }) => (
      <>
        <b class="strong">{name}</b>
        <span class="sub">{text.kinds[kind]}</span>
      </>
    ),
  },
  { id: 'state', label: text.state, cell: (channel) => <State of={channel} /> },
  {
    id: 'sent',
    label: text.lastSent,
    class: 'nowrap',
    cell: ({ last_sent_at }) =>
      last_sent_at === null ? <span class="muted">{text.never}</span> : <Age at={Date.parse(last_sent_at)} />,
  },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (channel) =>
      may('admin') && (
        <RowMenu
          label={text.actionsOf(channel.name)}
          actions={[
            { label: text.test, icon: 'check', run: () => run('test', channel) },
            { label: text.edit, icon: 'edit', run: () => run('edit', channel) },
            {
              label: channel.is_active ? text.switchOff : text.switchOn,
              icon: channel.is_active ? 'pause' : 'play',
              run: () => run('toggle', channel),
            },
            { label: text.remove, icon: 'trash', run: () => run('remove', channel) },
          ]}
        />
      ),
  },
];

const NoChannels = ({ onMake }: { onMake: () => void }) =>
  may('admin') ? (
    <Empty
      icon="warning"
      title={text.noneTitle}
      action={
        <Button look="primary" icon="plus" onClick={onMake}>
          {text.make}
        </Button>
      }
    >
      {text.noneBody}
    </Empty>
  ) : (
    <Empty icon="warning" title={text.noneTitle}>
      {text.noneFor}
    </Empty>
  );

const Channels = () => {
  const { values, set } = useQuery();
  const [doing, setDoing] = useState<{ readonly what: Doing | 'make'; readonly channel?: NotificationChannel }>();
  const isLog = values.view === 'messages';
  const shown: Shown = values.state === 'dead' || values.state === 'pending' ? values.state : 'all';
  const { data, error, reload } = useResource(
    'notification-channels',
    async (signal) => (await call('GET /notification-channels', { signal })).items,
    { everyMs: EVERY_MS },
  );
  const people = useResource('channel-people', (signal) =>
    may('users') ? everyPage((query) => call('GET /users', { query, signal })) : Promise.resolve([]),
  );
  const toggle = ({ id, name, is_active }: NotificationChannel) => {
    call('PATCH /notification-channels/{id}', { path: { id }, body: { is_active: !is_active } })
      .then(() => toast(is_active ? text.switchedOff(name) : text.switchedOn(name)), toastError)
      .then(reload);
  };
  const columns = useMemo(
    () => columnsWith((what, channel) => (what === 'toggle' ? toggle(channel) : setDoing({ what, channel }))),
    [reload],
  );
  const close = () => setDoing(undefined);
  const remove = ({ id, name }: NotificationChannel) =>
    call('DELETE /notification-channels/{id}', { path: { id } })
      .then(() => toast(text.removed(name)), toastError)
      .then(() => {
        reload();
        close();
      });
  const isEmpty = data?.length === 0;
  const make = (
    <Button look="primary" icon="plus" onClick={() => setDoing({ what: 'make' })}>
      {text.make}
    </Button>
  );
  const { what, channel } = doing ?? {};
  return (
    <SettingsPage part="channels" {...(!isEmpty && may('admin') && { actions: make })}>
      <div class="row row--wrap conn__bar">
        <Segmented
          label={text.views}
          choices={[
            ['channels', text.list],
            ['messages', text.log],
          ]}
          current={isLog ? 'messages' : 'channels'}
          onChoose={(view) => set({ view: view === 'messages' ? view : undefined, state: undefined })}
        />
        {isLog && (
          <Segmented
            label={text.filter}
            choices={[
              ['all', text.all],
              ['dead', text.onlyDead],
              ['pending', text.onlyPending],
            ]}
            current={shown}
            onChoose={(state) => set({ state: state === 'all' ? undefined : state })}
          />
        )}
      </div>
      {isLog ? (
        <Messages shown={shown} channels={data ?? []} />
      ) : (
        <Panel title={text.list} flush>
          {data === undefined && (
            <div class="panel__body">
              {error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}
            </div>
          )}
          {isEmpty && <NoChannels onMake={() => setDoing({ what: 'make' })} />}
          {data !== undefined && !isEmpty && (
            <Table class="set__table" label={text.list} columns={columns} rows={data} keyOf={({ id }) => id} />
          )}
        </Panel>
      )}
      {(what === 'make' || what === 'edit') && people.data !== undefined && (
        <ChannelDialog
          channel={channel}
          people={people.data}
          onClose={close}
          onSaved={() => {
            reload();
            close();
          }}
        />
      )}
      {what === 'test' && channel !== undefined && <TestDialog channel={channel} onClose={close} />}
      {what === 'remove' && channel !== undefined && (
        <Confirm
          title={text.removeTitle(channel.name)}
          verb={common.remove}
          onConfirm={() => remove(channel)}
          onClose={close}
        >
          {text.removeBody}
        </Confirm>
      )}
    </SettingsPage>
  );
};

/** Settings, Channels: how people are told of alarms, and what became of what they were told. */
export const ChannelsSettings = guarded('channels', Channels);
