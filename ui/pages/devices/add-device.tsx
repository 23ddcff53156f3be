import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { toast } from '../../state/toasts.ts';
import { text } from '../../text/admission.ts';
import { text as common } from '../../text/common.ts';
import { isDeviceKey } from '../connect/device-key.ts';

/** Makes a device known before its first message. */
export const AddDevice = ({ onClose }: { onClose: () => void }) => {
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setError(undefined);
    if (!isDeviceKey(key)) return setFault(text.keyFault);
    if (isBusy) return;
    setBusy(true);
    try {
      const called = name.trim();
      const made = await call('POST /devices', { body: { key, ...(called !== '' && { name: called }) } });
      onClose();
      toast(text.added(made.name));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.code === 'conflict') setFault(text.keyTaken);
      else setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.addTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.addVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{text.addBody}</p>
      <Field label={text.key} hint={text.keyHint} error={fault}>
        <input
          class="input mono"
          name="device_key"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={64}
          value={key}
          onInput={(event) => {
            setFault(undefined);
            setKey(event.currentTarget.value.trim());
          }}
        />
      </Field>
      <Field label={text.name} hint={text.nameHint} error={error?.faultOf('name')}>
        <input
          class="input"
          name="device_name"
          autocomplete="off"
          maxLength={128}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Fault>{error?.faultOf('name') === undefined ? error?.message : undefined}</Fault>
    </Dialog>
  );
};
