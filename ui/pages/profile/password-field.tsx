import { Field } from '../../components/field.tsx';
import { text } from '../../text/profile.ts';

interface PasswordFieldProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
}

/** The password that one has: shows who sits at the screen. */
export const PasswordField = ({ value, error, onInput }: PasswordFieldProps) => (
  <Field label={text.currentPassword} error={error}>
    <input
      class="input"
      type="password"
      required
      autocomplete="current-password"
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  </Field>
);
