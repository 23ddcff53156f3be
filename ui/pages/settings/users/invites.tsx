import { useMemo, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import type { Invite } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Confirm } from '../../../components/dialog.tsx';
import { Failed } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { PermissionChips, roleName } from '../../../components/rights-fields.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { formatDuration } from '../../../format/time.ts';
import { now } from '../../../state/clock.ts';
import type { Resource } from '../../../state/resource.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/users.ts';

const TimeLeft = ({ until }: { until: string }) => {
  const left = Date.parse(until) - now.value;
  return <>{left > 0 ? formatDuration(left) : text.over}</>;
};

const columnsWith = (takeBack: (invite: Invite) => void): readonly Column<Invite>[] => [
  {
    id: 'email',
    label: text.email,
    class: 'wide set__who',
    cell: ({ email }) => <b class="strong">{email}</b>,
  },
  { id: 'role', label: text.role, cell: ({ role }) => roleName(role) },
  { id: 'also', label: text.also, class: 'set__also', cell: (invite) => <PermissionChips rights={invite} /> },
  { id: 'by', label: text.invitedBy, cell: ({ invited_by }) => invited_by },
  { id: 'left', label: text.timeLeft, class: 'nowrap', cell: ({ expires_at }) => <TimeLeft until={expires_at} /> },
  {
    id: 'take-back',
    label: text.takeBack,
    hasHiddenLabel: true,
    class: 'set__do',
    cell: (invite) => (
      <Button small onClick={() => takeBack(invite)} label={text.takeBackOf(invite.email)}>
        {text.takeBack}
      </Button>
    ),
  },
];

/** Who is asked to come in and has not come yet. Not there while there is nobody. */
export const Invites = ({ invites: { data, error, reload } }: { invites: Resource<readonly Invite[]> }) => {
  const [asked, setAsked] = useState<Invite>();
  const columns = useMemo(() => columnsWith(setAsked), []);
  if (data === undefined && error !== undefined) return <Failed error={error} retry={reload} />;
  if (data === undefined || data.length === 0) return null;
  const takeBack = ({ id, email }: Invite) =>
    call('DELETE /invites/{id}', { path: { id } })
      .then(() => toast(text.takenBack(email)), toastError)
      .then(() => {
        reload();
        setAsked(undefined);
      });
  return (
    <Panel title={text.invites} flush side={<span class="panel__note">{text.invitesNote}</span>}>
      <Table class="set__table" label={text.invites} columns={columns} rows={data} keyOf={({ id }) => id} />
      {asked !== undefined && (
        <Confirm
          title={text.takeBackTitle(asked.email)}
          verb={text.takeBackVerb}
          onConfirm={() => takeBack(asked)}
          onClose={() => setAsked(undefined)}
        >
          {text.takeBackBody}
        </Confirm>
      )}
    </Panel>
  );
};
