import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { readingOf } from '../../charts/legend.tsx';
import { statisticsOf } from '../../charts/reading.ts';
import type { TrendModel } from '../../charts/trend-model.ts';
import {
  colourOf,
  nameOf,
  type PlacedSeries,
  placed,
  shortNameOf,
  strokeOf,
  type TrendSeries,
} from '../../charts/trend-series.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatValue, Value } from '../../components/value.tsx';
import { formatCount } from '../../format/number.ts';
import { formatTime, zoneName } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { text as charts } from '../../text/charts.ts';
import { text } from '../../text/trends.ts';

interface ValuesTableProps {
  readonly model: TrendModel;
  readonly series: readonly TrendSeries[];
  readonly onRemove: (series: TrendSeries) => void;
}

/** A cell that follows the cursor and the data by itself, so that the table is not drawn anew with every movement. */
const Live = ({ draw }: { draw: () => ComponentChildren }) => <>{draw()}</>;

const AtCursor = ({ model, series }: { model: TrendModel; series: PlacedSeries }) => {
  const reading = readingOf(model, series);
  if (reading === undefined) return <span class="muted">{charts.noData}</span>;
  return (
    <span class="tr__at clip" title={series.kind === 'state' ? String(reading.value) : undefined}>
      <Value value={reading.value} unit={series.unit} decimals={series.decimals} />
    </span>
  );
};

const AtHead = ({ model }: { model: TrendModel }) => {
  const at = model.cursorAt.value;
  if (at === undefined) return <>{text.columns.now}</>;
  const zone = timezone.value;
  return (
    <>
      {text.columns.at} {formatTime(at, 'date_minute', zone)} {zoneName(at, zone)}
    </>
  );
};

function columnsOf(model: TrendModel, all: readonly TrendSeries[], onRemove: ValuesTableProps['onRemove']) {
  const statistics = (series: PlacedSeries) => {
    model.version.value;
    const track = model.trackOf(series);
    return track === undefined ? undefined : statisticsOf(track, model.view.window.value);
  };
  const number = (id: 'min' | 'average' | 'max'): Column<PlacedSeries> => ({
    id,
    label: text.columns[id],
    isNumeric: true,
    cell: (series) => (
      <Live
        draw={() => {
          const value = statistics(series)?.[id];
          return value === undefined ? '–' : formatValue(value, series.decimals);
        }}
      />
    ),
  });
  const amount = (id: 'samples' | 'gaps'): Column<PlacedSeries> => ({
    id,
    label: text.columns[id],
    isNumeric: true,
    cell: (series) => <Live draw={() => formatCount(statistics(series)?.[id] ?? 0)} />,
  });
  const columns: Column<PlacedSeries>[] = [
    {
      id: 'parameter',
      label: text.columns.parameter,
      class: 'tr__name',
      cell: (series) => (
        <span class="row">
          <i
            class={strokeOf(series.place).dash === undefined ? 'sw' : 'sw sw--dash'}
            style={{ '--k': colourOf(series) }}
          />
          <span class="clip" title={nameOf(series, all)}>
            {shortNameOf(series, all)}
          </span>
        </span>
      ),
    },
    {
      id: 'at',
      label: text.columns.now,
      isNumeric: true,
      cell: (series) => <AtCursor model={model} series={series} />,
    },
    number('min'),
    number('average'),
    number('max'),
    amount('samples'),
    amount('gaps'),
    {
      id: 'remove',
      label: text.columns.parameter,
      hasHiddenLabel: true,
      cell: (series) => (
        <Button
          small
          look="quiet"
          icon="close"
          label={text.remove(nameOf(series, all))}
          onClick={() => onRemove(series)}
        />
      ),
    },
  ];
  return columns;
}

/** What each series is at the cursor and in the time shown. */
export const ValuesTable = ({ model, series, onRemove }: ValuesTableProps) => {
  const rows = useMemo(() => placed(series), [series]);
  const columns = useMemo(() => columnsOf(model, series, onRemove), [model, series]);
  return (
    <Panel
      title={text.values}
      flush
      side={
        <span class="panel__note">
          <AtHead model={model} />
        </span>
      }
    >
      <Table label={text.values} class="tr__table" columns={columns} rows={rows} keyOf={({ key }) => key} />
    </Panel>
  );
};
