import { useMemo, useState } from 'preact/hooks';
import type { Device, Parameter } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Icon } from '../../components/icon.tsx';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import type { Sort } from '../../components/sort-rows.ts';
import { Age } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { sideOf } from '../../format/limits.ts';
import { liveDevice } from '../../state/live.ts';
import { may, units } from '../../state/session.ts';
import { text } from '../../text/device.ts';
import { KpiToggle } from './choose-kpis.tsx';
import { ParameterEditor } from './parameter-editor.tsx';
import { labelOf, limitsOf, matchingParameters } from './parameter-view.ts';
import type { Parameters } from './use-parameters.ts';

const ValueCell = ({ device, parameter }: { device: Device; parameter: Parameter }) => {
  const live = liveDevice(device.id);
  const newest = live.values.get(parameter.name);
  const side = sideOf(parameter, newest?.value);
  return (
    <span class="par__v">
      {side !== undefined && (
        <SeverityChip severity="high">
          <span class="sr">{side === 'high' ? text.aboveLimit : text.belowLimit}</span>
        </SeverityChip>
      )}
      <span class={(live.status ?? device.status) === 'online' ? 'clip' : 'clip is-stale-value'}>
        <ParameterValue value={newest?.value} of={parameter} />
      </span>
    </span>
  );
};

const AgeCell = ({ deviceId, name }: { deviceId: string; name: string }) => (
  <Age at={liveDevice(deviceId).values.get(name)?.at} />
);

const NameCell = ({ parameter }: { parameter: Parameter }) => (
  <>
    <span class="clip par__name" title={labelOf(parameter)}>
      {labelOf(parameter)}
    </span>
    {parameter.display_name !== null && <span class="sub mono clip">{parameter.name}</span>}
  </>
);

function columnsOf(device: Device, parameters: Parameters, edit: ((parameter: Parameter) => void) | undefined) {
  const columns: Column<Parameter>[] = [
    {
      id: 'kpi',
      label: text.kpi,
      class: 'par__kpi',
      sortBy: ({ is_kpi }) => Number(!is_kpi),
      cell: (parameter) =>
        edit === undefined ? (
          parameter.is_kpi && <Icon name="check" small />
        ) : (
          <KpiToggle parameter={parameter} parameters={parameters} />
        ),
    },
    { id: 'name', label: text.parameter, sortBy: labelOf, cell: (parameter) => <NameCell parameter={parameter} /> },
    {
      id: 'value',
      label: text.value,
      isNumeric: true,
      class: 'par__value',
      cell: (parameter) => <ValueCell device={device} parameter={parameter} />,
    },
    {
      id: 'age',
      label: text.age,
      isNumeric: true,
      class: 'par__age',
      cell: ({ name }) => <AgeCell deviceId={device.id} name={name} />,
    },
    { id: 'limits', label: text.limits, class: 'par__limits', cell: (parameter) => limitsOf(parameter, units.value) },
    {
      id: 'kind',
      label: text.kind,
      class: 'par__kind',
      sortBy: ({ kind }) => kind,
      cell: ({ kind }) => text.kinds[kind],
    },
  ];
  if (edit !== undefined) {
    columns.push({
      id: 'edit',
      label: text.edit,
      hasHiddenLabel: true,
      class: 'par__edit',
      cell: (parameter) => (
        <Button
          small
          look="quiet"
          icon="edit"
          label={text.editNamed(labelOf(parameter))}
          onClick={() => edit(parameter)}
        />
      ),
    });
  }
  return columns;
}

/** Every parameter with its newest value, and the way to name it and to set its limits. */
export const ParametersTab = ({ device, parameters }: { device: Device; parameters: Parameters }) => {
  const [typed, setTyped] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'name', isDescending: false });
  const [edited, setEdited] = useState<string>();
  const { all, error, reload, save } = parameters;
  const canEdit = may('devices');
  const edit = useMemo(() => (canEdit ? ({ name }: Parameter) => setEdited(name) : undefined), [canEdit]);
  const columns = useMemo(() => columnsOf(device, parameters, edit), [device, save, edit]);
  const shown = useMemo(() => matchingParameters(all ?? [], typed, units.value), [all, typed, units.value]);
  if (all === undefined) {
    return error === undefined ? <Skeleton lines={6} height="1.5rem" /> : <Failed error={error} retry={reload} />;
  }
  const inEditor = all.find(({ name }) => name === edited);
  return (
    <>
      <div class="row row--wrap">
        <span class="par__q">
          <SearchBox label={text.searchParameters} value={typed} onInput={setTyped} />
        </span>
        {!canEdit && <span class="small muted">{text.mayNot}</span>}
      </div>
      <section class="panel" aria-label={text.tabs.parameters}>
        {shown.length === 0 ? (
          <Empty
            icon="search"
            title={typed === '' ? text.noDataTitle : text.noParameterTitle}
            action={typed !== '' && <Button onClick={() => setTyped('')}>{text.clear}</Button>}
          >
            {typed !== '' && text.noParameter(typed)}
          </Empty>
        ) : (
          <Table
            class="table--fixed par"
            label={text.tabs.parameters}
            columns={columns}
            rows={shown}
            keyOf={({ name }) => name}
            sort={sort}
            onSort={setSort}
            {...(edit !== undefined && { onOpen: edit })}
          />
        )}
      </section>
      {inEditor !== undefined && (
        <ParameterEditor
          key={inEditor.name}
          device={device}
          parameter={inEditor}
          parameters={parameters}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
};
