import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, call } from '../api/client.ts';
import { browserZone, presetTimezone } from '../format/timezones.ts';
import { switchFactory, timezone } from '../state/session.ts';
import { text as common } from '../text/common.ts';
import { text } from '../text/shell.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { apiFaults, draftFaults, emptyFactory } from './factory-draft.ts';
import { FactoryFields } from './factory-fields.tsx';

interface NewFactory {
  /** The fields, and what is said of the whole. */
  readonly fields: ComponentChildren;
  readonly isBusy: boolean;
  readonly submit: () => Promise<void>;
}

/** Makes a factory and goes to it. For owners; they may go into every factory, as a member or not. */
export function useNewFactory(): NewFactory {
  const [draft, setDraft] = useState(() => emptyFactory(presetTimezone(timezone.peek(), browserZone())));
  const [wasTried, setTried] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const own = draftFaults(draft);
  const shown = wasTried ? own : draft.isSlugTyped ? { slug: own.slug } : {};
  const api = apiFaults(error);
  const faults = { name: shown.name ?? api.name, slug: shown.slug ?? api.slug, timezone: api.timezone };

  const submit = async () => {
    setTried(true);
    if (Object.keys(own).length > 0) return;
    setBusy(true);
    try {
      const { name, slug } = draft;
      const { id } = await call('POST /factories', { body: { name: name.trim(), slug, timezone: draft.timezone } });
      await switchFactory(id);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  const isOfNoField = error !== undefined && Object.values(api).every((fault) => fault === undefined);
  const fields = (
    <>
      <FactoryFields
        draft={draft}
        faults={faults}
        onChange={(changed) => {
          setError(undefined);
          setDraft(changed);
        }}
      />
      {isOfNoField && (
        <p class="field__error" role="alert">
          {error.message}
        </p>
      )}
    </>
  );
  return { fields, isBusy, submit };
}

/** The same as a dialog over any page. */
export const NewFactoryDialog = ({ onClose }: { onClose: () => void }) => {
  const { fields, isBusy, submit } = useNewFactory();
  return (
    <Dialog
      title={text.newFactoryTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {text.create}
          </Button>
        </>
      }
    >
      {fields}
    </Dialog>
  );
};
