import { type ComponentChildren, cloneElement, type VNode } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with the value, and what would be right. */
  readonly error?: string | undefined;
  /** The input, select or textarea: it is given its id and what describes it. */
  readonly children: VNode<Record<string, unknown>>;
}

/** A form field: label above, hint and error below, tied together for screen readers. */
export const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId();
  const describedBy = [error !== undefined && `${id}e`, hint !== undefined && `${id}h`].filter(Boolean).join(' ');
  const described = describedBy === '' ? {} : { 'aria-describedby': describedBy };
  const invalid = error === undefined ? {} : { 'aria-invalid': 'true' };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {cloneElement(children, { id, ...described, ...invalid })}
      {error !== undefined && (
        <span class="field__error" id={`${id}e`} role="alert">
          <Icon name="warning" />
          {error}
        </span>
      )}
      {hint !== undefined && (
        <span class="field__hint" id={`${id}h`}>
          {hint}
        </span>
      )}
    </div>
  );
};

/** What is wrong with a form as a whole; nothing while there is nothing. */
export const Fault = ({ children }: { children: string | undefined }) =>
  children === undefined ? null : (
    <p class="field__error" role="alert">
      <Icon name="warning" />
      {children}
    </p>
  );
