import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import type { Member } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { PermissionChips, roleName } from '../../../components/rights-fields.tsx';
import { RowMenu } from '../../../components/row-menu.tsx';
import { SearchBox } from '../../../components/search-box.tsx';
import type { Sort } from '../../../components/sort-rows.ts';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import type { Resource } from '../../../state/resource.ts';
import { covers, ROLES } from '../../../state/rights.ts';
import { factory, me } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/users.ts';
import { isCalled, namedAs, Person } from '../person.tsx';
import { type MemberTask, MemberTasks } from './member-tasks.tsx';

const LABELS = {
  rights: { label: text.changeRights, icon: 'edit' },
  bar: { label: text.bar, icon: 'close' },
  letIn: { label: text.letIn, icon: 'check' },
  reset: { label: text.resetPassword, icon: 'key' },
  remove: { label: text.remove, icon: 'trash' },
} as const;

/** What the person may do with a member: nothing with themselves, or with somebody who may do more. */
function actionsFor(member: Member): readonly (keyof typeof LABELS)[] {
  const own = factory.value;
  if (own === null || member.id === me.value?.user.id || !covers(own, member)) return [];
  if (member.is_super_admin) return ['remove'];
  return ['rights', member.is_active ? 'bar' : 'letIn', 'reset', 'remove'];
}

const State = ({ member: { is_active, is_super_admin } }: { member: Member }) =>
  is_super_admin ? (
    <span class="pill">{text.owner}</span>
  ) : is_active ? (
    <span class="soft">{text.active}</span>
  ) : (
    <b class="strong">{text.barred}</b>
  );

const signedInAt = ({ last_sign_in_at }: Member) => (last_sign_in_at === null ? null : Date.parse(last_sign_in_at));

const columnsWith = (begin: (name: keyof typeof LABELS, member: Member) => void): readonly Column<Member>[] => [
  {
    id: 'person',
    label: text.person,
    class: 'wide',
    cell: (member) => <Person person={member} />,
    sortBy: namedAs,
  },
  { id: 'role', label: text.role, cell: ({ role }) => roleName(role), sortBy: ({ role }) => ROLES.indexOf(role) },
  { id: 'also', label: text.also, class: 'set__also', cell: (member) => <PermissionChips rights={member} /> },
  {
    id: 'state',
    label: text.state,
    cell: (member) => <State member={member} />,
    sortBy: ({ is_active, is_super_admin }) => (is_super_admin ? 0 : is_active ? 1 : 2),
  },
  {
    id: 'factor',
    label: text.secondFactor,
    cell: ({ has_second_factor }) => (has_second_factor ? text.on : <span class="muted">{text.off}</span>),
    sortBy: ({ has_second_factor }) => Number(has_second_factor),
  },
  {
    id: 'last',
    label: text.lastSignIn,
    class: 'nowrap',
    cell: (member) => <Age at={signedInAt(member)} />,
    sortBy: signedInAt,
  },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (member) => (
      <RowMenu
        label={text.actionsOf(namedAs(member))}
        actions={actionsFor(member).map((name) => ({ ...LABELS[name], run: () => begin(name, member) }))}
      />
    ),
  },
];

const Nobody = ({ typed, onClear }: { typed: string; onClear: () => void }) =>
  typed === '' ? (
    <Empty icon="user" title={text.noneYet}>
      {text.noneYetBody}
    </Empty>
  ) : (
    <Empty icon="search" title={text.noneFound} action={<Button onClick={onClear}>{text.clear}</Button>} />
  );

/** The people of the factory, and what can be done with each. */
export const People = ({ people: { data, error, reload } }: { people: Resource<readonly Member[]> }) => {
  const [typed, setTyped] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'person', isDescending: false });
  const [task, setTask] = useState<MemberTask>();
  const letIn = async (member: Member) => {
    const name = namedAs(member);
    try {
      const path = { id: member.id };
      const { is_active } = await call('PATCH /users/{id}', { path, body: { is_active: true } });
      toast(is_active ? text.letInNow(name) : text.barredByOwner(name), { isError: !is_active });
      reload();
    } catch (failure) {
      toastError(failure);
    }
  };
  const columns = useMemo(
    () => columnsWith((name, member) => (name === 'letIn' ? void letIn(member) : setTask({ name, member }))),
    [reload],
  );
  const shown = useMemo(() => data?.filter(isCalled(typed)) ?? [], [data, typed]);
  return (
    <Panel
      title={text.people}
      flush
      side={
        <span class="set__q">
          <SearchBox label={text.search} value={typed} onInput={setTyped} />
        </span>
      }
    >
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data !== undefined && shown.length === 0 && <Nobody typed={typed} onClear={() => setTyped('')} />}
      {shown.length > 0 && (
        <Table
          class="set__table"
          label={text.people}
          columns={columns}
          rows={shown}
          keyOf={({ id }) => id}
          sort={sort}
          onSort={setSort}
        />
      )}
      {task !== undefined && <MemberTasks task={task} onClose={() => setTask(undefined)} onDone={reload} />}
    </Panel>
  );
};
