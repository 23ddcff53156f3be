import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Mark } from '../../components/icon.tsx';
import { signIn } from '../../state/session.ts';
import { text as shell } from '../../text/shell.ts';
import { text } from '../../text/sign-in.ts';

/** Asks who is there. After it the page that was asked for appears, whatever its address. */
export const SignIn = () => {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${text.title} · ${shell.product}`;
    first.current?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(email, password);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <main class="alone">
      <form class="panel alone__box stack" onSubmit={submit}>
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <h1>{text.title}</h1>
        <Field label={text.email}>
          <input
            class="input"
            type="email"
            name="email"
            autocomplete="username"
            required
            ref={first}
            value={email}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </Field>
        <Field
          label={text.password}
          error={error?.code === 'unauthenticated' ? text.wrong : error?.message}
          hint={text.forgotten}
        >
          <input
            class="input"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </Field>
        <Button type="submit" look="primary" busy={isBusy}>
          {text.signIn}
        </Button>
      </form>
    </main>
  );
};
