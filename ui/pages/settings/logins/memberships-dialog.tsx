import { useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import type { Factory, Login } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { givenRights, PermissionChips, RightsFields, roleName } from '../../../components/rights-fields.tsx';
import { useResource } from '../../../state/resource.ts';
import type { Rights } from '../../../state/rights.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/logins.ts';
import { namedAs } from '../person.tsx';

type Membership = Login['memberships'][number];

/** Owners give everything. */
const ALL: Rights = { role: 'admin', permissions: [] };

interface MembershipFormProps {
  readonly login: Login;
  /** The factories to choose from; one alone is the one whose rights are changed. */
  readonly factories: readonly Pick<Factory, 'id' | 'name' | 'archived_at'>[];
  readonly rights: Rights;
  readonly isNew: boolean;
  readonly onBack: () => void;
  readonly onSaved: (login: Login) => void;
}

const MembershipForm = ({ login, factories, rights, isNew, onBack, onSaved }: MembershipFormProps) => {
  const [factoryId, setFactoryId] = useState(factories[0]?.id ?? '');
  const [chosen, setChosen] = useState<Rights>({ role: rights.role, permissions: rights.permissions });
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const factoryName = factories.find(({ id }) => id === factoryId)?.name ?? '';
  const save = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      const path = { id: login.id, factory: factoryId };
      const changed = await call('PUT /logins/{id}/memberships/{factory}', { path, body: givenRights(chosen) });
      toast(text.saved(factoryName));
      onSaved(changed);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={isNew ? text.addTitle(namedAs(login)) : text.rightsIn(namedAs(login), factoryName)}
      onClose={onBack}
      onSubmit={() => void save()}
      foot={
        <>
          <Button onClick={onBack}>{common.back}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {isNew ? text.addVerb : common.save}
          </Button>
        </>
      }
    >
      {isNew && (
        <Field label={text.factory}>
          <select class="select" value={factoryId} onChange={(event) => setFactoryId(event.currentTarget.value)}>
            {factories.map(({ id, name, archived_at }) => (
              <option key={id} value={id}>
                {archived_at === null ? name : text.archived(name)}
              </option>
            ))}
          </select>
        </Field>
      )}
      <RightsFields rights={chosen} most={ALL} onChange={setChosen} />
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};

interface MembershipListProps {
  readonly login: Login;
  readonly change: (membership: Membership) => void;
  readonly remove: (membership: Membership) => void;
}

const MembershipList = ({ login, change, remove }: MembershipListProps) => (
  <ul class="list set__memberships">
    {login.memberships.map((membership) => (
      <li key={membership.factory_id}>
        <span class="grow">
          <b class="strong">{membership.factory_name}</b>
          <span class="row row--wrap small">
            {roleName(membership.role)}
            {membership.role !== 'admin' && membership.permissions.length > 0 && (
              <PermissionChips rights={membership} />
            )}
            {!membership.is_active && <b class="strong">{text.barredThere}</b>}
          </span>
        </span>
        <span class="row">
          <Button small label={text.changeIn(membership.factory_name)} onClick={() => change(membership)}>
            {text.change}
          </Button>
          <Button
            small
            look="quiet"
            icon="trash"
            label={text.removeFrom(membership.factory_name)}
            onClick={() => remove(membership)}
          />
        </span>
      </li>
    ))}
  </ul>
);

interface MembershipsDialogProps {
  readonly login: Login;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Into which factories a login may go, and as what. */
export const MembershipsDialog = ({ login: given, onClose, onChanged }: MembershipsDialogProps) => {
  const [login, setLogin] = useState(given);
  const [open, setOpen] = useState<'add' | Membership>();
  const factories = useResource('factories to add', (signal) =>
    everyPage((query) => call('GET /factories', { query, signal })),
  );
  const held = new Set(login.memberships.map(({ factory_id }) => factory_id));
  const others = factories.data?.filter(({ id }) => !held.has(id)) ?? [];
  const take = (changed: Login) => {
    setLogin(changed);
    setOpen(undefined);
    onChanged();
  };
  const remove = ({ factory_id, factory_name }: Membership) =>
    call('DELETE /logins/{id}/memberships/{factory}', { path: { id: login.id, factory: factory_id } }).then(
      (changed) => {
        toast(text.removed(factory_name));
        take(changed);
      },
      toastError,
    );
  if (open !== undefined) {
    const isNew = open === 'add';
    return (
      <MembershipForm
        login={login}
        isNew={isNew}
        factories={isNew ? others : [{ id: open.factory_id, name: open.factory_name, archived_at: null }]}
        rights={isNew ? { role: 'viewer', permissions: [] } : open}
        onBack={() => setOpen(undefined)}
        onSaved={take}
      />
    );
  }
  return (
    <Dialog
      title={text.membershipsTitle(namedAs(login))}
      onClose={onClose}
      onSubmit={onClose}
      foot={
        <>
          {others.length > 0 && (
            <Button icon="plus" onClick={() => setOpen('add')}>
              {text.add}
            </Button>
          )}
          <Button type="submit" look="primary">
            {common.close}
          </Button>
        </>
      }
    >
      {login.is_super_admin && <p class="soft">{text.membershipsOwner}</p>}
      {login.memberships.length === 0 ? (
        <p class="soft">{text.membershipsNone(namedAs(login))}</p>
      ) : (
        <MembershipList login={login} change={setOpen} remove={(membership) => void remove(membership)} />
      )}
    </Dialog>
  );
};
