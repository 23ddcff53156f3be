import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';

/** What is offered: minutes, or until it is back to normal. */
const SPANS = ['15', '60', '480', '1440', 'normal'] as const;
type Span = (typeof SPANS)[number];
/** The longest that anything is shelved (the API's own limit). */
const LONGEST_MINUTES = 7 * 24 * 60;
/** Requests that are on their way at the same time. */
const AT_ONCE = 4;
const MAX_REASON = 500;

const bodyOf = (span: Span, reason: string) =>
  span === 'normal'
    ? { minutes: LONGEST_MINUTES, one_shot: true, reason }
    : { minutes: Number(span), one_shot: false, reason };

/** Does something with each, a few at a time. @returns those with which it went well, and why it did not with the first other */
async function each(ids: readonly string[], act: (id: string) => Promise<unknown>) {
  const done: string[] = [];
  let fault: string | undefined;
  const open = [...ids];
  const worker = async () => {
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      try {
        await act(id);
        done.push(id);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        fault ??= error.message;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { done, fault };
}

const unshelveAll = (ids: readonly string[], onDone: () => void) =>
  each(ids, (id) => call('POST /alerts/{id}/unshelve', { path: { id } }))
    .then(({ done, fault }) => {
      if (done.length > 0) toast(text.unshelved);
      if (fault !== undefined) toast(fault, { isError: true });
      onDone();
    })
    .catch(toastError);

interface ShelveProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
  /** Some have been shelved, or taken back. */
  readonly onDone?: () => void;
}

/** Asks for how long and why; what was shelved can be undone for a while. */
export const ShelveDialog = ({ ids, onClose, onDone = () => {} }: ShelveProps) => {
  const [span, setSpan] = useState<Span>('60');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    const said = reason.trim();
    if (said === '') return setFault(text.reasonMissing);
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      const body = bodyOf(span, said);
      const { done, fault: why } = await each(ids, (id) => call('POST /alerts/{id}/shelve', { path: { id }, body }));
      if (done.length > 0) {
        toast(text.shelved(done.length), {
          action: { label: common.undo, run: () => void unshelveAll(done, onDone) },
        });
        onDone();
      }
      if (why === undefined) return onClose();
      setFault(ids.length === 1 ? why : text.notShelved(ids.length - done.length, why));
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.shelveTitle(ids.length)}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" icon="shelf" busy={isBusy}>
            {text.shelveVerb}
          </Button>
        </>
      }
    >
      <p class="soft">{text.shelveBody(ids.length)}</p>
      <fieldset class="stack stack--tight" aria-label={text.howLong}>
        {SPANS.map((one) => (
          <Choice
            key={one}
            name="span"
            label={text.spans[one]}
            hint={text.spanHints[one]}
            isChosen={span === one}
            onChoose={() => setSpan(one)}
          />
        ))}
      </fieldset>
      <Field label={text.reason} hint={text.reasonHint} error={fault}>
        <input
          class="input"
          maxLength={MAX_REASON}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
    </Dialog>
  );
};
