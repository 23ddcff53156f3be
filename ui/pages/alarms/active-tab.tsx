import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Alarm } from '../../api/schema.ts';
import { type Acknowledging, useAcknowledging } from '../../components/acknowledge.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { applianceNow } from '../../state/clock.ts';
import { may } from '../../state/session.ts';
import { text } from '../../text/alarms.ts';
import { AlarmRaised, AlarmSeverity, AlarmState, AlarmWords } from './alarm-cells.tsx';
import { isFiltered, matching } from './alarm-order.ts';
import { FilterBar, useAlarmFilters } from './filters.tsx';
import { type OpenAlarms, useOpenAlarms } from './open-alarms.ts';
import { extended, kept, NOTHING, type Selection, toggled, toggledAll } from './selection.ts';
import { ShelveDialog } from './shelve-dialog.tsx';

/** A row that came this short a time ago is seen to arrive (ms). */
const ARRIVES_MS = 5_000;
const idOf = ({ id }: Alarm) => id;
const isUnacknowledged = ({ status }: Alarm) => status === 'active' || status === 'cleared';

const rowClass = (alarm: Alarm, isSelected: boolean): string =>
  [
    isUnacknowledged(alarm) ? `sev sev--${alarm.severity} is-unacked` : '',
    isSelected ? 'is-selected' : '',
    applianceNow() - Date.parse(alarm.recorded_at) < ARRIVES_MS ? 'is-new' : '',
  ]
    .filter(Boolean)
    .join(' ');

interface Choosing {
  readonly selection: Selection;
  readonly choose: (id: string, isRange: boolean) => void;
}

function columnsOf(choosing: Choosing | undefined, acknowledge: (ids: readonly string[]) => void): Column<Alarm>[] {
  const checks: Column<Alarm>[] =
    choosing === undefined
      ? []
      : [
          {
            id: 'select',
            label: text.selectAll,
            hasHiddenLabel: true,
            class: 'check-col',
            cell: (alarm) => (
              <input
                type="checkbox"
                class="check"
                tabIndex={-1}
                aria-label={text.select(alarm.number)}
                checked={choosing.selection.ids.has(alarm.id)}
                onClick={(event) => choosing.choose(alarm.id, event.shiftKey)}
              />
            ),
          },
        ];
  const acts: Column<Alarm>[] =
    choosing === undefined
      ? []
      : [
          {
            id: 'act',
            label: text.act,
            hasHiddenLabel: true,
            class: 'al__act',
            cell: (alarm) =>
              isUnacknowledged(alarm) && (
                <Button small onClick={() => acknowledge([alarm.id])}>
                  {text.acknowledge}
                </Button>
              ),
          },
        ];
  return [
    ...checks,
    {
      id: 'severity',
      label: text.severity,
      hasHiddenLabel: false,
      class: 'al__sev',
      cell: (alarm) => <AlarmSeverity alarm={alarm} />,
    },
    { id: 'alarm', label: text.alarm, class: 'al__what wide', cell: (alarm) => <AlarmWords alarm={alarm} /> },
    { id: 'state', label: text.state, class: 'al__st', cell: (alarm) => <AlarmState alarm={alarm} /> },
    {
      id: 'raised',
      label: text.raised,
      isNumeric: true,
      class: 'al__at',
      cell: (alarm) => <AlarmRaised alarm={alarm} />,
    },
    ...acts,
  ];
}

/** The devices of some alarms, each once. */
const devicesOf = (alarms: readonly Alarm[]) =>
  [
    ...new Map(alarms.map(({ device_id, device_key }) => [device_id, { id: device_id, key: device_key }])).values(),
  ].sort((one, other) => one.key.localeCompare(other.key, 'en', { numeric: true }));

interface BulkProps {
  readonly order: readonly string[];
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  readonly acknowledging: Acknowledging;
  readonly onShelve: () => void;
}

const Bulk = ({ order, selection, onSelect, acknowledging, onShelve }: BulkProps) => {
  const count = selection.ids.size;
  const isAll = count > 0 && count === order.length;
  const all = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (all.current !== null) all.current.indeterminate = count > 0 && !isAll;
  });
  const ids = [...selection.ids];
  return (
    <div class="al__bulk" role="toolbar" aria-label={text.toolbar} data-some={count > 0 ? '' : undefined}>
      <label class="row">
        <input
          type="checkbox"
          class="check"
          ref={all}
          aria-label={text.selectAll}
          checked={isAll}
          onClick={() => onSelect(toggledAll(selection, order))}
        />
        <b class="strong nowrap" role="status">
          {count > 0 ? text.selected(count) : text.listed(order.length)}
        </b>
      </label>
      {count > 0 && (
        <span class="row al__bulk-acts">
          <Button
            small
            look="primary"
            icon="check"
            busy={acknowledging.isBusy}
            onClick={() => acknowledging.acknowledge(ids)}
          >
            {text.acknowledge}
          </Button>
          <Button small icon="chat" onClick={() => acknowledging.acknowledgeWithNote(ids)}>
            {text.withNote}
          </Button>
          <Button small icon="shelf" onClick={onShelve}>
            {text.shelve}
          </Button>
        </span>
      )}
      <span class="grow" />
      <span class="small muted al__keys">
        {text.keys.map(([key, does]) => (
          <span key={key}>
            <kbd>{key}</kbd> {does}
          </span>
        ))}
      </span>
    </div>
  );
};

const Nothing = ({ filtered }: { filtered: boolean }) =>
  filtered ? (
    <Empty icon="search" title={text.noneFound}>
      {text.noneFoundBody}
    </Empty>
  ) : (
    <Empty
      icon="alarms"
      title={text.noneTitle}
      action={<ButtonLink href="/alarms?tab=history">{text.toHistory}</ButtonLink>}
    >
      {text.noneBody}
    </Empty>
  );

/**
 * Keys work from anywhere on the page, as long as nobody types; those on a row itself are the table's.
 *
 * @param act - with the place of the row in which the focus is, if it is in one
 */
function useKeys(act: (key: string, place: number | undefined) => boolean): void {
  const latest = useRef(act);
  latest.current = act;
  // Before the rows are painted: whoever sees them may press a key at once.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A key that is held acts once.
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : undefined;
      if (target?.closest('input:not([type=checkbox]), textarea, select, dialog, [popover]') != null) return;
      const row = target?.closest<HTMLElement>('tr[data-row]') ?? undefined;
      if ((row !== undefined && row === target) || document.querySelector('dialog[open]') !== null) return;
      const place = row === undefined ? undefined : Number(row.dataset.row);
      if (latest.current(event.key, place)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

const List = ({ open, shown, filtered }: { open: OpenAlarms; shown: readonly Alarm[]; filtered: boolean }) => {
  const { route } = useLocation();
  const mayAct = may('operator');
  const order = useMemo(() => shown.map(idOf), [shown]);
  const [chosen, setChosen] = useState<Selection>(NOTHING);
  // What has gone from the list must not be acted on unseen.
  const selection = useMemo(() => kept(chosen, order), [chosen, order]);
  const [shelving, setShelving] = useState<readonly string[]>();
  const clear = useCallback(() => setChosen(NOTHING), []);
  const acknowledging = useAcknowledging(clear);
  const { acknowledge } = acknowledging;
  const choosing = useMemo(
    () =>
      mayAct
        ? {
            selection,
            choose: (id: string, isRange: boolean) =>
              setChosen(isRange ? extended(selection, order, id) : toggled(selection, id)),
          }
        : undefined,
    [mayAct, selection, order],
  );
  const columns = useMemo(() => columnsOf(choosing, acknowledge), [choosing, acknowledge]);

  /** Acts on what is selected, or else on the row that has the focus. */
  const act = (key: string, focused: string | undefined): boolean => {
    if (!mayAct) return false;
    const ids = selection.ids.size > 0 ? [...selection.ids] : focused === undefined ? [] : [focused];
    if (key === 'Escape' && selection.ids.size > 0) setChosen(NOTHING);
    else if (key === 'a' && ids.length > 0) acknowledge(ids);
    else if (key === 's' && ids.length > 0) setShelving(ids);
    else return false;
    return true;
  };
  const onKey = (event: KeyboardEvent, { id }: Alarm, index: number): boolean => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    // A key that is held goes from row to row, and acts on none but the first.
    if (event.repeat && by === undefined) return false;
    if (mayAct && (event.key === 'x' || event.key === ' ')) {
      setChosen(toggled(selection, id));
      return true;
    }
    const next = order[index + (by ?? 0)];
    if (mayAct && by !== undefined && event.shiftKey && next !== undefined) {
      const from = selection.ids.has(id) ? selection : toggled(selection, id);
      setChosen(extended({ ...from, anchor: from.anchor ?? id }, order, next));
      return false;
    }
    return act(event.key, id);
  };
  useKeys((key, place) => {
    if (key !== 'j' && key !== 'k') return act(key, place === undefined ? undefined : order[place]);
    document.querySelector<HTMLElement>('.al__table tr[tabindex="0"]')?.focus();
    return true;
  });

  // What somebody types in a dialog stays, whatever goes from the list meanwhile.
  return (
    <>
      {shown.length === 0 ? (
        <Nothing filtered={filtered} />
      ) : (
        <>
          {mayAct && (
            <Bulk
              order={order}
              selection={selection}
              onSelect={setChosen}
              acknowledging={acknowledging}
              onShelve={() => setShelving([...selection.ids])}
            />
          )}
          {open.isCut && <Banner>{text.cut(formatCount(open.alarms?.length ?? 0))}</Banner>}
          <Table
            class="table--fixed al__table"
            label={text.title}
            columns={columns}
            rows={shown}
            keyOf={idOf}
            onOpen={({ id }) => route(`/alarms/${id}`)}
            onKey={onKey}
            rowClass={(alarm) => rowClass(alarm, selection.ids.has(alarm.id))}
          />
        </>
      )}
      {acknowledging.dialog}
      {shelving !== undefined && <ShelveDialog ids={shelving} onClose={() => setShelving(undefined)} onDone={clear} />}
    </>
  );
};

/** All that is not cleared or not acknowledged, the worst first. */
export const ActiveTab = () => {
  const open = useOpenAlarms();
  const { filters } = useAlarmFilters();
  const { alarms, error, reload } = open;
  const shown = useMemo(() => (alarms === undefined ? [] : matching(alarms, filters)), [alarms, filters]);
  const devices = useMemo(() => devicesOf(alarms ?? []), [alarms]);
  const filtered = isFiltered(filters);
  return (
    <section class="panel al" aria-label={text.tabs.active}>
      <FilterBar devices={devices} isFiltered={filtered} />
      {alarms === undefined ? (
        <div class="panel__body">
          {error === undefined ? <Skeleton lines={8} height="1.5rem" /> : <Failed error={error} retry={reload} />}
        </div>
      ) : (
        <List open={open} shown={shown} filtered={filtered} />
      )}
    </section>
  );
};
