import { useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { everyPage } from '../../../api/every-page.ts';
import { Button } from '../../../components/button.tsx';
import { useResource } from '../../../state/resource.ts';
import { text } from '../../../text/users.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { Invites } from './invites.tsx';
import { People } from './people.tsx';

const EVERY_MS = 30_000;

const Users = () => {
  const [isInviting, setInviting] = useState(false);
  const people = useResource('users', (signal) => everyPage((query) => call('GET /users', { query, signal })), {
    everyMs: EVERY_MS,
  });
  const invites = useResource('invites', (signal) => everyPage((query) => call('GET /invites', { query, signal })), {
    everyMs: EVERY_MS,
  });
  return (
    <SettingsPage
      part="users"
      actions={
        <Button look="primary" icon="plus" onClick={() => setInviting(true)}>
          {text.invite}
        </Button>
      }
    >
      <People people={people} />
      <Invites invites={invites} />
      {isInviting && <InviteDialog onClose={() => setInviting(false)} onMade={invites.reload} />}
    </SettingsPage>
  );
};

/** Settings, Users: who may enter the factory, and what they may do there. */
export const UsersSettings = guarded('users', Users);
