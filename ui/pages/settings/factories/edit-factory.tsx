import { useState } from 'preact/hooks';
import { ApiError, call } from '../../../api/client.ts';
import type { Factory } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ZoneField } from '../../../components/factory-fields.tsx';
import { Fault, Field } from '../../../components/field.tsx';
import { UNIT_SYSTEMS } from '../../../format/units.ts';
import { reloadSession } from '../../../state/session.ts';
import { toast } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/factories.ts';
import { text as words } from '../../../text/factory.ts';

interface EditFactoryProps {
  readonly factory: Factory;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Names a factory, and sets the zone of its calendar and the units of its pages. */
export const EditFactory = ({ factory, onClose, onDone }: EditFactoryProps) => {
  const [name, setName] = useState(factory.name);
  const [timezone, setTimezone] = useState(factory.timezone);
  const [units, setUnits] = useState(factory.units);
  const [wasEmpty, setEmpty] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setError(undefined);
    setEmpty(name.trim() === '');
    if (name.trim() === '' || isBusy) return;
    setBusy(true);
    try {
      await call('PATCH /factories/{id}', { path: { id: factory.id }, body: { name: name.trim(), timezone, units } });
      toast(text.renamed(name.trim()));
      onDone();
      onClose();
      await reloadSession();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  const faults = { name: error?.faultOf('name'), timezone: error?.faultOf('timezone') };
  const isOfNoField = faults.name === undefined && faults.timezone === undefined;
  return (
    <Dialog
      title={text.renameTitle(factory.name)}
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
      <Field label={words.name} hint={text.slugStays(factory.slug)} error={wasEmpty ? words.nameMissing : faults.name}>
        <input
          class="input"
          name="factory_name"
          autocomplete="off"
          maxLength={100}
          value={name}
          onInput={(event) => {
            setEmpty(false);
            setName(event.currentTarget.value);
          }}
        />
      </Field>
      <ZoneField timezone={timezone} fault={faults.timezone} onChange={setTimezone} />
      {timezone !== factory.timezone && <p class="small soft">{text.zoneNote}</p>}
      <Field label={text.units} hint={text.unitsHint}>
        <select
          class="select"
          name="units"
          value={units}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setUnits(UNIT_SYSTEMS.find((system) => system === value) ?? units);
          }}
        >
          {UNIT_SYSTEMS.map((system) => (
            <option key={system} value={system}>
              {common.units[system]}
            </option>
          ))}
        </select>
      </Field>
      <Fault>{isOfNoField ? error?.message : undefined}</Fault>
    </Dialog>
  );
};
