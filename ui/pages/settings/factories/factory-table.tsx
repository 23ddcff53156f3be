import { useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../../api/client.ts';
import type { Factory, FactoryStorage } from '../../../api/schema.ts';
import { RowMenu } from '../../../components/row-menu.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { reloadSession, factory as selected } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/factories.ts';
import { dayOf, sizeOf } from '../sizes.ts';
import { type FactoryTask, FactoryTasks } from './factory-tasks.tsx';

const ACTIONS = {
  rename: { label: text.rename, icon: 'edit' },
  limits: { label: text.limits, icon: 'settings' },
  retention: { label: text.retention, icon: 'clock' },
  export: { label: text.export, icon: 'download' },
  archive: { label: text.archive, icon: 'disk' },
  restore: { label: text.restore, icon: 'restore' },
  delete: { label: text.delete, icon: 'trash' },
} as const;
type Action = keyof typeof ACTIONS;

const actionsFor = ({ archived_at }: Factory): readonly Action[] =>
  archived_at === null
    ? ['rename', 'limits', 'retention', 'export', 'archive', 'delete']
    : ['restore', 'rename', 'export', 'delete'];

const State = ({ factory: { archived_at, is_demo } }: { factory: Factory }) => (
  <>
    {archived_at === null ? (
      <span class="soft">{text.inUse}</span>
    ) : (
      <b class="strong">{text.archivedSince(dayOf(archived_at))}</b>
    )}
    {is_demo && <span class="pill set__you">{text.demo}</span>}
  </>
);

interface FactoryTableProps {
  readonly factories: readonly Factory[];
  /** Undefined until it is known. */
  readonly stored: readonly FactoryStorage[] | undefined;
  readonly reload: () => void;
}

function columnsWith(
  stored: FactoryTableProps['stored'],
  begin: (action: Action, factory: Factory) => void,
): readonly Column<Factory>[] {
  const bytes = new Map(stored?.map((one) => [one.id, one.bytes]));
  return [
    {
      id: 'factory',
      label: text.factory,
      class: 'wide set__who',
      cell: ({ id, name, slug }) => (
        <>
          <b class="strong">{name}</b>
          {id === selected.value?.id && <span class="pill set__you">{text.selected}</span>}
          <span class="sub mono">{slug}</span>
        </>
      ),
    },
    { id: 'zone', label: text.zone, cell: ({ timezone }) => timezone.replaceAll('_', ' ') },
    { id: 'state', label: text.state, cell: (factory) => <State factory={factory} /> },
    { id: 'made', label: text.made, class: 'nowrap', cell: ({ created_at }) => dayOf(created_at) },
    {
      id: 'stored',
      label: text.stored,
      isNumeric: true,
      cell: ({ id }) => {
        const size = bytes.get(id);
        return size === undefined ? dayOf(null) : sizeOf(size);
      },
    },
    {
      id: 'actions',
      label: text.actions,
      hasHiddenLabel: true,
      class: 'set__actions',
      cell: (factory) => (
        <RowMenu
          label={text.actionsOf(factory.name)}
          actions={actionsFor(factory).map((action) => ({ ...ACTIONS[action], run: () => begin(action, factory) }))}
        />
      ),
    },
  ];
}

/** Every factory, and what can be done with each. */
export const FactoryTable = ({ factories, stored, reload }: FactoryTableProps) => {
  const { route } = useLocation();
  const [task, setTask] = useState<FactoryTask>();
  const restore = async ({ id, name }: Factory) => {
    try {
      await call('POST /factories/{id}/restore', { path: { id } });
      toast(text.restored(name));
      reload();
      await reloadSession();
    } catch (error) {
      toastError(error);
    }
  };
  const begin = (action: Action, factory: Factory) => {
    if (action === 'restore') void restore(factory);
    else if (action === 'retention') route('/settings/storage');
    else setTask({ name: action, factory });
  };
  const columns = useMemo(() => columnsWith(stored, begin), [stored, reload]);
  return (
    <>
      <Table class="set__table" label={text.factories} columns={columns} rows={factories} keyOf={({ id }) => id} />
      {task !== undefined && (
        <FactoryTasks
          task={task}
          stored={stored?.find(({ id }) => id === task.factory.id)}
          onClose={() => setTask(undefined)}
          onDone={reload}
        />
      )}
    </>
  );
};
