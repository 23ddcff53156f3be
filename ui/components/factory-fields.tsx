import { useMemo } from 'preact/hooks';
import { formatTime } from '../format/time.ts';
import { timezones, utcOffset } from '../format/timezones.ts';
import { now } from '../state/clock.ts';
import { text } from '../text/factory.ts';
import { type FactoryDraft, type FactoryFaults, withName, withSlug } from './factory-draft.ts';
import { Field } from './field.tsx';

const MINUTE_MS = 60_000;

interface FactoryFieldsProps {
  readonly draft: FactoryDraft;
  readonly faults: FactoryFaults;
  readonly onChange: (draft: FactoryDraft) => void;
}

const SlugHint = ({ slug }: { slug: string }) => (
  <>
    {text.slugHint} <span class="mono">factories/{slug || text.slugPlaceholder}/…</span> {text.slugForever}
  </>
);

const ZoneHint = ({ timezone }: { timezone: string }) => {
  const at = Math.floor(now.value / MINUTE_MS) * MINUTE_MS;
  return <>{text.timeThere(utcOffset(at, timezone), formatTime(at, 'minute', timezone))}</>;
};

interface ZoneFieldProps {
  readonly timezone: string;
  readonly fault: string | undefined;
  readonly onChange: (timezone: string) => void;
}

/** The zone of a factory's calendar, with what time it is there. */
export const ZoneField = ({ timezone, fault, onChange }: ZoneFieldProps) => {
  const zones = useMemo(() => timezones(timezone), [timezone]);
  return (
    <Field label={text.timezone} error={fault} hint={<ZoneHint timezone={timezone} />}>
      <select class="select" name="timezone" value={timezone} onChange={(event) => onChange(event.currentTarget.value)}>
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </Field>
  );
};

/** Name, short name and zone of a factory that is to be made. */
export const FactoryFields = ({ draft, faults, onChange }: FactoryFieldsProps) => (
  <>
    <Field label={text.name} error={faults.name}>
      <input
        class="input"
        name="factory_name"
        autocomplete="organization"
        value={draft.name}
        onInput={(event) => onChange(withName(draft, event.currentTarget.value))}
      />
    </Field>
    <div class="factory-fields">
      <Field label={text.slug} error={faults.slug} hint={<SlugHint slug={draft.slug} />}>
        <input
          class="input mono"
          name="factory_slug"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={draft.slug}
          onInput={(event) => onChange(withSlug(draft, event.currentTarget.value))}
        />
      </Field>
      <ZoneField
        timezone={draft.timezone}
        fault={faults.timezone}
        onChange={(timezone) => onChange({ ...draft, timezone })}
      />
    </div>
  </>
);
