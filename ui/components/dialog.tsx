import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { text } from '../text/common.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly foot: ComponentChildren;
  /** Enter in any field, or the button of type submit. */
  readonly onSubmit?: () => void;
}

/** Of radio buttons browsers take the first to a dialog's beginning: the one that is chosen is what keys go on from. */
function focusChosen(): void {
  const { activeElement: first } = document;
  if (!(first instanceof HTMLInputElement) || first.type !== 'radio' || first.checked) return;
  const group = [...(first.form?.querySelectorAll<HTMLInputElement>('input[type=radio]:checked') ?? [])];
  group.find(({ name }) => name === first.name)?.focus();
}

/** The focus goes to what has opened a dialog, or to the page's heading where that has gone by what was done. */
function giveBack(opener: Element | null): void {
  if (document.activeElement !== document.body) return;
  const to = opener?.isConnected === true && opener !== document.body ? opener : document.querySelector('h1');
  if (to instanceof HTMLElement) to.focus({ preventScroll: to !== opener });
}

/**
 * A modal dialog: the browser's own, so that focus stays inside, Esc closes it, and focus goes back afterwards. What is found
 * wrong when it is submitted has the focus.
 */
export const Dialog = ({ title, onClose, children, foot, onSubmit }: DialogProps) => {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is painted: keys pressed at once go to it, and not to what has opened it.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    focusChosen();
    // Once it is gone: nothing outside of it takes the focus before.
    return () => queueMicrotask(() => giveBack(opener));
  }, []);
  const wasSubmitted = useRef(false);
  useLayoutEffect(() => {
    const faulty = dialog.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!wasSubmitted.current || faulty == null) return;
    wasSubmitted.current = false;
    faulty.focus();
  });
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form
        onInput={() => {
          wasSubmitted.current = false;
        }}
        onSubmit={(event) => {
          event.preventDefault();
          wasSubmitted.current = true;
          onSubmit?.();
        }}
      >
        <div class="dialog__body">
          <h2 id={id}>{title}</h2>
          {children}
        </div>
        <div class="dialog__foot">{foot}</div>
      </form>
    </dialog>
  );
};

interface ConfirmProps {
  readonly title: string;
  /** What will be lost, in numbers. */
  readonly children: ComponentChildren;
  /** The verb on the button. */
  readonly verb: string;
  /** Has to be typed before the button works: for what cannot be undone. */
  readonly word?: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something is lost. */
export const Confirm = ({ title, children, verb, word, onConfirm, onClose }: ConfirmProps) => {
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isReady = word === undefined || typed.trim() === word;
  const confirm = async () => {
    if (!isReady || isBusy) return;
    setBusy(true);
    await onConfirm().finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={confirm}
      foot={
        <>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" look="danger-solid" busy={isBusy} disabled={!isReady}>
            {verb}
          </Button>
        </>
      }
    >
      <div class="soft">{children}</div>
      {word !== undefined && (
        <Field label={text.typeToConfirm(word)}>
          <input
            class="input mono"
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </Field>
      )}
    </Dialog>
  );
};
