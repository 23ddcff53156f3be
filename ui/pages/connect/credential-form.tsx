import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { text } from '../../text/connect.ts';
import type { MadeCredential } from './access.ts';
import { nextName } from './device-key.ts';

interface CredentialFormProps {
  readonly suggestion: string;
  /** Device keys, or `*`. */
  readonly devices: readonly string[];
  readonly canMake: boolean;
  readonly onMade: (credential: MadeCredential) => void;
}

/** Makes a credential; its name follows the device's until it is typed. */
export const CredentialForm = ({ suggestion, devices, canMake, onMade }: CredentialFormProps) => {
  const [typed, setTyped] = useState<string>();
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const name = typed ?? suggestion;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      const { username, password } = await call('POST /device-credentials', { body: { name, devices } });
      onMade({ username, password, devices });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'conflict') {
        setFault(text.nameTaken(nextName(name)));
        setTyped(nextName(name));
      } else setFault(error.faultOf('name') ?? error.message);
      setBusy(false);
    }
  };
  return (
    <form class="cn__make" noValidate onSubmit={submit}>
      <Field label={text.credentialName} error={fault}>
        <input
          class="input mono"
          name="credential"
          autocomplete="off"
          spellcheck={false}
          maxLength={64}
          value={name}
          onInput={(event) => {
            setFault(undefined);
            setTyped(event.currentTarget.value);
          }}
        />
      </Field>
      <Button type="submit" look="primary" icon="key" busy={isBusy} disabled={!canMake}>
        {text.make}
      </Button>
    </form>
  );
};
