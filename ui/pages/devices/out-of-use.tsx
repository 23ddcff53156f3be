import { useMemo, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Device } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Age } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { registryVersion } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/admission.ts';
import { text as common } from '../../text/common.ts';

interface Deeds {
  readonly reinstate: ((device: Device) => void) | undefined;
  readonly remove: (device: Device) => void;
}

const columnsWith = ({ reinstate, remove }: Deeds): readonly Column<Device>[] => [
  {
    id: 'device',
    label: text.device,
    class: 'wide set__who',
    cell: ({ id, key, name }) => (
      <>
        <a href={`/devices/${id}`}>{name}</a>
        {name !== key && <span class="sub mono">{key}</span>}
      </>
    ),
  },
  {
    id: 'last',
    label: text.lastHeard,
    class: 'nowrap',
    cell: ({ last_seen_at }) => <Age at={last_seen_at === null ? null : Date.parse(last_seen_at)} />,
  },
  {
    id: 'count',
    label: text.parameters,
    isNumeric: true,
    cell: ({ parameters_count }) => formatCount(parameters_count),
  },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__do',
    cell: (device) => (
      <span class="row pend__do">
        {reinstate !== undefined && (
          <Button small icon="restore" aria-label={text.reinstateOf(device.name)} onClick={() => reinstate(device)}>
            {text.reinstate}
          </Button>
        )}
        <Button small look="quiet" aria-label={text.removeOf(device.name)} onClick={() => remove(device)}>
          {text.remove}
        </Button>
      </span>
    ),
  },
];

const WORDS = {
  retired: { title: text.retired, none: text.noneRetired, noneBody: text.noneRetiredBody },
  rejected: { title: text.rejectedDevices, none: text.noneRejected, noneBody: text.noneRejectedBody },
} as const;

/** Devices that are gone, or do not belong here; with the way back. */
export const OutOfUse = ({ standing }: { standing: 'retired' | 'rejected' }) => {
  const { data, error, reload } = useResource(`${standing} devices ${registryVersion.value}`, (signal) =>
    everyPage((query) => call('GET /devices', { query: { ...query, standing }, signal })),
  );
  const [removing, setRemoving] = useState<Device>();
  const words = WORDS[standing];
  const columns = useMemo(() => {
    const retire = ({ id, name }: Device) =>
      call('POST /devices/{id}/retire', { path: { id } })
        .then(() => toast(text.retiredAgain(name)), toastError)
        .then(reload);
    const reinstate = (device: Device) =>
      call('POST /devices/{id}/reinstate', { path: { id: device.id } })
        .then(
          () => toast(text.reinstated(device.name), { action: { label: common.undo, run: () => void retire(device) } }),
          toastError,
        )
        .then(reload);
    return columnsWith({
      reinstate: standing === 'retired' ? (device) => void reinstate(device) : undefined,
      remove: setRemoving,
    });
  }, [standing, reload]);
  const remove = ({ id, name }: Device) =>
    call('DELETE /devices/{id}', { path: { id } })
      .then(() => toast(text.removed(name)), toastError)
      .then(() => {
        setRemoving(undefined);
        reload();
      });
  return (
    <section class="panel" aria-label={words.title}>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data?.length === 0 && (
        <Empty icon="devices" title={words.none}>
          {words.noneBody}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <Table class="set__table pend" label={words.title} columns={columns} rows={data} keyOf={({ id }) => id} />
      )}
      {removing !== undefined && (
        <Confirm
          title={text.removeTitle(removing.name)}
          verb={text.removeVerb}
          {...(standing === 'retired' && { word: removing.key })}
          onConfirm={() => remove(removing)}
          onClose={() => setRemoving(undefined)}
        >
          <p>{standing === 'retired' ? text.removeRetired(removing.parameters_count) : text.removeRejected}</p>
        </Confirm>
      )}
    </section>
  );
};
