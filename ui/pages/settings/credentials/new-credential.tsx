import { useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { factory } from '../../../state/session.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/credentials.ts';
import { credentialNameFrom } from '../../connect/device-key.ts';
import { type Draft, faultOf, keysOf } from './coverage.ts';
import { DevicesFields } from './devices-fields.tsx';
import { type Fresh, PasswordOnce } from './password-once.tsx';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

interface NewCredentialProps {
  /** Keys of the devices that there are. */
  readonly known: readonly string[];
  readonly onClose: () => void;
  readonly onMade: () => void;
}

/** Makes a credential; its name follows the device's until it is typed. */
export const NewCredential = ({ known, onClose, onMade }: NewCredentialProps) => {
  const [typedName, setTypedName] = useState<string>();
  const [draft, setDraft] = useState<Draft>({ kind: 'one', typed: '' });
  const [faults, setFaults] = useState<{ readonly name?: string; readonly devices?: string }>({});
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [fresh, setFresh] = useState<Fresh>();
  if (fresh !== undefined) return <PasswordOnce fresh={fresh} known={known} onClose={onClose} />;
  const name = typedName ?? (draft.kind === 'one' ? credentialNameFrom(draft.typed.trim()) : '');
  const submit = async () => {
    const devicesFault = faultOf(draft);
    const nameFault = NAME.test(name) ? undefined : text.nameFault;
    setError(undefined);
    setFaults({ ...(nameFault && { name: nameFault }), ...(devicesFault && { devices: devicesFault }) });
    if (nameFault !== undefined || devicesFault !== undefined || isBusy) return;
    setBusy(true);
    const devices = keysOf(draft);
    try {
      const { username, password } = await call('POST /device-credentials', { body: { name, devices } });
      setFresh({ title: text.madeTitle(name), username, password, devices });
      onMade();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const isTaken = failure.code === 'conflict' && failure.faultOf('name') !== undefined;
      if (isTaken) setFaults({ name: text.nameTaken });
      else setError(failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={text.newTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.makeVerb}
          </Button>
        </>
      }
    >
      <DevicesFields
        draft={draft}
        known={known}
        error={faults.devices}
        onChange={(changed) => {
          setFaults(({ devices: _, ...others }) => others);
          setDraft(changed);
        }}
      />
      <Field label={text.nameLabel} hint={text.nameHint(factory.value?.slug ?? '')} error={faults.name}>
        <input
          class="input mono"
          name="credential_name"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={64}
          value={name}
          onInput={(event) => {
            setFaults(({ name: _, ...others }) => others);
            setTypedName(event.currentTarget.value);
          }}
        />
      </Field>
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};
