import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { MaintenanceWindow } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { type RowAction, RowMenu } from '../../components/row-menu.tsx';
import { formatTime } from '../../format/time.ts';
import { applianceNow, now } from '../../state/clock.ts';
import { useResource } from '../../state/resource.ts';
import { may, timezone } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { WindowDialog } from './window-dialog.tsx';
import { windowState } from './window-draft.ts';

const words = text.windows;
const EVERY_MS = 30_000;
/** Devices named of a window. */
const MAX_NAMED = 4;

interface RowProps {
  readonly window: MaintenanceWindow;
  readonly nameOf: (deviceId: string) => string;
  readonly onRemove: () => void;
  readonly reload: () => void;
}

const Row = ({ window, nameOf, onRemove, reload }: RowProps) => {
  const zone = timezone.value;
  const state = windowState(window, now.value);
  const names = [...window.tags.map(words.tag), ...window.device_ids.map(nameOf)];
  const more = names.length - MAX_NAMED;
  const end = () =>
    call('PATCH /maintenance-windows/{id}', {
      path: { id: window.id },
      body: { ends_at: new Date(applianceNow()).toISOString() },
    })
      .then(() => {
        toast(words.ended);
        reload();
      })
      .catch(toastError);
  const actions: RowAction[] = may('rules')
    ? [
        ...(state === 'now' ? [{ label: words.end, icon: 'check', run: () => void end() } as const] : []),
        { label: words.remove, icon: 'trash', run: onRemove },
      ]
    : [];
  return (
    <tr class={state === 'over' ? 'muted' : ''}>
      <td data-l="">
        <span class={state === 'now' ? 'chip strong' : 'chip'}>{words.states[state]}</span>
      </td>
      <td class="wide">
        {names.slice(0, MAX_NAMED).join(', ')}
        {more > 0 && ` +${more}`}
        <span class="sub">{window.reason}</span>
      </td>
      <td data-l={words.begins}>{formatTime(Date.parse(window.starts_at), 'date_minute', zone)}</td>
      <td data-l={words.ends}>
        {window.ends_at === null ? words.byHand : formatTime(Date.parse(window.ends_at), 'date_minute', zone)}
      </td>
      <td data-l={words.by}>{window.created_by}</td>
      <td class="al__menu">
        <RowMenu label={words.act(window.reason)} actions={actions} />
      </td>
    </tr>
  );
};

const Windows = ({
  windows,
  ...rest
}: { windows: readonly MaintenanceWindow[] } & Omit<RowProps, 'window' | 'onRemove'>) => {
  const [removing, setRemoving] = useState<MaintenanceWindow>();
  const remove = async (id: string) => {
    try {
      await call('DELETE /maintenance-windows/{id}', { path: { id } });
      toast(words.removed);
      setRemoving(undefined);
      rest.reload();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div class="table-wrap">
      <table class="table table--cards al__windows" aria-label={words.title}>
        <thead>
          <tr>
            <th scope="col">{text.state}</th>
            <th scope="col">{words.what}</th>
            <th scope="col">{words.begins}</th>
            <th scope="col">{words.ends}</th>
            <th scope="col">{words.by}</th>
            <th scope="col">
              <span class="sr">{text.act}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {windows.map((window) => (
            <Row key={window.id} {...rest} window={window} onRemove={() => setRemoving(window)} />
          ))}
        </tbody>
      </table>
      {removing !== undefined && (
        <Confirm
          title={words.removeTitle}
          verb={text.windows.remove.replace('…', '')}
          onConfirm={() => remove(removing.id)}
          onClose={() => setRemoving(undefined)}
        >
          {words.removeBody}
        </Confirm>
      )}
    </div>
  );
};

/** When devices are worked on: their alarms are recorded then, and nobody is told. */
export const MaintenanceTab = () => {
  const [isAdding, setAdding] = useState(false);
  const { data, error, reload } = useResource(
    'maintenance windows',
    async (signal) => {
      const [windows, devices] = await Promise.all([
        everyPage((page) => call('GET /maintenance-windows', { query: page, signal })),
        everyPage((page) => call('GET /devices', { query: page, signal })),
      ]);
      return { windows, devices };
    },
    { everyMs: EVERY_MS },
  );
  const add = may('rules') && data !== undefined && (
    <Button small icon="plus" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  const names = new Map(data?.devices.map(({ id, key }) => [id, key]));
  return (
    <Panel
      title={
        <>
          {words.title} <span class="panel__note al__note">{words.note}</span>
        </>
      }
      flush
      side={data !== undefined && data.windows.length > 0 && add}
    >
      {data === undefined && (
        <div class="panel__body">
          {error === undefined ? <Skeleton lines={4} /> : <Failed error={error} retry={reload} />}
        </div>
      )}
      {data?.windows.length === 0 && (
        <Empty icon="calendar" title={words.noneTitle} action={add}>
          {may('rules') ? words.noneBody : words.noneBodyOfOthers}
        </Empty>
      )}
      {data !== undefined && data.windows.length > 0 && (
        <Windows windows={data.windows} nameOf={(id) => names.get(id) ?? id.slice(0, 8)} reload={reload} />
      )}
      {isAdding && data !== undefined && (
        <WindowDialog devices={data.devices} onDone={reload} onClose={() => setAdding(false)} />
      )}
    </Panel>
  );
};
