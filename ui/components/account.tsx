import { useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import { me, reloadSession } from '../state/session.ts';
import { toast } from '../state/toasts.ts';
import { text as common } from '../text/common.ts';
import { text } from '../text/shell.ts';
import { Button } from './button.tsx';
import { ClockBanner } from './clock-banner.tsx';
import { DemoBanner } from './demo-banner.tsx';
import { Dialog } from './dialog.tsx';
import { Banner } from './feedback.tsx';
import { Field } from './field.tsx';

/** What a person has to know about their account and their factory on every page. */
export const AccountBanners = ({ changePassword }: { changePassword: () => void }) => (
  <div class="banners">
    <ClockBanner />
    {me.value?.user.password_is_public === true && (
      <Banner
        action={
          <Button small onClick={changePassword}>
            {text.changeIt}
          </Button>
        }
      >
        {text.publicPassword}
      </Banner>
    )}
    <DemoBanner />
  </div>
);

/** Changes one's own password. */
export const ChangePassword = ({ onClose }: { onClose: () => void }) => {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    try {
      await call('POST /auth/change-password', { body: { current_password: current, new_password: next } });
      onClose();
      toast(text.passwordChanged);
      await reloadSession();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  const newFault = error?.faultOf('new_password');
  return (
    <Dialog
      title={text.changePasswordTitle}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.change}
          </Button>
        </>
      }
    >
      <Field label={text.currentPassword} error={newFault === undefined ? error?.message : undefined}>
        <input
          class="input"
          type="password"
          required
          autocomplete="current-password"
          value={current}
          onInput={(event) => setCurrent(event.currentTarget.value)}
        />
      </Field>
      <Field label={text.newPassword} hint={text.passwordHint} error={newFault}>
        <input
          class="input"
          type="password"
          required
          autocomplete="new-password"
          value={next}
          onInput={(event) => setNext(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
};
