import { useLayoutEffect, useRef } from 'preact/hooks';
import { text } from '../text/sign-in.ts';
import { Field } from './field.tsx';

interface OneTimeCodeProps {
  readonly label?: string;
  readonly hint?: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
}

/** The code of a second factor, when signing in has asked for it: it takes the focus as it appears. */
export const OneTimeCode = ({ label = text.code, hint = text.codeHint, value, error, onInput }: OneTimeCodeProps) => {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  return (
    <Field label={label} hint={hint} error={error}>
      <input
        class="input mono"
        name="code"
        // Digits are what is nearly always typed; a recovery code has letters, which every keyboard lets one change to.
        inputMode="numeric"
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        maxLength={64}
        ref={input}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Field>
  );
};
