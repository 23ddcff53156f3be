import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { AlarmWithEvents } from '../../api/schema.ts';
import { MAX_NOTE, useAcknowledging } from '../../components/acknowledge.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { type RowAction, RowMenu } from '../../components/row-menu.tsx';
import { useResource } from '../../state/resource.ts';
import { may, me } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';
import { ShelveDialog } from './shelve-dialog.tsx';

const words = text.detail;

interface ActProps {
  readonly alarm: AlarmWithEvents;
  readonly onChanged: (alarm: AlarmWithEvents) => void;
}

const CloseDialog = ({ alarm, onChanged, onClose }: ActProps & { onClose: () => void }) => {
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      const comment = note.trim() === '' ? null : note.trim();
      onChanged(await call('POST /alerts/{id}/close', { path: { id: alarm.id }, body: { comment } }));
      toast(words.closedToast);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFault(error.faultOf('comment') ?? error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={words.closeTitle}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {words.closeVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{alarm.cleared_at === null ? words.closeStanding : words.closeBody}</p>
      <Field label={words.note}>
        <textarea
          class="textarea"
          maxLength={MAX_NOTE}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </Field>
      <Fault>{fault}</Fault>
    </Dialog>
  );
};

/** Gives an alarm to a member of the factory: for those who see who they are. */
const AssignDialog = ({ alarm, onChanged, onClose }: ActProps & { onClose: () => void }) => {
  const members = useResource('people of the factory', (signal) =>
    everyPage((page) => call('GET /users', { query: page, signal })),
  );
  const [chosen, setChosen] = useState(alarm.assignee?.id ?? '');
  const [isBusy, setBusy] = useState(false);
  const submit = () => {
    if (isBusy) return;
    setBusy(true);
    assign(alarm.id, chosen === '' ? null : chosen)
      .then((changed) => {
        onChanged(changed);
        onClose();
      })
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={words.assignTitle}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {common.save}
          </Button>
        </>
      }
    >
      {members.data === undefined ? (
        members.error === undefined ? (
          <Skeleton />
        ) : (
          <Failed error={members.error} retry={members.reload} />
        )
      ) : (
        <Field label={words.assignee}>
          <select class="select" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            <option value="">{words.nobody}</option>
            {members.data
              .filter(({ is_active }) => is_active)
              .map(({ id, name, email }) => (
                <option key={id} value={id}>
                  {name || email}
                </option>
              ))}
          </select>
        </Field>
      )}
    </Dialog>
  );
};

async function unshelve(id: string): Promise<AlarmWithEvents> {
  const changed = await call('POST /alerts/{id}/unshelve', { path: { id } });
  toast(text.unshelved);
  return changed;
}

async function assign(id: string, userId: string | null): Promise<AlarmWithEvents> {
  const changed = await call('POST /alerts/{id}/assign', { path: { id }, body: { user_id: userId } });
  toast(words.assigned);
  return changed;
}

type Open = 'shelve' | 'assign' | 'close';

/** What somebody may do with an alarm. Nothing for those who only look. */
export const AlarmActs = ({ alarm, onChanged, reload }: ActProps & { reload: () => void }) => {
  const [open, setOpen] = useState<Open>();
  const [isActing, setActing] = useState(false);
  const { acknowledge, acknowledgeWithNote, isBusy, dialog } = useAcknowledging(reload);
  if (!may('operator')) return null;
  const { id, status, shelved_until, assignee } = alarm;
  const mine = me.value?.user.id ?? '';
  const close = () => setOpen(undefined);
  const isOver = status === 'closed';
  const run = (act: Promise<AlarmWithEvents>) => {
    setActing(true);
    act
      .then(onChanged)
      .catch(toastError)
      .finally(() => setActing(false));
  };
  const actions: RowAction[] = [
    ...(may('users') ? [{ label: words.assign, icon: 'user', run: () => setOpen('assign') } as const] : []),
    ...(assignee?.id === mine
      ? [{ label: words.giveBack, icon: 'user', run: () => run(assign(id, null)) } as const]
      : []),
    ...(isOver ? [] : [{ label: words.close, icon: 'close', run: () => setOpen('close') } as const]),
  ];
  return (
    <>
      {(status === 'active' || status === 'cleared') && (
        <>
          <Button look="primary" icon="check" busy={isBusy} onClick={() => acknowledge([id])}>
            {text.acknowledge}
          </Button>
          <Button icon="chat" onClick={() => acknowledgeWithNote([id])}>
            {text.withNote}
          </Button>
        </>
      )}
      {!isOver &&
        (shelved_until === null ? (
          <Button icon="shelf" onClick={() => setOpen('shelve')}>
            {text.shelve}
          </Button>
        ) : (
          <Button icon="shelf" busy={isActing} onClick={() => run(unshelve(id))}>
            {text.unshelve}
          </Button>
        ))}
      {assignee?.id !== mine && !isOver && (
        <Button icon="user" busy={isActing} onClick={() => run(assign(id, mine))}>
          {words.takeIt}
        </Button>
      )}
      <RowMenu label={words.more} actions={actions} />
      {dialog}
      {open === 'shelve' && <ShelveDialog ids={[id]} onClose={close} onDone={reload} />}
      {open === 'assign' && <AssignDialog alarm={alarm} onChanged={onChanged} onClose={close} />}
      {open === 'close' && <CloseDialog alarm={alarm} onChanged={onChanged} onClose={close} />}
    </>
  );
};
