import { useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import type { Device, Parameter } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { units } from '../../state/session.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/device.ts';
import { changesOf, faultsOf, fieldsOf, type ParameterFields, shownInEditor, withUnit } from './parameter-form.ts';
import { labelOf } from './parameter-view.ts';
import { ResetKind } from './reset-kind.tsx';
import type { Parameters } from './use-parameters.ts';

interface ParameterEditorProps {
  readonly device: Device;
  readonly parameter: Parameter;
  readonly parameters: Parameters;
  readonly onClose: () => void;
}

type TextField = Exclude<keyof ParameterFields, 'is_kpi'>;

/** What the editor holds, what is wrong with it, and how it is saved. */
function useEditor({ parameter, parameters, onClose }: ParameterEditorProps) {
  const [before] = useState(parameter);
  // Those with which it was opened: what is typed is in them.
  const [system] = useState(() => units.peek());
  const [fields, setFields] = useState(() => fieldsOf(parameter, system));
  const [wasSubmitted, setSubmitted] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const faults = faultsOf(before, fields, system);
  const faultOf = (field: TextField): string | undefined => {
    const fault = wasSubmitted ? faults[field] : undefined;
    return fault === undefined ? error?.faultOf(field) : text[fault];
  };
  const { name } = before;
  const submit = async () => {
    setSubmitted(true);
    if (Object.keys(faults).length > 0) return;
    const { change, undo } = changesOf(before, fields, system);
    if (Object.keys(change).length === 0) return onClose();
    setBusy(true);
    try {
      const saved = await parameters.save(name, change);
      onClose();
      const takeBack = () => {
        parameters.save(name, undo).then((restored) => toast(text.restored(labelOf(restored))), toastError);
      };
      toast(text.saved(labelOf(saved)), { action: { label: common.undo, run: takeBack } });
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  const set = (field: keyof ParameterFields, value: string | boolean) =>
    setFields(field === 'unit' ? withUnit(before, fields, String(value), system) : { ...fields, [field]: value });
  const { conversion } = shownInEditor(before, fields, system);
  return { fields, set, shownUnit: conversion?.unit, faultOf, error, isBusy, submit };
}

/** Names a parameter and says how it is shown and what is normal. */
export const ParameterEditor = (props: ParameterEditorProps) => {
  const { device, parameter, parameters, onClose } = props;
  const [isResetting, setResetting] = useState(false);
  const { fields, set, shownUnit, faultOf, error, isBusy, submit } = useEditor(props);
  const inUnit = (label: string) => (shownUnit === undefined ? label : text.inUnit(label, shownUnit));
  const input = (field: TextField, attributes: object = {}) => (
    <input
      class="input"
      autocomplete="off"
      value={fields[field]}
      onInput={(event) => set(field, event.currentTarget.value)}
      {...attributes}
    />
  );
  if (isResetting) return <ResetKind device={device} parameter={parameter} parameters={parameters} onClose={onClose} />;
  return (
    <Dialog
      title={text.editTitle(labelOf(parameter))}
      onClose={onClose}
      onSubmit={submit}
      foot={
        <>
          <Button look="quiet" onClick={() => setResetting(true)}>
            {text.resetKind}
          </Button>
          <span class="grow" />
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            {common.save}
          </Button>
        </>
      }
    >
      <p class="small muted">
        <span class="mono">{parameter.name}</span> · {text.kinds[parameter.kind]}
      </p>
      <Field label={text.displayName} hint={text.displayNameHint} error={faultOf('display_name')}>
        {input('display_name', { maxLength: 128 })}
      </Field>
      <div class="par__two">
        <Field
          label={shownUnit === undefined ? text.unit : text.sentUnit}
          {...(shownUnit !== undefined && { hint: text.sentUnitHint(shownUnit) })}
          error={faultOf('unit')}
        >
          {input('unit', { maxLength: 32 })}
        </Field>
        <Field
          label={text.decimals}
          hint={shownUnit === undefined ? text.decimalsHint : text.sentDecimalsHint}
          error={faultOf('decimals')}
        >
          {input('decimals', { inputMode: 'numeric' })}
        </Field>
        <Field label={inUnit(text.lowLimit)} error={faultOf('low_limit')}>
          {input('low_limit', { inputMode: 'decimal' })}
        </Field>
        <Field label={inUnit(text.highLimit)} hint={text.limitsHint} error={faultOf('high_limit')}>
          {input('high_limit', { inputMode: 'decimal' })}
        </Field>
      </div>
      <label class="row">
        <input
          class="check"
          type="checkbox"
          checked={fields.is_kpi}
          onChange={(event) => set('is_kpi', event.currentTarget.checked)}
        />
        {text.showAsKpi}
      </label>
      {error !== undefined && error.faults.length === 0 && (
        <p class="field__error" role="alert">
          {error.message}
        </p>
      )}
    </Dialog>
  );
};
