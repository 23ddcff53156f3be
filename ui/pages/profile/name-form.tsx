import { useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { changeName } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/profile.ts';

/** What one is called. */
export const NameForm = ({ name }: { name: string }) => {
  const [typed, setTyped] = useState(name);
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    if (typed.trim() === '') return setFault(text.nameMissing);
    setBusy(true);
    try {
      await changeName(typed.trim());
      toast(text.nameSaved);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFault(error.faultOf('name') ?? error.message);
    }
    setBusy(false);
  };
  return (
    <form class="prof__name" noValidate onSubmit={save}>
      <Field label={text.name} error={fault}>
        <input
          class="input"
          name="name"
          autocomplete="name"
          maxLength={100}
          value={typed}
          onInput={(event) => {
            setFault(undefined);
            setTyped(event.currentTarget.value);
          }}
        />
      </Field>
      <Button type="submit" busy={isBusy} disabled={typed.trim() === name}>
        {common.save}
      </Button>
    </form>
  );
};
