import { useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import type { DeviceCredential } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Confirm, Dialog } from '../../../components/dialog.tsx';
import { Fault } from '../../../components/field.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { formatDuration } from '../../../format/time.ts';
import { applianceNow } from '../../../state/clock.ts';
import { toast, toastError } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/credentials.ts';
import { momentOf } from '../sizes.ts';
import { draftOf, faultOf, keysOf } from './coverage.ts';
import { DevicesFields } from './devices-fields.tsx';
import { type Fresh, PasswordOnce } from './password-once.tsx';

/** What is being done with a credential. */
export interface CredentialTask {
  readonly name: 'rotate' | 'change' | 'revoke';
  readonly credential: DeviceCredential;
}

interface TaskProps {
  readonly credential: DeviceCredential;
  /** Keys of the devices that there are. */
  readonly known: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** How long the old password works (s). */
const SPANS = { none: 0, hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
type Span = keyof typeof SPANS;

const Rotate = ({ credential, known, onClose, onDone }: TaskProps) => {
  const [span, setSpan] = useState<Span>('day');
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [fresh, setFresh] = useState<Fresh>();
  if (fresh !== undefined) return <PasswordOnce fresh={fresh} known={known} onClose={onClose} />;
  const { id, name, devices, old_valid_until } = credential;
  const keepsOld = SPANS[span] > 0;
  const wordsOf = (until: string | null) => (until === null ? text.atOnce : text.overlap(momentOf(until)));
  const rotate = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await call('POST /device-credentials/{id}/rotate', {
        path: { id },
        body: { keep_old_s: SPANS[span] },
      });
      const { username, password } = made;
      setFresh({ title: text.rotatedTitle(name), username, password, devices, note: wordsOf(made.old_valid_until) });
      onDone();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.rotateTitle(name)}
      onClose={onClose}
      onSubmit={() => void rotate()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.rotateVerb}
          </Button>
        </>
      }
    >
      <div class="field">
        <span class="label">{text.keepOld}</span>
        <Segmented
          label={text.keepOld}
          choices={(Object.keys(SPANS) as Span[]).map((one) => [one, text.spans[one]])}
          current={span}
          onChoose={setSpan}
        />
      </div>
      <p class="soft" role="status">
        {wordsOf(keepsOld ? new Date(applianceNow() + SPANS[span] * 1_000).toISOString() : null)}
      </p>
      {old_valid_until !== null && <p class="soft">{text.olderEnds}</p>}
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};

const Change = ({ credential, known, onClose, onDone }: TaskProps) => {
  const { id, name, devices } = credential;
  const [draft, setDraft] = useState(() => draftOf(devices));
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const save = (wanted: readonly string[]) =>
    call('PATCH /device-credentials/{id}', { path: { id }, body: { devices: wanted } });
  const undo = () =>
    save(devices)
      .then(() => toast(text.changedBack(name)), toastError)
      .then(onDone);
  const submit = async () => {
    const wrong = faultOf(draft);
    setFault(wrong);
    setError(undefined);
    if (wrong !== undefined || isBusy) return;
    setBusy(true);
    try {
      await save(keysOf(draft));
      onDone();
      onClose();
      toast(text.changed(name), { action: { label: common.undo, run: () => void undo() } });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.changeTitle(name)}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.changeVerb}
          </Button>
        </>
      }
    >
      <DevicesFields
        draft={draft}
        known={known}
        error={fault}
        onChange={(changed) => {
          setFault(undefined);
          setDraft(changed);
        }}
      />
      <p class="soft">{text.changeBody}</p>
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};

const Revoke = ({ credential: { id, name, used_at }, onClose, onDone }: TaskProps) => {
  const revoke = () =>
    call('DELETE /device-credentials/{id}', { path: { id } })
      .then(() => toast(text.revoked(name)), toastError)
      .then(() => {
        onDone();
        onClose();
      });
  const used =
    used_at === null ? text.wasNeverUsed : text.lastUsedAgo(formatDuration(applianceNow() - Date.parse(used_at)));
  return (
    <Confirm title={text.revokeTitle(name)} verb={text.revokeVerb} onConfirm={revoke} onClose={onClose}>
      <p>{text.revokeBody(used)}</p>
    </Confirm>
  );
};

const TASKS = { rotate: Rotate, change: Change, revoke: Revoke } as const;

/** The dialog of what is being done with a credential. */
export const CredentialTasks = ({ task, ...props }: Omit<TaskProps, 'credential'> & { task: CredentialTask }) => {
  const Task = TASKS[task.name];
  return <Task credential={task.credential} {...props} />;
};
