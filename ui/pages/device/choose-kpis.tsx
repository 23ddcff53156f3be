import { useState } from 'preact/hooks';
import type { Parameter } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { shownUnit } from '../../components/parameter-value.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { units } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text } from '../../text/device.ts';
import { labelOf, matchingParameters } from './parameter-view.ts';
import type { Parameters } from './use-parameters.ts';

interface KpiToggleProps {
  readonly parameter: Parameter;
  readonly parameters: Parameters;
  /** For a label of its own. */
  readonly id?: string;
}

/** Marks a parameter as KPI or not; saved at once. */
export const KpiToggle = ({ parameter, parameters, id }: KpiToggleProps) => (
  <input
    {...(id !== undefined && { id })}
    class="check"
    type="checkbox"
    aria-label={text.isKpi(labelOf(parameter))}
    checked={parameter.is_kpi}
    onChange={(event) => {
      const box = event.currentTarget;
      parameters.save(parameter.name, { is_kpi: box.checked }).catch((error: unknown) => {
        box.checked = parameter.is_kpi;
        toastError(error);
      });
    }}
  />
);

/** Chooses the parameters that are shown first. */
export const ChooseKpis = ({ parameters, onClose }: { parameters: Parameters; onClose: () => void }) => {
  const [typed, setTyped] = useState('');
  const shown = matchingParameters(parameters.all ?? [], typed, units.value);
  return (
    <Dialog
      title={text.chooseKpisTitle}
      onClose={onClose}
      onSubmit={onClose}
      foot={
        <Button type="submit" look="primary">
          {text.done}
        </Button>
      }
    >
      <p class="soft small">{text.chooseKpisHint}</p>
      <SearchBox label={text.searchParameters} value={typed} onInput={setTyped} />
      <ul class="kpis">
        {shown.map((parameter, index) => (
          <li key={parameter.name}>
            <label class="row" for={`kpi-${index}`}>
              <KpiToggle id={`kpi-${index}`} parameter={parameter} parameters={parameters} />
              <span class="clip">{labelOf(parameter)}</span>
              {parameter.unit !== null && <span class="muted small">{shownUnit(parameter)}</span>}
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  );
};
