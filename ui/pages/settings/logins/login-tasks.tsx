import { call } from '../../../api/client.ts';
import type { Login } from '../../../api/schema.ts';
import { Confirm } from '../../../components/dialog.tsx';
import { toast, toastError } from '../../../state/toasts.ts';
import { text } from '../../../text/logins.ts';
import { namedAs } from '../person.tsx';
import { ResetDialog } from '../reset-dialog.tsx';
import { MembershipsDialog } from './memberships-dialog.tsx';

/** Something to be done with a login. */
export interface LoginTask {
  readonly name: 'memberships' | 'bar' | 'makeOwner' | 'noOwner' | 'reset' | 'removeFactor' | 'delete';
  readonly login: Login;
}

interface LoginTasksProps {
  readonly task: LoginTask;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

interface Question {
  readonly title: string;
  readonly body: string;
  readonly verb: string;
  /** Has to be typed. */
  readonly word?: string;
  readonly run: () => Promise<unknown>;
  readonly done: string;
}

function questionOf({ name, login }: { name: Exclude<LoginTask['name'], 'memberships' | 'reset'>; login: Login }) {
  const person = namedAs(login);
  const path = { id: login.id };
  const change = (body: { is_active?: boolean; is_super_admin?: boolean }) => () =>
    call('PATCH /logins/{id}', { path, body });
  const questions: Readonly<Record<typeof name, Question>> = {
    bar: {
      title: text.barTitle(person),
      body: text.barBody(person),
      verb: text.barVerb,
      run: change({ is_active: false }),
      done: text.barredNow(person),
    },
    makeOwner: {
      title: text.ownerTitle(person),
      body: text.ownerBody(person),
      verb: text.ownerVerb,
      run: change({ is_super_admin: true }),
      done: text.ownerNow(person),
    },
    noOwner: {
      title: text.noOwnerTitle(person),
      body: text.noOwnerBody(person),
      verb: text.noOwnerVerb,
      run: change({ is_super_admin: false }),
      done: text.noOwnerNow(person),
    },
    removeFactor: {
      title: text.factorTitle(person),
      body: text.factorBody(person),
      verb: text.factorVerb,
      run: () => call('DELETE /logins/{id}/second-factor', { path }),
      done: text.factorGone(person),
    },
    delete: {
      title: text.deleteTitle(person),
      body: text.deleteBody(login.email, login.memberships.length),
      verb: text.deleteVerb,
      word: login.email,
      run: () => call('DELETE /logins/{id}', { path }),
      done: text.deleted(person),
    },
  };
  return questions[name];
}

/** The dialog of a task. */
export const LoginTasks = ({ task: { name, login }, onClose, onDone }: LoginTasksProps) => {
  if (name === 'memberships') return <MembershipsDialog login={login} onClose={onClose} onChanged={onDone} />;
  if (name === 'reset') {
    return (
      <ResetDialog
        person={namedAs(login)}
        make={() => call('POST /logins/{id}/reset-password', { path: { id: login.id } })}
        onClose={onClose}
      />
    );
  }
  const { title, body, verb, word, run, done } = questionOf({ name, login });
  const confirm = () =>
    run()
      .then(() => {
        toast(done);
        onDone();
      }, toastError)
      .then(onClose);
  return (
    <Confirm title={title} verb={verb} {...(word !== undefined && { word })} onConfirm={confirm} onClose={onClose}>
      {body}
    </Confirm>
  );
};
