import { useMemo } from 'preact/hooks';
import type { Parameter, Replay } from '../../api/schema.ts';
import type { TimeWindow } from '../../charts/range.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Value } from '../../components/value.tsx';
import { formatDuration, formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';

type Firing = Replay['devices'][number]['firings'][number];

interface FiringsTableProps {
  readonly firings: readonly Firing[];
  /** When the replay ends. */
  readonly to: number;
  readonly parameters: readonly Parameter[];
  readonly onShow: (window: TimeWindow) => void;
}

/** An alarm is shown with as much time before and after it as it lasted, and a quarter of an hour at least. */
const AROUND_MS = 15 * 60_000;

function windowOf({ raised_at, cleared_at }: Firing, to: number): TimeWindow {
  const from = Date.parse(raised_at);
  const until = cleared_at === null ? to : Date.parse(cleared_at);
  const around = Math.max(AROUND_MS, until - from);
  return { from: from - around, to: until + around };
}

function columnsOf({ to, parameters, onShow }: Omit<FiringsTableProps, 'firings'>): readonly Column<Firing>[] {
  return [
    {
      id: 'began',
      label: text.firing.began,
      cell: (firing) => (
        <>
          {formatTime(Date.parse(firing.raised_at), 'date_minute', timezone.value)}
          {firing.may_be_earlier && <small class="muted"> {text.earlier}</small>}
        </>
      ),
    },
    {
      id: 'severity',
      label: text.firing.severity,
      hasHiddenLabel: true,
      cell: ({ severity }) => <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip>,
    },
    {
      id: 'lasted',
      label: text.firing.lasted,
      isNumeric: true,
      cell: ({ raised_at, cleared_at }) =>
        cleared_at === null ? text.goesOn : formatDuration(Date.parse(cleared_at) - Date.parse(raised_at)),
    },
    {
      id: 'value',
      label: text.firing.value,
      isNumeric: true,
      cell: ({ value, parameter }) => {
        const { unit = null, decimals = null } = parameters.find(({ name }) => name === parameter) ?? {};
        return value === null ? '–' : <Value value={value} unit={unit} decimals={decimals} />;
      },
    },
    {
      id: 'show',
      label: text.firing.show,
      hasHiddenLabel: true,
      class: 'rl__more',
      cell: (firing) => (
        <Button small look="quiet" icon="zoomIn" label={text.showFiring} onClick={() => onShow(windowOf(firing, to))} />
      ),
    },
  ];
}

/** The alarms that a rule would have raised, the last first. A click zooms to one. */
export const FiringsTable = ({ firings, ...props }: FiringsTableProps) => {
  const { to, parameters, onShow } = props;
  const columns = useMemo(() => columnsOf(props), [to, parameters, onShow]);
  const rows = useMemo(() => firings.toReversed(), [firings]);
  return (
    <Panel title={text.firings} flush>
      <div class="rl__firings">
        <Table
          label={text.firings}
          columns={columns}
          rows={rows}
          keyOf={({ raised_at }) => raised_at}
          onOpen={(firing) => onShow(windowOf(firing, to))}
        />
      </div>
    </Panel>
  );
};
