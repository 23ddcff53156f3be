import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { Login } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { roleName } from '../../../components/rights-fields.tsx';
import { RowMenu } from '../../../components/row-menu.tsx';
import { SearchBox } from '../../../components/search-box.tsx';
import type { Sort } from '../../../components/sort-rows.ts';
import { Age } from '../../../components/status.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { useResource } from '../../../state/resource.ts';
import { me } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/logins.ts';
import { isCalled, namedAs, Person } from '../person.tsx';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { type LoginTask, LoginTasks } from './login-tasks.tsx';

const EVERY_MS = 30_000;

const ACTIONS = {
  memberships: { label: text.memberships, icon: 'factory' },
  bar: { label: text.bar, icon: 'close' },
  letIn: { label: text.letIn, icon: 'check' },
  makeOwner: { label: text.makeOwner, icon: 'star' },
  noOwner: { label: text.noOwner, icon: 'user' },
  reset: { label: text.reset, icon: 'key' },
  removeFactor: { label: text.removeFactor, icon: 'screen' },
  delete: { label: text.delete, icon: 'trash' },
} as const;
type Action = keyof typeof ACTIONS;

/** Nothing with one's own login: another owner has to do it. */
function actionsFor({ id, is_active, is_super_admin, has_second_factor }: Login): readonly Action[] {
  if (id === me.value?.user.id) return [];
  return [
    'memberships',
    is_active ? 'bar' : 'letIn',
    is_super_admin ? 'noOwner' : 'makeOwner',
    'reset',
    ...(has_second_factor ? (['removeFactor'] as const) : []),
    'delete',
  ];
}

const Memberships = ({ login: { memberships, is_super_admin } }: { login: Login }) => {
  if (is_super_admin) return <span class="muted">{text.every}</span>;
  if (memberships.length === 0) return <span class="muted">{text.none}</span>;
  return (
    <ul class="set__in">
      {memberships.map(({ factory_id, factory_name, role, is_active }) => (
        <li key={factory_id}>
          {factory_name} <span class="muted">{is_active ? roleName(role) : text.barredThere}</span>
        </li>
      ))}
    </ul>
  );
};

const State = ({ login: { is_active, is_super_admin, password_is_public } }: { login: Login }) => (
  <span class="row row--wrap rights__chips">
    {!is_active && <b class="strong">{text.barred}</b>}
    {is_super_admin && <span class="pill">{text.owner}</span>}
    {password_is_public && <span class="pill">{text.publicPassword}</span>}
    {is_active && !is_super_admin && !password_is_public && <span class="soft">{text.active}</span>}
  </span>
);

const signedInAt = ({ last_sign_in_at }: Login) => (last_sign_in_at === null ? null : Date.parse(last_sign_in_at));

const columnsWith = (begin: (action: Action, login: Login) => void): readonly Column<Login>[] => [
  { id: 'person', label: text.person, class: 'wide', cell: (login) => <Person person={login} />, sortBy: namedAs },
  { id: 'in', label: text.factories, class: 'set__also', cell: (login) => <Memberships login={login} /> },
  {
    id: 'state',
    label: text.state,
    cell: (login) => <State login={login} />,
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
    cell: (login) => <Age at={signedInAt(login)} />,
    sortBy: signedInAt,
  },
  {
    id: 'actions',
    label: text.actions,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (login) => (
      <RowMenu
        label={text.actionsOf(namedAs(login))}
        actions={actionsFor(login).map((action) => ({ ...ACTIONS[action], run: () => begin(action, login) }))}
      />
    ),
  },
];

const Logins = () => {
  const [typed, setTyped] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'person', isDescending: false });
  const [task, setTask] = useState<LoginTask>();
  const { data, error, reload } = useResource(
    'logins',
    (signal) => everyPage((query) => call('GET /logins', { query, signal })),
    { everyMs: EVERY_MS },
  );
  const letIn = (login: Login) =>
    call('PATCH /logins/{id}', { path: { id: login.id }, body: { is_active: true } })
      .then(() => toast(text.letInNow(namedAs(login))), toastError)
      .then(reload);
  const begin = (action: Action, login: Login) => {
    if (action === 'letIn') void letIn(login);
    else setTask({ name: action, login });
  };
  const columns = useMemo(() => columnsWith(begin), [reload]);
  const shown = useMemo(() => data?.filter(isCalled(typed)) ?? [], [data, typed]);
  return (
    <SettingsPage part="logins">
      <Panel
        title={text.logins}
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
        {data !== undefined && shown.length === 0 && (
          <Empty
            icon="search"
            title={text.noneFound}
            action={<Button onClick={() => setTyped('')}>{text.clear}</Button>}
          />
        )}
        {shown.length > 0 && (
          <Table
            class="set__table"
            label={text.logins}
            columns={columns}
            rows={shown}
            keyOf={({ id }) => id}
            sort={sort}
            onSort={setSort}
          />
        )}
      </Panel>
      {task !== undefined && <LoginTasks task={task} onClose={() => setTask(undefined)} onDone={reload} />}
    </SettingsPage>
  );
};

/** Settings, Logins: everybody on the appliance, whatever they may enter. */
export const LoginsSettings = guarded('logins', Logins);
