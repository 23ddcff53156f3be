import { call } from '../../../api/client.ts';
import type { Member } from '../../../api/schema.ts';
import { Confirm } from '../../../components/dialog.tsx';
import { factory } from '../../../state/session.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/users.ts';
import { namedAs } from '../person.tsx';
import { ResetDialog } from '../reset-dialog.tsx';
import { RightsDialog } from '../rights-dialog.tsx';

/** Something to be done with somebody. */
export interface MemberTask {
  readonly name: 'rights' | 'bar' | 'reset' | 'remove';
  readonly member: Member;
}

interface MemberTasksProps {
  readonly task: MemberTask;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** The dialog of a task. */
export const MemberTasks = ({ task: { name, member }, onClose, onDone }: MemberTasksProps) => {
  const person = namedAs(member);
  const path = { id: member.id };
  const own = factory.value;
  const here = own?.name ?? '';
  /** Says what was done, or why not; the dialog goes either way. */
  const finish = (work: Promise<unknown>, words: string) =>
    work
      .then(() => {
        toast(words);
        onDone();
      }, toastError)
      .then(onClose);
  if (own === null) return null;
  if (name === 'rights') {
    return (
      <RightsDialog
        title={text.rightsTitle(person)}
        rights={member}
        most={own}
        onClose={onClose}
        onSave={async (rights) => {
          await call('PATCH /users/{id}', { path, body: rights });
          toast(text.rightsChanged(person));
          onDone();
        }}
      />
    );
  }
  if (name === 'reset') {
    return (
      <ResetDialog person={person} make={() => call('POST /users/{id}/reset-password', { path })} onClose={onClose} />
    );
  }
  if (name === 'bar') {
    return (
      <Confirm
        title={text.barTitle(person)}
        verb={text.barVerb}
        onClose={onClose}
        onConfirm={() =>
          finish(call('PATCH /users/{id}', { path, body: { is_active: false } }), text.barredNow(person))
        }
      >
        {text.barBody(person, here)}
      </Confirm>
    );
  }
  return (
    <Confirm
      title={text.removeTitle(person)}
      verb={common.remove}
      onClose={onClose}
      onConfirm={() => finish(call('DELETE /users/{id}', { path }), text.removed(person))}
    >
      {text.removeBody(person, here)}
    </Confirm>
  );
};
