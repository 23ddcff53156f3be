import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Panel } from '../../components/panel.tsx';
import { me, reloadSession } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/profile.ts';
import { PasswordField } from './password-field.tsx';
import { TurnOn } from './turn-on.tsx';

const TurnOff = ({ onClose }: { onClose: () => void }) => {
  const [password, setPassword] = useState('');
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (isBusy) return;
    setBusy(true);
    try {
      await call('POST /profile/second-factor/remove', { body: { current_password: password } });
      onClose();
      toast(text.turnedOff);
      await reloadSession();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.turnOffTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="danger-solid" busy={isBusy}>
            {text.turnOffVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{text.turnOffBody}</p>
      <PasswordField value={password} error={error?.message} onInput={setPassword} />
    </Dialog>
  );
};

/** One-time codes beside the password: whether they are on, and the way to turn them on or off. */
export const SecondFactor = () => {
  const [isOpen, setOpen] = useState<'on' | 'off'>();
  const isOn = me.value?.user.has_second_factor === true;
  const close = () => setOpen(undefined);
  return (
    <Panel title={text.factor}>
      <div class="prof__do">
        <p class="soft">{isOn ? text.factorOn : text.factorOff}</p>
        <Button icon="key" onClick={() => setOpen(isOn ? 'off' : 'on')}>
          {isOn ? text.turnOff : text.turnOn}
        </Button>
      </div>
      {isOpen === 'on' && <TurnOn onClose={close} />}
      {isOpen === 'off' && <TurnOff onClose={close} />}
    </Panel>
  );
};
