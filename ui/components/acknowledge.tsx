import type { ComponentChildren } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import { toast, toastError } from '../state/toasts.ts';
import { text } from '../text/alarm-strip.ts';
import { text as common } from '../text/common.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Fault, Field } from './field.tsx';

/** Taken in one request. */
const MAX_AT_ONCE = 1_000;
export const MAX_NOTE = 2_000;

interface Result {
  readonly acknowledged: number;
  readonly hadBeen: number;
  /** Their rules ask for a note. */
  readonly needNote: readonly string[];
}

async function acknowledgeAll(ids: readonly string[], comment: string | null): Promise<Result> {
  let [acknowledged, hadBeen] = [0, 0];
  const needNote: string[] = [];
  for (let from = 0; from < ids.length; from += MAX_AT_ONCE) {
    const body = { ids: ids.slice(from, from + MAX_AT_ONCE), comment };
    for (const { id, outcome } of (await call('POST /alerts/acknowledge', { body })).items) {
      if (outcome === 'acknowledged') acknowledged++;
      else if (outcome === 'invalid_input') needNote.push(id);
      else hadBeen++;
    }
  }
  return { acknowledged, hadBeen, needNote };
}

interface NoteProps {
  readonly ids: readonly string[];
  readonly isRequired: boolean;
  readonly acknowledge: (ids: readonly string[], note: string | null) => Promise<void>;
  readonly onClose: () => void;
}

const NoteDialog = ({ ids, isRequired, acknowledge, onClose }: NoteProps) => {
  const [note, setNote] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    const said = note.trim();
    if (said === '' && isRequired) return setFault(text.noteMissing);
    if (isBusy) return;
    setBusy(true);
    try {
      await acknowledge(ids, said === '' ? null : said);
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.noteTitle(ids.length)}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" icon="check" busy={isBusy}>
            {text.acknowledge}
          </Button>
        </>
      }
    >
      {isRequired && <p class="soft">{text.noteRequired(ids.length)}</p>}
      <Field label={text.note} hint={text.noteHint}>
        <textarea
          class="textarea"
          maxLength={MAX_NOTE}
          value={note}
          required={isRequired}
          onInput={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
          }}
        />
      </Field>
      <Fault>{fault}</Fault>
    </Dialog>
  );
};

/** How alarms are acknowledged from a page. */
export interface Acknowledging {
  /** Acknowledges some; asks for a note where a rule wants one. Says what came of it. */
  readonly acknowledge: (ids: readonly string[]) => void;
  /** Asks for a note in any case. */
  readonly acknowledgeWithNote: (ids: readonly string[]) => void;
  readonly isBusy: boolean;
  /** Stands somewhere on the page. */
  readonly dialog: ComponentChildren;
}

/** @param onDone - some have been acknowledged */
export function useAcknowledging(onDone: () => void = () => {}): Acknowledging {
  const [asked, setAsked] = useState<{ readonly ids: readonly string[]; readonly isRequired: boolean }>();
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(
    async (ids: readonly string[], note: string | null) => {
      const { acknowledged, hadBeen, needNote } = await acknowledgeAll(ids, note);
      setAsked(needNote.length > 0 ? { ids: needNote, isRequired: true } : undefined);
      const said = [
        acknowledged > 0 ? text.acknowledged(acknowledged) : '',
        hadBeen > 0 ? text.hadBeen(hadBeen) : '',
      ].filter(Boolean);
      if (said.length > 0) toast(said.join('. '));
      if (acknowledged > 0) onDone();
    },
    [onDone],
  );
  const acknowledge = useCallback(
    (ids: readonly string[]) => {
      if (ids.length === 0) return;
      setBusy(true);
      run(ids, null)
        .catch(toastError)
        .finally(() => setBusy(false));
    },
    [run],
  );
  const acknowledgeWithNote = useCallback((ids: readonly string[]) => {
    if (ids.length > 0) setAsked({ ids, isRequired: false });
  }, []);
  const dialog = asked !== undefined && <NoteDialog {...asked} acknowledge={run} onClose={() => setAsked(undefined)} />;
  return { acknowledge, acknowledgeWithNote, isBusy, dialog };
}
