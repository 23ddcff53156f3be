import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Mark } from '../../components/icon.tsx';
import { OneTimeCode } from '../../components/one-time-code.tsx';
import { signIn } from '../../state/session.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text as common } from '../../text/common.ts';
import { text as shell } from '../../text/shell.ts';
import { text } from '../../text/sign-in.ts';

/** A code that is wrong, and a wait, are said in the API's words. */
const wordsOf = (error: ApiError | undefined, hasCode: boolean): string | undefined =>
  error?.code === 'unauthenticated' && !hasCode ? text.wrong : error?.message;

/**
 * Asks who is there, by password and, where there is one, by second factor. After it the page that was asked for
 * appears, whatever its address.
 *
 * @param hasEnded - there was a session, which was ended elsewhere
 */
export const SignIn = ({ hasEnded }: { readonly hasEnded: boolean }) => {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  /** Of the second factor; undefined until it is asked for. */
  const [code, setCode] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    nameWindow(text.title);
    first.current?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(email, password, code?.trim());
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.code === 'second_factor_required') setCode('');
      else setError(failure);
      setBusy(false);
    }
  };
  const back = () => {
    setCode(undefined);
    setError(undefined);
  };
  const words = wordsOf(error, code !== undefined);
  return (
    <main class="alone">
      <form class="panel alone__box stack" onSubmit={submit}>
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <h1>{text.title}</h1>
        {hasEnded && code === undefined && <p class="soft">{text.ended}</p>}
        {code === undefined ? (
          <>
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
            <Field label={text.password} error={words} hint={text.forgotten}>
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
          </>
        ) : (
          <>
            <p class="soft sign__who">{text.codeFor(email)}</p>
            <OneTimeCode value={code} error={words} onInput={setCode} />
            <p class="small soft">{text.codeGone}</p>
          </>
        )}
        <Button type="submit" look="primary" busy={isBusy}>
          {text.signIn}
        </Button>
        {code !== undefined && (
          <Button look="quiet" icon="left" onClick={back}>
            {common.back}
          </Button>
        )}
      </form>
    </main>
  );
};
