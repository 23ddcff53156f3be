import { useMemo, useState } from 'preact/hooks';
import type { DeviceCredential } from '../../../api/schema.ts';
import { CopyButton } from '../../../components/copy.tsx';
import { RowMenu } from '../../../components/row-menu.tsx';
import type { Sort } from '../../../components/sort-rows.ts';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { formatDuration } from '../../../format/time.ts';
import { now } from '../../../state/clock.ts';
import { text } from '../../../text/credentials.ts';
import { dayOf } from '../sizes.ts';
import type { CredentialTask } from './credential-tasks.tsx';

/** Devices of a credential that are named in its row: all rows have one height. */
const MAX_NAMED = 2;

const LABELS = {
  rotate: { label: text.rotate, icon: 'key' },
  change: { label: text.change, icon: 'devices' },
  revoke: { label: text.revoke, icon: 'trash' },
} as const;

const epochOf = (iso: string | null) => (iso === null ? null : Date.parse(iso));

const Devices = ({ devices }: { devices: readonly string[] }) =>
  devices[0] === '*' ? (
    <span class="soft">{text.everyDevice}</span>
  ) : (
    <span class="cred__for" title={devices.slice(0, 50).join(', ')}>
      {devices.slice(0, MAX_NAMED).map((key) => (
        <span class="pill mono clip" key={key}>
          {key}
        </span>
      ))}
      {devices.length > MAX_NAMED && (
        <span class="muted small nowrap">{text.moreDevices(devices.length - MAX_NAMED)}</span>
      )}
    </span>
  );

/** How long the password before is taken yet; counts down by itself. */
const OldPassword = ({ until }: { until: string | null }) => {
  const left = (epochOf(until) ?? 0) - now.value;
  return left <= 0 ? null : <span class="sub cred__old">{text.oldWorks(formatDuration(left))}</span>;
};

const columnsWith = (begin: (task: CredentialTask) => void): readonly Column<DeviceCredential>[] => [
  {
    id: 'name',
    label: text.name,
    class: 'wide cred__name',
    sortBy: ({ name }) => name,
    cell: ({ name, username }) => (
      <>
        <b class="strong clip">{name}</b>
        <span class="cred__user">
          <span class="sub mono clip">{username}</span>
          <CopyButton value={username} name={text.copyUsername(name)} />
        </span>
      </>
    ),
  },
  {
    id: 'devices',
    label: text.devices,
    class: 'cred__devices',
    sortBy: ({ devices }) => devices[0] ?? '',
    cell: ({ devices }) => <Devices devices={devices} />,
  },
  {
    id: 'made',
    label: text.made,
    class: 'nowrap cred__made',
    sortBy: ({ created_at }) => epochOf(created_at),
    cell: ({ created_at }) => dayOf(created_at),
  },
  {
    id: 'password',
    label: text.password,
    class: 'cred__password',
    sortBy: ({ rotated_at }) => epochOf(rotated_at),
    cell: ({ rotated_at, old_valid_until }) => (
      <>
        {rotated_at === null ? <span class="muted">{text.neverChanged}</span> : <Age at={epochOf(rotated_at)} />}
        <OldPassword until={old_valid_until} />
      </>
    ),
  },
  {
    id: 'used',
    label: text.lastUsed,
    class: 'nowrap cred__used',
    sortBy: ({ used_at }) => epochOf(used_at),
    cell: ({ used_at }) =>
      used_at === null ? <span class="muted">{text.neverUsed}</span> : <Age at={epochOf(used_at)} />,
  },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (credential) => (
      <RowMenu
        label={text.actionsOf(credential.name)}
        actions={(Object.keys(LABELS) as CredentialTask['name'][]).map((name) => ({
          ...LABELS[name],
          run: () => begin({ name, credential }),
        }))}
      />
    ),
  },
];

interface CredentialTableProps {
  readonly credentials: readonly DeviceCredential[];
  readonly begin: (task: CredentialTask) => void;
}

/** What there is, and what can be done with each. */
export const CredentialTable = ({ credentials, begin }: CredentialTableProps) => {
  const [sort, setSort] = useState<Sort>({ column: 'name', isDescending: false });
  const columns = useMemo(() => columnsWith(begin), [begin]);
  return (
    <Table
      class="set__table cred"
      label={text.title}
      columns={columns}
      rows={credentials}
      keyOf={({ id }) => id}
      sort={sort}
      onSort={setSort}
    />
  );
};
