import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Code } from '../../components/code.tsx';
import { Banner } from '../../components/feedback.tsx';
import { Field } from '../../components/field.tsx';
import { formatTime } from '../../format/time.ts';
import { browserZone } from '../../format/timezones.ts';
import { text } from '../../text/setup.ts';
import type { SetupWatch } from './use-setup-state.ts';

interface CodeStepProps {
  readonly watch: SetupWatch;
  readonly code: string;
  readonly onType: (code: string) => void;
  /** The code is right. */
  readonly onGood: () => void;
  /** A code that had been right was refused in the end. */
  readonly wasRefused: boolean;
}

/** What to do about the code before it can be typed. */
const Notice = ({ watch }: { watch: SetupWatch }) => {
  if (watch.codeExpiresAt === null) return <Banner>{text.codeExpired}</Banner>;
  return watch.isCodeRenewed ? <Banner>{text.codeRenewed}</Banner> : null;
};

/** Asks for the code that only somebody at the machine can read. */
export const CodeStep = ({ watch, code, onType, onGood, wasRefused }: CodeStepProps) => {
  const [fault, setFault] = useState(wasRefused ? text.codeWrong : undefined);
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    input.current?.focus();
    if (code.trim() === '') return setFault(text.codeMissing);
    setBusy(true);
    try {
      await watch.check(code);
      onGood();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setBusy(false);
      setFault(error.code === 'forbidden' ? text.codeWrong : error.message);
      watch.look();
    }
  };
  const until =
    watch.codeExpiresAt === null ? undefined : formatTime(watch.codeExpiresAt, 'date_minute', browserZone());
  return (
    <>
      <h1>{text.codeTitle}</h1>
      <p class="soft">{text.codeBody}</p>
      <Code label={text.codeBody}>
        {'{"msg":"ready", … '}
        <span class="v">{text.codeExample}</span>
        {'}'}
      </Code>
      <Notice watch={watch} />
      <form class="stack" noValidate onSubmit={submit}>
        <Field
          label={text.code}
          error={watch.codeExpiresAt === null ? undefined : fault}
          hint={until === undefined ? undefined : text.codeHint(until)}
        >
          <input
            class="input mono"
            name="setup_code"
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={64}
            ref={input}
            value={code}
            onInput={(event) => {
              setFault(undefined);
              onType(event.currentTarget.value);
            }}
          />
        </Field>
        <div class="row row--between wiz__foot">
          <span />
          <Button type="submit" look="primary" busy={isBusy}>
            {text.next}
          </Button>
        </div>
      </form>
    </>
  );
};
