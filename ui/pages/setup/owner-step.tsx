import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { FactoryFields } from '../../components/factory-fields.tsx';
import { Banner } from '../../components/feedback.tsx';
import { Field } from '../../components/field.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/setup.ts';
import { type Draft, isFaultless, ownerApiFaults, ownerFaults } from './draft.ts';

interface OwnerStepProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
  readonly onBack: () => void;
  /** Makes it all. @throws {ApiError} what this step has to show */
  readonly onDone: () => Promise<void>;
}

/** Who owns the appliance and, unless it is a demonstration, what the first factory is called. */
export const OwnerStep = ({ draft, onChange, onBack, onDone }: OwnerStepProps) => {
  const [wasTried, setTried] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('input')?.focus(), []);
  useLayoutEffect(() => {
    if (wasTried && !isBusy) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [wasTried, isBusy]);

  const own = ownerFaults(draft);
  const api = ownerApiFaults(error);
  const { slug } = own.factory;
  const typed = wasTried ? own : { factory: draft.factory.isSlugTyped ? { slug } : {} };
  const faults = { ...api, ...typed, factory: { ...api.factory, ...typed.factory } };

  const change = (part: Partial<Draft>) => {
    setError(undefined);
    onChange(part);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (!isFaultless(own)) {
      form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await onDone();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <>
      <h1>{text.ownerTitle}</h1>
      <p class="soft">{text.ownerBody}</p>
      {error !== undefined && isFaultless(api) && (
        <div role="alert">
          <Banner>{error.message}</Banner>
        </div>
      )}
      <form class="stack" noValidate ref={form} onSubmit={submit}>
        <Field label={text.email} error={faults.email}>
          <input
            class="input"
            type="email"
            name="email"
            autocomplete="username"
            value={draft.email}
            onInput={(event) => change({ email: event.currentTarget.value })}
          />
        </Field>
        <Field label={text.password} error={faults.password} hint={text.passwordHint}>
          <input
            class="input"
            type="password"
            name="password"
            autocomplete="new-password"
            value={draft.password}
            onInput={(event) => change({ password: event.currentTarget.value })}
          />
        </Field>
        {!draft.isDemo && (
          <>
            <hr class="rule" />
            <FactoryFields draft={draft.factory} faults={faults.factory} onChange={(factory) => change({ factory })} />
          </>
        )}
        <div class="row row--between wiz__foot">
          <Button look="quiet" icon="left" onClick={onBack}>
            {common.back}
          </Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {draft.isDemo ? text.createDemo : text.create}
          </Button>
        </div>
        {isBusy && draft.isDemo && (
          <p class="small soft" role="status">
            {text.creatingDemo}
          </p>
        )}
      </form>
    </>
  );
};
