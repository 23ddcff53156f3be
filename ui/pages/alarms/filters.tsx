import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { SEVERITIES, type Severity, SeverityShape } from '../../components/severity.tsx';
import { useQuery } from '../../state/query.ts';
import { text } from '../../text/alarms.ts';
import { text as common } from '../../text/common.ts';
import type { AlarmFilters } from './alarm-order.ts';

/** The filters that the address of the page holds. */
export function useAlarmFilters() {
  const { values, set } = useQuery();
  const { q = '', severity = '', device = '' } = values;
  const filters = useMemo(
    (): AlarmFilters => ({
      q,
      severities: SEVERITIES.filter((one) => severity.split(',').includes(one)),
      device,
    }),
    [q, severity, device],
  );
  return { filters, set };
}

/** A device that can be chosen. */
export interface ChoosableDevice {
  readonly id: string;
  readonly key: string;
}

interface FilterBarProps {
  readonly devices: readonly ChoosableDevice[];
  /** More fields, and what they hold in the address, so that it can be cleared. */
  readonly children?: ComponentChildren;
  readonly more?: readonly string[];
  readonly isFiltered: boolean;
}

const SeverityFilter = ({ chosen, onChoose }: { chosen: readonly Severity[]; onChoose: (is: Severity[]) => void }) => (
  <fieldset class="seg al__sevs" aria-label={text.severity}>
    {SEVERITIES.map((severity) => {
      const isChosen = chosen.includes(severity);
      const next = isChosen ? chosen.filter((one) => one !== severity) : [...chosen, severity];
      return (
        <button key={severity} type="button" aria-pressed={isChosen} onClick={() => onChoose([...next])}>
          <span class={`row sev sev--${severity}`}>
            <SeverityShape severity={severity} isOutline={!isChosen} />
            <span class="al__sev-word">{common.severity[severity]}</span>
          </span>
        </button>
      );
    })}
  </fieldset>
);

/** Narrows a list of alarms; each change is in the address, so that a link shows the same. */
export const FilterBar = ({ devices, children, more = [], isFiltered }: FilterBarProps) => {
  const { filters, set } = useAlarmFilters();
  const hasDevice = filters.device === '' || devices.some(({ id }) => id === filters.device);
  return (
    <search class="al__filters" aria-label={text.filters}>
      <SearchBox label={text.search} value={filters.q} onInput={(q) => set({ q }, { replace: true })} />
      <SeverityFilter
        chosen={filters.severities}
        onChoose={(severities) => set({ severity: severities.join(',') }, { replace: true })}
      />
      <select
        class="select al__device"
        aria-label={text.device}
        value={filters.device}
        onChange={(event) => set({ device: event.currentTarget.value }, { replace: true })}
      >
        <option value="">{text.anyDevice}</option>
        {!hasDevice && <option value={filters.device}>{text.device}</option>}
        {devices.map(({ id, key }) => (
          <option key={id} value={id}>
            {key}
          </option>
        ))}
      </select>
      {children}
      {isFiltered && (
        <Button
          look="quiet"
          icon="close"
          onClick={() =>
            set(Object.fromEntries(['q', 'severity', 'device', ...more].map((name) => [name, undefined])), {
              replace: true,
            })
          }
        >
          {text.clear}
        </Button>
      )}
    </search>
  );
};
