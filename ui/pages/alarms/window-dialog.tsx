import { useId, useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { Device } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { applianceNow } from '../../state/clock.ts';
import { timezone } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';
import { type DraftFaults, EMPTY_DRAFT, ENDS, readDraft, type WindowDraft } from './window-draft.ts';

const words = text.windows;

interface PickProps {
  readonly label: string;
  readonly hint: string;
  readonly error?: string | undefined;
  readonly options: readonly (readonly [id: string, label: string])[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/**
 * Several of many: typed, completed by the browser, and shown one by one. What another one begins with is taken when one
 * goes on: "M1" may become "M10". What is none of them is said, and keeps the form from being sent.
 */
const PickSeveral = ({ label, hint, error, options, chosen, onChange }: PickProps) => {
  const list = useId();
  const [typed, setTyped] = useState('');
  const [unknown, setUnknown] = useState<string>();
  const take = (value: string, isWhole: boolean) => {
    const wanted = value.trim().toLowerCase();
    const like = options.filter(([, name]) => name.toLowerCase().startsWith(wanted));
    const found = like.find(([, name]) => name.toLowerCase() === wanted);
    const isTaken = found !== undefined && (isWhole || like.length === 1);
    setTyped(isTaken ? '' : value);
    setUnknown(isWhole && !isTaken && wanted !== '' ? words.unknown(value.trim()) : undefined);
    if (isTaken && !chosen.includes(found[0])) onChange([...chosen, found[0]]);
  };
  return (
    <div class="stack stack--tight">
      <Field label={label} hint={hint} error={unknown ?? error}>
        <input
          class="input"
          list={list}
          autocomplete="off"
          ref={(input) => input?.setCustomValidity(unknown ?? '')}
          value={typed}
          onInput={(event) => take(event.currentTarget.value, false)}
          onChange={(event) => take(event.currentTarget.value, true)}
        />
      </Field>
      <datalist id={list}>
        {options
          .filter(([id]) => !chosen.includes(id))
          .map(([id, name]) => (
            <option key={id} value={name} />
          ))}
      </datalist>
      {chosen.length > 0 && (
        <span class="row row--wrap">
          {chosen.map((id) => {
            const name = options.find(([one]) => one === id)?.[1] ?? id;
            return (
              <button
                key={id}
                type="button"
                class="pill al__drop"
                title={words.drop(name)}
                aria-label={words.drop(name)}
                onClick={() => onChange(chosen.filter((one) => one !== id))}
              >
                {name} <Icon name="close" small />
              </button>
            );
          })}
        </span>
      )}
    </div>
  );
};

interface TimesProps {
  readonly draft: WindowDraft;
  readonly faults: DraftFaults;
  readonly change: (part: Partial<WindowDraft>) => void;
}

const Times = ({ draft, faults, change }: TimesProps) => (
  <>
    <Field label={words.start}>
      <select
        class="select"
        value={draft.start}
        onChange={(event) => change({ start: event.currentTarget.value === 'at' ? 'at' : 'now' })}
      >
        <option value="now">{words.starts.now}</option>
        <option value="at">{words.starts.at}</option>
      </select>
    </Field>
    {draft.start === 'at' && (
      <Field label={words.startAt} error={faults.startAt}>
        <input
          class="input"
          type="datetime-local"
          value={draft.startAt}
          onInput={(event) => change({ startAt: event.currentTarget.value })}
        />
      </Field>
    )}
    <Field label={words.end_} error={draft.end === 'at' ? undefined : faults.endAt}>
      <select
        class="select"
        value={draft.end}
        onChange={(event) => change({ end: ENDS.find((one) => one === event.currentTarget.value) ?? 'never' })}
      >
        {ENDS.map((end) => (
          <option key={end} value={end}>
            {words.ends_[end]}
          </option>
        ))}
      </select>
    </Field>
    {draft.end === 'at' && (
      <Field label={words.endAt} error={faults.endAt}>
        <input
          class="input"
          type="datetime-local"
          value={draft.endAt}
          onInput={(event) => change({ endAt: event.currentTarget.value })}
        />
      </Field>
    )}
  </>
);

interface WindowDialogProps {
  readonly devices: readonly Device[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says that devices are worked on. */
export const WindowDialog = ({ devices, onDone, onClose }: WindowDialogProps) => {
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [faults, setFaults] = useState<DraftFaults>({});
  const [refusal, setRefusal] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (part: Partial<WindowDraft>) => setDraft((before) => ({ ...before, ...part }));
  const tags = [...new Set(devices.flatMap(({ tags }) => tags))].sort();
  const submit = async () => {
    const read = readDraft(draft, applianceNow(), timezone.value);
    setFaults('faults' in read ? read.faults : {});
    if ('faults' in read || isBusy) return;
    setBusy(true);
    try {
      await call('POST /maintenance-windows', { body: read.body });
      toast(words.made);
      onDone();
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error.faults[0]?.message ?? error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={words.addTitle}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {words.make}
          </Button>
        </>
      }
    >
      <PickSeveral
        label={words.devices}
        hint={words.devicesHint}
        error={faults.what}
        options={devices.map(({ id, key, name }) => [id, name === key || name === '' ? key : `${name} (${key})`])}
        chosen={draft.deviceIds}
        onChange={(deviceIds) => change({ deviceIds })}
      />
      {tags.length > 0 && (
        <PickSeveral
          label={words.tags}
          hint={words.tagsHint}
          options={tags.map((tag) => [tag, tag])}
          chosen={draft.tags}
          onChange={(chosen) => change({ tags: chosen })}
        />
      )}
      <div class="al__times">
        <Times draft={draft} faults={faults} change={change} />
      </div>
      <Field label={words.reason} error={faults.reason}>
        <input
          class="input"
          maxLength={500}
          value={draft.reason}
          onInput={(event) => change({ reason: event.currentTarget.value })}
        />
      </Field>
      <Fault>{refusal}</Fault>
    </Dialog>
  );
};
