import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Alarm } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Download } from '../../components/download.tsx';
import { Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Field } from '../../components/field.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { useQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { timezone } from '../../state/session.ts';
import { onStream } from '../../state/stream.ts';
import { text } from '../../text/alarms.ts';
import { AlarmSeverity, AlarmState, AlarmWords, momentWords } from './alarm-cells.tsx';
import { isFiltered } from './alarm-order.ts';
import { dayAt } from './days.ts';
import { FilterBar, useAlarmFilters } from './filters.tsx';
import { type HistoryQuery, usePastAlarms } from './past-alarms.ts';

/** What stands in the address of the page, as the API takes it. */
function useHistoryQuery(): { readonly query: HistoryQuery; readonly from: string; readonly to: string } {
  const { values } = useQuery();
  const { filters } = useAlarmFilters();
  const { from = '', to = '' } = values;
  const zone = timezone.value;
  const query = useMemo(
    () => ({
      q: filters.q.trim().slice(0, 100),
      severity: filters.severities.join(','),
      device_id: filters.device,
      from: dayAt(from, 0, zone) ?? '',
      to: dayAt(to, 1, zone) ?? '',
    }),
    [filters, from, to, zone],
  );
  return { query, from, to };
}

function csvAddress(query: HistoryQuery): string {
  const search = new URLSearchParams({ ...query, format: 'csv' });
  for (const [name, value] of [...search]) if (value === '') search.delete(name);
  return `/api/v1/alerts?${search}`;
}

const lastedWords = ({ raised_at, cleared_at }: Alarm): string =>
  cleared_at === null ? text.stands : formatDuration(Date.parse(cleared_at) - Date.parse(raised_at));

const COLUMNS: readonly Column<Alarm>[] = [
  {
    id: 'number',
    label: '#',
    class: 'al__no muted',
    cell: ({ number }) => text.number(number),
  },
  { id: 'severity', label: text.severity, class: 'al__sev', cell: (alarm) => <AlarmSeverity alarm={alarm} /> },
  { id: 'alarm', label: text.alarm, class: 'al__what wide', cell: (alarm) => <AlarmWords alarm={alarm} /> },
  { id: 'state', label: text.state, class: 'al__st', cell: (alarm) => <AlarmState alarm={alarm} /> },
  {
    id: 'raised',
    label: text.raised,
    isNumeric: true,
    class: 'al__at',
    cell: ({ raised_at }) => <span class="nowrap">{momentWords(Date.parse(raised_at))}</span>,
  },
  {
    id: 'lasted',
    label: text.lasted,
    isNumeric: true,
    class: 'al__last',
    cell: (alarm) => <span class="nowrap">{lastedWords(alarm)}</span>,
  },
];

/** Alarms of which something was heard since the list was read. */
function useChangedSince(alarms: readonly Alarm[] | undefined): number {
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  useLayoutEffect(() => {
    setChanged(new Set());
    return onStream('alarm', ({ id }) => setChanged((before) => (before.has(id) ? before : new Set([...before, id]))));
  }, [alarms]);
  return changed.size;
}

const Days = ({ from, to }: { from: string; to: string }) => {
  const { set } = useQuery();
  return (
    <>
      <Field label={text.from}>
        <input
          class="input"
          type="date"
          value={from}
          max={to}
          onChange={(event) => set({ from: event.currentTarget.value }, { replace: true })}
        />
      </Field>
      <Field label={text.to}>
        <input
          class="input"
          type="date"
          value={to}
          min={from}
          onChange={(event) => set({ to: event.currentTarget.value }, { replace: true })}
        />
      </Field>
    </>
  );
};

/** All alarms that there were, to be searched and taken away. */
export const HistoryTab = () => {
  const { route } = useLocation();
  const { filters } = useAlarmFilters();
  const { query, from, to } = useHistoryQuery();
  const { items: alarms, error, isLoading, hasMore, older, again } = usePastAlarms(query);
  const changed = useChangedSince(alarms);
  const devices = useResource('devices with alarms', (signal) =>
    everyPage((page) => call('GET /devices', { query: page, signal })),
  );
  const filtered = isFiltered(filters) || from !== '' || to !== '';
  const count = formatCount(alarms?.length ?? 0);
  return (
    <section class="panel al" aria-label={text.tabs.history}>
      <FilterBar devices={devices.data ?? []} isFiltered={filtered} more={['from', 'to']}>
        <Days from={from} to={to} />
      </FilterBar>
      {changed > 0 && (
        <div class="al__news" role="status">
          <span>{text.newOnes(changed)}</span>
          <Button small icon="restore" onClick={again}>
            {text.refresh}
          </Button>
        </div>
      )}
      {alarms === undefined && (
        <div class="panel__body">
          {error === undefined ? <Skeleton lines={8} height="1.5rem" /> : <Failed error={error} retry={again} />}
        </div>
      )}
      {alarms?.length === 0 && !isLoading && (
        <Empty icon={filtered ? 'search' : 'alarms'} title={filtered ? text.noneFound : text.historyNone}>
          {filtered ? text.noneFoundBody : text.noneEver}
        </Empty>
      )}
      {alarms !== undefined && alarms.length > 0 && (
        <Table
          class="table--fixed al__table al__table--past"
          label={text.tabs.history}
          columns={COLUMNS}
          rows={alarms}
          keyOf={({ id }) => id}
          onOpen={({ id }) => route(`/alarms/${id}`)}
        />
      )}
      {alarms !== undefined && (
        <div class="panel__foot row row--between row--wrap">
          <span class="row">
            <span role="status">
              {isLoading ? text.looking : hasMore ? text.shownSoFar(count) : text.allShown(count)}
            </span>
            {hasMore && (
              <Button small busy={isLoading} onClick={older}>
                {text.older}
              </Button>
            )}
          </span>
          {alarms.length > 0 && <Download label={text.csv} href={csvAddress(query)} />}
        </div>
      )}
      {alarms !== undefined && error !== undefined && <Failed error={error} retry={again} />}
    </section>
  );
};
