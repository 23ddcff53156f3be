import { useMemo, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { PendingDevice } from '../../api/schema.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { addressOfPart } from '../../components/settings-parts.ts';
import { Age } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { useResource } from '../../state/resource.ts';
import { refreshSummary } from '../../state/summary.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/admission.ts';
import { text as common } from '../../text/common.ts';
import { AddDevice } from './add-device.tsx';

/** Nothing of these devices comes by the stream. */
const EVERY_MS = 3_000;

const approve = (id: string) => call('POST /devices/{id}/approve', { path: { id } });

const Values = ({ device: { values, parameters_count } }: { device: PendingDevice }) => (
  <span class="pend__values">
    {values.map((value) => (
      <span class="dev__v" key={value.parameter}>
        <span class="muted clip">{value.display_name ?? value.parameter}</span>
        <span class="nowrap clip">
          <ParameterValue value={value.value} of={value} />
        </span>
      </span>
    ))}
    {parameters_count > values.length && <span class="muted">{text.moreValues(parameters_count - values.length)}</span>}
  </span>
);

interface Deeds {
  readonly approve: (device: PendingDevice) => void;
  readonly reject: (device: PendingDevice) => void;
}

const columnsWith = (deeds: Deeds): readonly Column<PendingDevice>[] => [
  {
    id: 'device',
    label: text.device,
    class: 'wide pend__key',
    cell: ({ id, key }) => (
      <a class="mono clip" title={key} href={`/devices/${id}`}>
        {key}
      </a>
    ),
  },
  {
    id: 'first',
    label: text.firstHeard,
    class: 'nowrap',
    cell: ({ first_seen_at }) => <Age at={Date.parse(first_seen_at)} />,
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
    class: 'hide-sm',
    cell: ({ parameters_count }) => formatCount(parameters_count),
  },
  { id: 'values', label: text.values, class: 'set__also', cell: (device) => <Values device={device} /> },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__do',
    cell: (device) => (
      <span class="row pend__do">
        <Button small aria-label={text.approveOf(device.key)} icon="check" onClick={() => deeds.approve(device)}>
          {text.approve}
        </Button>
        <Button small look="quiet" aria-label={text.rejectOf(device.key)} onClick={() => deeds.reject(device)}>
          {text.reject}
        </Button>
      </span>
    ),
  },
];

/** Asks before all of those that were looked at are let in; one that has come since is not among them. */
const ApproveAll = ({ devices, onClose }: { devices: readonly PendingDevice[]; onClose: (done: boolean) => void }) => {
  const [seen] = useState(devices);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    let count = 0;
    try {
      for (const { id } of seen) {
        await approve(id);
        count++;
      }
    } catch (error) {
      toastError(error);
    }
    if (count > 0) toast(text.allApproved(count));
    onClose(true);
  };
  return (
    <Dialog
      title={text.approveAllTitle(seen.length)}
      onClose={() => onClose(false)}
      onSubmit={() => void run()}
      foot={
        <>
          <Button onClick={() => onClose(false)}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.approveAllVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{text.approveAllBody}</p>
      <p class="cred__keys">
        {seen.map(({ id, key }) => (
          <span class="pill mono" key={id}>
            {key}
          </span>
        ))}
      </p>
    </Dialog>
  );
};

const NobodyWaits = ({ add }: { add: () => void }) => {
  const { data } = useResource('device-admission', (signal) => call('GET /device-admission', { signal }));
  return (
    <Empty
      icon="check"
      title={text.noneWaits}
      action={
        <span class="row row--wrap">
          <Button icon="plus" onClick={add}>
            {text.add}
          </Button>
          <ButtonLink href={addressOfPart('credentials')}>{text.toMode}</ButtonLink>
        </span>
      }
    >
      {data && text.noneWaitsBody[data.mode]}
    </Empty>
  );
};

/** Devices that nobody has let in yet, with what they send. */
export const PendingDevices = () => {
  const { data, error, reload } = useResource(
    'pending-devices',
    (signal) => everyPage((query) => call('GET /dashboard/pending-devices', { query, signal })),
    { everyMs: EVERY_MS },
  );
  const [rejecting, setRejecting] = useState<PendingDevice>();
  const [isApprovingAll, setApprovingAll] = useState(false);
  const [isAdding, setAdding] = useState(false);
  const add = () => setAdding(true);
  const adding = isAdding && <AddDevice onClose={() => setAdding(false)} />;
  const fresh = () => {
    reload();
    refreshSummary();
  };
  const columns = useMemo(
    () =>
      columnsWith({
        approve: ({ id, key }) =>
          void approve(id)
            .then(() => toast(text.approved(key)), toastError)
            .then(fresh),
        reject: setRejecting,
      }),
    [reload],
  );
  const reject = ({ id, key }: PendingDevice) =>
    call('POST /devices/{id}/reject', { path: { id } })
      .then(() => toast(text.rejected(key)), toastError)
      .then(() => {
        setRejecting(undefined);
        fresh();
      });
  if (data === undefined) {
    return (
      <section class="panel" aria-label={text.waiting}>
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      </section>
    );
  }
  if (data.length === 0) {
    return (
      <section class="panel" aria-label={text.waiting}>
        <NobodyWaits add={add} />
        {adding}
      </section>
    );
  }
  return (
    <Panel
      class="pend__panel"
      title={text.waiting}
      flush
      side={
        <>
          <Button small icon="plus" onClick={add}>
            {text.add}
          </Button>
          <Button small icon="check" onClick={() => setApprovingAll(true)}>
            {text.approveAll}
          </Button>
        </>
      }
      foot={text.aside}
    >
      <Table class="set__table pend" label={text.waiting} columns={columns} rows={data} keyOf={({ id }) => id} />
      {rejecting !== undefined && (
        <Confirm
          title={text.rejectTitle(rejecting.key)}
          verb={text.rejectVerb}
          onConfirm={() => reject(rejecting)}
          onClose={() => setRejecting(undefined)}
        >
          <p>{text.rejectBody}</p>
        </Confirm>
      )}
      {adding}
      {isApprovingAll && (
        <ApproveAll
          devices={data}
          onClose={(isDone) => {
            setApprovingAll(false);
            if (isDone) fresh();
          }}
        />
      )}
    </Panel>
  );
};
