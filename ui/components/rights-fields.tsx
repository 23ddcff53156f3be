import { useId } from 'preact/hooks';
import { allows, PERMISSIONS, type Permission, type Rights, ROLES, type Role } from '../state/rights.ts';
import { text } from '../text/rights.ts';
import { Choice } from './choice.tsx';

interface RightsFieldsProps {
  readonly rights: Rights;
  /** Nobody is offered more to give than this. */
  readonly most: Rights;
  /** Those that there are for it, each including the ones before it. */
  readonly roles?: readonly Role[];
  /** What may be granted at all. */
  readonly permissions?: readonly Permission[];
  readonly onChange: (rights: Rights) => void;
}

/** A role, and what is granted on top of it. */
export const RightsFields = ({
  rights,
  most,
  roles = ROLES,
  permissions = PERMISSIONS,
  onChange,
}: RightsFieldsProps) => {
  const group = useId();
  const offered = permissions.filter((permission) => allows(most, permission));
  const grant = (permission: Permission, isGranted: boolean) => {
    const others = rights.permissions.filter((one) => one !== permission);
    onChange({ ...rights, permissions: isGranted ? [...others, permission] : others });
  };
  return (
    <>
      <fieldset class="rights">
        <legend class="label">{text.role}</legend>
        {roles
          .filter((role) => allows(most, role))
          .map((role) => (
            <Choice
              key={role}
              name={group}
              label={text.roles[role]}
              hint={text.roleHints[role]}
              isChosen={rights.role === role}
              onChoose={() => onChange({ ...rights, role })}
            />
          ))}
      </fieldset>
      {rights.role !== 'admin' && offered.length > 0 && (
        <fieldset class="rights">
          <legend class="label">{text.also}</legend>
          {offered.map((permission) => (
            <label class="rights__one" key={permission}>
              <input
                type="checkbox"
                class="check"
                name={permission}
                checked={rights.permissions.includes(permission)}
                onChange={(event) => grant(permission, event.currentTarget.checked)}
              />
              <span>
                {text.permissions[permission]}
                <small>{text.permissionHints[permission]}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
};

/** What is sent of the fields: an admin has every permission, and needs none. */
export const givenRights = ({ role, permissions }: Rights) => ({
  role,
  permissions: role === 'admin' ? [] : permissions,
});

/** The role, in a word. */
export const roleName = (role: Role): string => text.roles[role];

/** What was granted on top of a role. */
export const PermissionChips = ({ rights: { role, permissions } }: { rights: Rights }) => {
  if (role === 'admin') return <span class="muted">{text.everything}</span>;
  if (permissions.length === 0) return <span class="muted">{text.alsoNone}</span>;
  return (
    <span class="row row--wrap rights__chips">
      {permissions.map((permission) => (
        <span class="pill" key={permission}>
          {text.permissions[permission]}
        </span>
      ))}
    </span>
  );
};
