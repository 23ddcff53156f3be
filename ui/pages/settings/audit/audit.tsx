import { useMemo, useState } from 'preact/hooks';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Download } from '../../../components/download.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { formatCount } from '../../../format/number.ts';
import { formatTime } from '../../../format/time.ts';
import { isOwner, may, timezone } from '../../../state/session.ts';
import { text } from '../../../text/audit.ts';
import { text as common } from '../../../text/common.ts';
import { guarded, SettingsPage } from '../settings-page.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { FilterBar, type Filters, isFiltered, queryOf, useFilters } from './filters.tsx';
import { useEntries } from './use-entries.ts';
import { Whole } from './whole.tsx';
import { actionWords, actorWords, type Entry, kindWord } from './wording.ts';

const Who = ({ entry }: { entry: Entry }) => {
  const { name, note } = actorWords(entry);
  return (
    <>
      {name}
      {note !== '' && <span class="sub">{note}</span>}
    </>
  );
};

const columnsWith = (isWide: boolean, open: (entry: Entry) => void): readonly Column<Entry>[] => [
  {
    id: 'when',
    label: text.when,
    class: 'nowrap aud__when',
    cell: ({ at }) => formatTime(Date.parse(at), 'date_time', timezone.value),
  },
  { id: 'who', label: text.who, class: 'set__who', cell: (entry) => <Who entry={entry} /> },
  {
    id: 'what',
    label: text.what,
    class: 'wide set__who',
    cell: ({ action, target }) => (
      <>
        <b class="strong">{actionWords(action)}</b>
        <span class="sub">{target.name || target.id || kindWord(target.kind)}</span>
      </>
    ),
  },
  ...(isWide
    ? [
        {
          id: 'factory',
          label: text.factory,
          class: 'set__who',
          cell: (entry: Entry) =>
            'seq' in entry && entry.factory !== null ? entry.factory : <span class="muted">{text.noFactory}</span>,
        },
      ]
    : []),
  {
    id: 'where',
    label: text.where,
    class: 'set__who',
    cell: ({ address }) => (address === '' ? <span class="muted">–</span> : <span class="mono small">{address}</span>),
  },
  {
    id: 'open',
    label: text.details,
    hasHiddenLabel: true,
    class: 'set__actions',
    cell: (entry) => (
      <Button
        small
        look="quiet"
        icon="right"
        label={text.openOf(actionWords(entry.action), entry.target.name)}
        onClick={() => open(entry)}
      />
    ),
  },
];

function addressOf(filters: Filters, format: 'csv' | 'json'): string {
  const query = new URLSearchParams({ ...queryOf(filters), format });
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  return `/api/v1/audit/${filters.isWide ? 'appliance/export' : 'export'}?${query}`;
}

const ExportDialog = ({ filters, onClose }: { filters: Filters; onClose: () => void }) => (
  <Dialog title={text.exportTitle} onClose={onClose} foot={<Button onClick={onClose}>{common.close}</Button>}>
    <p class="soft">{text.exportBody}</p>
    <Download label={text.csv} href={addressOf(filters, 'csv')} />
    <Download label={text.json} href={addressOf(filters, 'json')} />
  </Dialog>
);

const Nothing = ({ filters }: { filters: Filters }) =>
  isFiltered(filters) ? (
    <Empty icon="search" title={text.noneFound}>
      {text.noneFoundBody}
    </Empty>
  ) : (
    <Empty icon="book" title={text.noneTitle}>
      {text.noneBody}
    </Empty>
  );

const Entries = ({ filters }: { filters: Filters }) => {
  const { items: entries, error, isLoading, hasMore, older, again: retry } = useEntries(filters);
  const [opened, setOpened] = useState<Entry>();
  const columns = useMemo(() => columnsWith(filters.isWide, setOpened), [filters.isWide]);
  if (entries === undefined) {
    return (
      <div class="panel__body">
        {error === undefined ? <Skeleton lines={8} /> : <Failed error={error} retry={retry} />}
      </div>
    );
  }
  const count = formatCount(entries.length);
  return (
    <>
      {entries.length === 0 && !isLoading && <Nothing filters={filters} />}
      {entries.length > 0 && (
        <Table
          class="set__table aud__table"
          label={text.entries}
          columns={columns}
          rows={entries}
          keyOf={({ id }) => id}
          onOpen={setOpened}
        />
      )}
      <div class="panel__foot row row--between row--wrap" role="status">
        <span>{isLoading ? text.looking : hasMore ? text.shown(count) : text.noMore(count)}</span>
        {hasMore && (
          <Button small busy={isLoading} onClick={older}>
            {text.older}
          </Button>
        )}
      </div>
      {error !== undefined && <Failed error={error} retry={retry} />}
      {opened !== undefined && <EntryDialog entry={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
};

const Audit = () => {
  const { filters, set } = useFilters();
  const [isExporting, setExporting] = useState(false);
  // Who is in no factory, or no admin of it, and owns the appliance sees all of it alone.
  const mayChoose = isOwner.value && may('admin');
  const shown = { ...filters, isWide: isOwner.value && (filters.isWide || !mayChoose) };
  return (
    <SettingsPage
      part="audit"
      isWide={shown.isWide}
      actions={
        <Button icon="download" onClick={() => setExporting(true)}>
          {text.exportIt}
        </Button>
      }
    >
      <Panel
        title={text.entries}
        flush
        side={
          mayChoose && (
            <Segmented
              small
              label={text.scope}
              current={shown.isWide ? 'all' : 'factory'}
              choices={[
                ['factory', text.ofFactory],
                ['all', text.ofAppliance],
              ]}
              onChoose={(id) => set({ scope: id === 'all' ? 'all' : undefined })}
            />
          )
        }
      >
        <FilterBar />
        <Entries filters={shown} />
      </Panel>
      {isOwner.value && <Whole />}
      {isExporting && <ExportDialog filters={shown} onClose={() => setExporting(false)} />}
    </SettingsPage>
  );
};

/** Settings, Audit: who did what, when and from where, in the factory or on the whole appliance. */
export const AuditSettings = guarded('audit', Audit);
