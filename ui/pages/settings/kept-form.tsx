import { useState } from 'preact/hooks';
import { ApiError, call } from '../../api/client.ts';
import type { FactoryStorage } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { now } from '../../state/clock.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/storage.ts';
import { dayOf } from './sizes.ts';

const FIELDS = [
  { name: 'raw_days', level: 'raw' },
  { name: 'minute_days', level: '1m' },
  { name: 'quarter_days', level: '15m' },
] as const;
const DAY_MS = 86_400_000;

type Name = (typeof FIELDS)[number]['name'];
type Typed = Readonly<Record<Name, string>>;

const typedOf = (days: Readonly<Record<Name, number | null>>): Typed => ({
  raw_days: String(days.raw_days ?? ''),
  minute_days: String(days.minute_days ?? ''),
  quarter_days: String(days.quarter_days ?? ''),
});
/** Undefined when it is no number of days; nothing typed: for ever. */
const daysOf = (typed: string): number | null | undefined =>
  typed.trim() === '' ? null : /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : undefined;

interface KeptFormProps {
  readonly factory: FactoryStorage;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Says for how long a factory's history is kept, and what goes when that is shorter than before. */
export const KeptForm = ({ factory: { id, name, kept, levels }, onClose, onChanged }: KeptFormProps) => {
  const [typed, setTyped] = useState<Typed>(typedOf(kept));
  const [faults, setFaults] = useState<Partial<Record<Name, string>>>({});
  const [isBusy, setBusy] = useState(false);

  const going = FIELDS.flatMap(({ name: field, level }) => {
    const days = daysOf(typed[field]);
    const oldest = levels.find((one) => one.level === level)?.oldest ?? null;
    if (days === null || days === undefined || oldest === null || days >= (kept[field] ?? days + 1)) return [];
    const from = now.value - days * DAY_MS;
    return Date.parse(oldest) < from ? [text.goes(text.levels[level].name, dayOf(new Date(from).toISOString()))] : [];
  });

  const configured = typedOf(kept.configured);
  const isAsConfigured = FIELDS.every(({ name: field }) => typed[field].trim() === configured[field]);
  const save = async () => {
    const days = {
      raw: daysOf(typed.raw_days),
      minute: daysOf(typed.minute_days),
      quarter: daysOf(typed.quarter_days),
    };
    const found: Partial<Record<Name, string>> = {
      ...(days.raw ? {} : { raw_days: text.needsDays }),
      ...(days.minute === undefined || days.minute === 0 ? { minute_days: text.needsDaysOrNothing } : {}),
      ...(days.quarter === undefined || days.quarter === 0 ? { quarter_days: text.needsDaysOrNothing } : {}),
    };
    setFaults(found);
    if (Object.keys(found).length > 0 || isBusy) return;
    setBusy(true);
    try {
      if (isAsConfigured) await call('DELETE /factories/{id}/retention', { path: { id } });
      else {
        await call('PUT /factories/{id}/retention', {
          path: { id },
          body: { raw_days: Number(days.raw), minute_days: days.minute ?? null, quarter_days: days.quarter ?? null },
        });
      }
      toast(text.keptChanged(name));
      onChanged();
      onClose();
    } catch (error) {
      setBusy(false);
      const named = error instanceof ApiError ? FIELDS.filter(({ name: field }) => error.faultOf(field)) : [];
      if (!(error instanceof ApiError) || named.length === 0) return toastError(error);
      setFaults(Object.fromEntries(named.map(({ name: field }) => [field, error.faultOf(field)])));
    }
  };
  return (
    <Dialog
      title={text.keptTitle(name)}
      onClose={onClose}
      onSubmit={save}
      foot={
        <>
          {kept.is_own && (
            <Button onClick={() => setTyped(configured)} disabled={isBusy || isAsConfigured}>
              {text.keptReset}
            </Button>
          )}
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look={going.length > 0 ? 'danger-solid' : 'primary'} busy={isBusy}>
            {going.length > 0 ? text.keepAndRemove : text.keep}
          </Button>
        </>
      }
    >
      {FIELDS.map(({ name: field, level }) => (
        <Field
          key={field}
          label={text.daysOfLevel(text.levels[level].name)}
          hint={field === 'raw_days' ? text.rawHint : text.emptyForEver}
          error={faults[field]}
        >
          <input
            class="input"
            name={field}
            inputMode="numeric"
            autocomplete="off"
            maxLength={5}
            value={typed[field]}
            onInput={(event) => {
              setFaults({ ...faults, [field]: undefined });
              setTyped({ ...typed, [field]: event.currentTarget.value });
            }}
          />
        </Field>
      ))}
      <div role="status">
        {going.length > 0 && (
          <ul class="sto__going">
            {going.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
};
