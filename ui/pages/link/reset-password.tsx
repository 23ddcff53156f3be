import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { text } from '../../text/links.ts';
import { MIN_PASSWORD_LENGTH } from './acceptance.ts';
import { Box, DeadLink, leave } from './box.tsx';
import { useToken } from './use-token.ts';

const Done = () => (
  <Box title={text.setTitle}>
    <p class="soft">{text.setBody}</p>
    <Button look="primary" onClick={leave}>
      {text.signIn}
    </Button>
  </Box>
);

const Asked = ({ token, forget }: { token: string; forget: () => void }) => {
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<'done' | 'dead'>();
  const end = (how: 'done' | 'dead') => {
    forget();
    setOutcome(how);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(undefined);
    if (password.length < MIN_PASSWORD_LENGTH) return setFault(text.passwordShort);
    if (isBusy) return;
    setBusy(true);
    try {
      await call('POST /auth/reset-password', { body: { token, new_password: password } });
      end('done');
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const own = failure.faultOf('new_password');
      if (failure.code === 'not_found' || failure.faultOf('token') !== undefined) end('dead');
      else if (own !== undefined) setFault(own);
      else setError(failure);
    }
    setBusy(false);
  };
  if (outcome === 'done') return <Done />;
  if (outcome === 'dead') return <DeadLink>{text.deadReset}</DeadLink>;
  return (
    <Box title={text.resetTitle}>
      <p class="soft">{text.resetBody}</p>
      <form class="stack" noValidate onSubmit={submit}>
        <Field label={text.newPassword} hint={text.passwordHint} error={fault}>
          <input
            class="input"
            type="password"
            name="password"
            autocomplete="new-password"
            value={password}
            onInput={(event) => {
              setFault(undefined);
              setPassword(event.currentTarget.value);
            }}
          />
        </Field>
        <Fault>{error?.message}</Fault>
        <Button type="submit" look="primary" busy={isBusy}>
          {text.set}
        </Button>
      </form>
    </Box>
  );
};

/** Where somebody who has forgotten their password is sent with a link. */
export const ResetPassword = () => {
  const { token, forget } = useToken();
  return token === '' ? <DeadLink>{text.deadReset}</DeadLink> : <Asked key={token} token={token} forget={forget} />;
};
