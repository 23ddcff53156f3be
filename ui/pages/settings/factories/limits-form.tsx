import { useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import type { Factory, FactoryLimits } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Failed, Skeleton } from '../../../components/feedback.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { formatCount } from '../../../format/number.ts';
import { useResource } from '../../../state/resource.ts';
import { toast } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/factories.ts';

const FIELDS = ['devices', 'requests_per_s', 'streams', 'heavy_queries'] as const;
type Name = (typeof FIELDS)[number];
const MAX = 1_000_000;

/** Undefined when it is no such number; nothing typed: as configured. */
function limitOf(typed: string): number | null | undefined {
  const digits = typed.replace(/[\s,]/g, '');
  if (digits === '') return null;
  const limit = /^\d+$/.test(digits) ? Number(digits) : 0;
  return limit >= 1 && limit <= MAX ? limit : undefined;
}

interface LimitsFormProps {
  readonly factory: Factory;
  readonly onClose: () => void;
}

const Fields = ({ factory: { id, name }, limits, onClose }: LimitsFormProps & { limits: FactoryLimits }) => {
  const [typed, setTyped] = useState<Readonly<Record<Name, string>>>({
    devices: String(limits.devices ?? ''),
    requests_per_s: String(limits.requests_per_s ?? ''),
    streams: String(limits.streams ?? ''),
    heavy_queries: String(limits.heavy_queries ?? ''),
  });
  const [faults, setFaults] = useState<Partial<Record<Name, string>>>({});
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    const found = FIELDS.filter((field) => limitOf(typed[field]) === undefined);
    setFaults(Object.fromEntries(found.map((field) => [field, text.limitFault])));
    if (found.length > 0 || isBusy) return;
    setBusy(true);
    try {
      await call('PUT /factories/{id}/limits', {
        path: { id },
        body: {
          devices: limitOf(typed.devices) ?? null,
          requests_per_s: limitOf(typed.requests_per_s) ?? null,
          streams: limitOf(typed.streams) ?? null,
          heavy_queries: limitOf(typed.heavy_queries) ?? null,
        },
      });
      toast(text.limitsSaved(name));
      onClose();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={text.limitsTitle(name)}
      onClose={onClose}
      onSubmit={() => void save()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {common.save}
          </Button>
        </>
      }
    >
      <p class="soft">{text.limitsBody}</p>
      {FIELDS.map((field) => (
        <Field
          key={field}
          label={text.limitNames[field]}
          hint={`${text.limitHints[field]} ${text.configured(formatCount(limits.configured[field]))}`}
          error={faults[field]}
        >
          <input
            class="input"
            name={field}
            inputMode="numeric"
            autocomplete="off"
            maxLength={9}
            placeholder={formatCount(limits.configured[field])}
            value={typed[field]}
            onInput={(event) => {
              setFaults({ ...faults, [field]: undefined });
              setTyped({ ...typed, [field]: event.currentTarget.value });
            }}
          />
        </Field>
      ))}
      <Fault>{error?.message}</Fault>
    </Dialog>
  );
};

/** Says what a factory may take of the appliance, where it is not what the configuration says of all. */
export const LimitsForm = ({ factory, onClose }: LimitsFormProps) => {
  const { data, error, reload } = useResource(`limits ${factory.id}`, (signal) =>
    call('GET /factories/{id}/limits', { path: { id: factory.id }, signal }),
  );
  if (data !== undefined) return <Fields factory={factory} limits={data} onClose={onClose} />;
  return (
    <Dialog
      title={text.limitsTitle(factory.name)}
      onClose={onClose}
      foot={<Button onClick={onClose}>{common.cancel}</Button>}
    >
      {error === undefined ? <Skeleton lines={6} height="1.5rem" /> : <Failed error={error} retry={reload} />}
    </Dialog>
  );
};
