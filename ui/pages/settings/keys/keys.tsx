import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { ApiKey } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Confirm } from '../../../components/dialog.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { PermissionChips, roleName } from '../../../components/rights-fields.tsx';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { useResource } from '../../../state/resource.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/api-keys.ts';
import { text as common } from '../../../text/common.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { dayOf } from '../sizes.ts';
import { NewKey } from './new-key.tsx';

const EVERY_MS = 30_000;

const columnsWith = (remove: (key: ApiKey) => void): readonly Column<ApiKey>[] => [
  {
    id: 'name',
    label: text.name,
    class: 'wide set__who',
    cell: ({ name, stopped }) => (
      <>
        <b class="strong">{name}</b>
        {stopped !== null && <span class="sub set__stopped">{text.stopped[stopped]}</span>}
      </>
    ),
  },
  { id: 'role', label: text.role, cell: ({ role }) => roleName(role) },
  { id: 'also', label: text.also, class: 'set__also', cell: (key) => <PermissionChips rights={key} /> },
  { id: 'by', label: text.madeBy, class: 'set__who', cell: ({ made_by }) => made_by },
  { id: 'created', label: text.created, class: 'nowrap', cell: ({ created_at }) => dayOf(created_at) },
  {
    id: 'expires',
    label: text.expires,
    class: 'nowrap',
    cell: ({ expires_at }) => (expires_at === null ? <span class="muted">{text.never}</span> : dayOf(expires_at)),
  },
  {
    id: 'used',
    label: text.lastUsed,
    class: 'nowrap',
    cell: ({ last_used_at, last_used_from }) =>
      last_used_at === null ? (
        <span class="muted">{text.neverUsed}</span>
      ) : (
        <>
          <Age at={Date.parse(last_used_at)} />
          {last_used_from !== null && <span class="sub">{text.from(last_used_from)}</span>}
        </>
      ),
  },
  {
    id: 'remove',
    label: text.remove,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (key) => (
      <Button small look="quiet" icon="trash" label={text.removeOf(key.name)} onClick={() => remove(key)} />
    ),
  },
];

const Keys = () => {
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<ApiKey>();
  const { data, error, reload } = useResource(
    'api-keys',
    (signal) => everyPage((query) => call('GET /api-keys', { query, signal })),
    { everyMs: EVERY_MS },
  );
  const columns = useMemo(() => columnsWith(setAsked), []);
  const make = (
    <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
      {text.make}
    </Button>
  );
  const remove = ({ id, name }: ApiKey) =>
    call('DELETE /api-keys/{id}', { path: { id } })
      .then(() => toast(text.removed(name)), toastError)
      .then(() => {
        reload();
        setAsked(undefined);
      });
  const isEmpty = data?.length === 0;
  return (
    <SettingsPage part="keys" {...(!isEmpty && { actions: make })}>
      <Panel title={text.keys} flush>
        {data === undefined && (
          <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
        )}
        {isEmpty && (
          <Empty icon="key" title={text.noneTitle} action={make}>
            {text.noneBody}
          </Empty>
        )}
        {data !== undefined && !isEmpty && (
          <Table class="set__table" label={text.keys} columns={columns} rows={data} keyOf={({ id }) => id} />
        )}
      </Panel>
      {isMaking && <NewKey onClose={() => setMaking(false)} onMade={reload} />}
      {asked !== undefined && (
        <Confirm
          title={text.removeTitle(asked.name)}
          verb={common.remove}
          onConfirm={() => remove(asked)}
          onClose={() => setAsked(undefined)}
        >
          {text.removeBody}
        </Confirm>
      )}
    </SettingsPage>
  );
};

/** Settings, API keys: what programs may do in the factory. */
export const KeysSettings = guarded('keys', Keys);
