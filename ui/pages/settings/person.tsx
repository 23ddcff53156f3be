import { me } from '../../state/session.ts';
import { text } from '../../text/users.ts';

interface Named {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** What somebody is called. */
export const namedAs = ({ name, email }: Pick<Named, 'name' | 'email'>): string => name || email;

/** Whether a name or an address has what was typed in it. */
export function isCalled(typed: string): (person: Pick<Named, 'name' | 'email'>) => boolean {
  const wanted = typed.trim().toLowerCase();
  return ({ name, email }) => name.toLowerCase().includes(wanted) || email.toLowerCase().includes(wanted);
}

/** Somebody in a table: name and address; one's own is marked. */
export const Person = ({ person }: { person: Named }) => (
  <>
    <b class="strong">{namedAs(person)}</b>
    {person.id === me.value?.user.id && <span class="pill set__you">{text.you}</span>}
    <span class="sub">{person.email}</span>
  </>
);
