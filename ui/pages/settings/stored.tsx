import type { FactoryStorage } from '../../api/schema.ts';
import { ButtonLink } from '../../components/button.tsx';
import { Empty } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { formatCount, formatNumber } from '../../format/number.ts';
import { text } from '../../text/storage.ts';
import { dayOf, paceOf, sizeOf } from './sizes.ts';
import type { Storage } from './storage.tsx';

interface StoredRow {
  readonly id: 'recent' | 'raw' | '1m' | '15m';
  readonly bytes: number;
  /** Null: being counted. */
  readonly rows: number | null;
  /** Null where there are none. */
  readonly files: number | null;
  readonly oldest: string | null;
  readonly newest: string | null;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const known = (times: readonly (string | null)[]): string[] => times.filter((one) => one !== null).toSorted();

/** All factories' together. */
function rowsOf({ factories, appliance }: Storage): StoredRow[] {
  const recent = factories.flatMap((one) => one.recent ?? []);
  const levels = (['raw', '1m', '15m'] as const).map((id): StoredRow => {
    const own = factories.flatMap(({ levels: all }) => all.filter(({ level }) => level === id));
    return {
      id,
      bytes: sum(own.map(({ bytes }) => bytes)),
      rows: sum(own.map(({ rows }) => rows)),
      files: sum(own.map(({ segments }) => segments)),
      oldest: known(own.map(({ oldest }) => oldest))[0] ?? null,
      newest: known(own.map(({ newest }) => newest)).at(-1) ?? null,
    };
  });
  const hot: StoredRow = {
    id: 'recent',
    bytes: appliance.recent_bytes,
    rows: factories.some((one) => one.recent === null) ? null : sum(recent.map(({ samples }) => samples)),
    files: null,
    oldest: known(recent.map(({ oldest }) => oldest))[0] ?? null,
    newest: known(recent.map(({ newest }) => newest)).at(-1) ?? null,
  };
  return [hot, ...levels];
}

const COLUMNS: readonly Column<StoredRow>[] = [
  {
    id: 'data',
    label: text.data,
    class: 'wide',
    cell: ({ id }) => (
      <>
        <b class="strong">{text.levels[id].name}</b>
        <span class="sub">{text.levels[id].note}</span>
      </>
    ),
  },
  { id: 'size', label: text.size, isNumeric: true, cell: ({ bytes }) => sizeOf(bytes) },
  {
    id: 'count',
    label: text.count,
    isNumeric: true,
    cell: ({ rows }) => (rows === null ? text.counting : formatCount(rows)),
  },
  {
    id: 'files',
    label: text.files,
    isNumeric: true,
    cell: ({ files }) => (files === null ? text.none : formatCount(files)),
  },
  { id: 'since', label: text.since, isNumeric: true, cell: ({ oldest }) => dayOf(oldest) },
  { id: 'until', label: text.until, isNumeric: true, cell: ({ newest }) => dayOf(newest) },
];

const Compression = ({ storage }: { storage: Storage }) => {
  const sealed = storage.factories.filter(({ bytes_per_sample }) => bytes_per_sample !== null);
  const bytes = sum(sealed.map((one) => one.bytes));
  const samples = sum(sealed.map((one) => one.bytes / (one.bytes_per_sample ?? 1)));
  const words =
    samples === 0
      ? text.noPerSample
      : text.perSample(formatNumber(bytes / samples, 2), formatNumber((samples * 16) / bytes, 1));
  return (
    <span>
      {words} {text.rates(paceOf(storage.appliance.samples_per_second))}
    </span>
  );
};

/** What there is of each kind of data. */
export const StoredTable = ({ storage }: { storage: Storage }) => {
  const rows = rowsOf(storage);
  if (rows.every((row) => row.rows === 0)) {
    return (
      <Panel title={text.kept}>
        <Empty
          icon="disk"
          title={text.nothingYet}
          action={
            <ButtonLink look="primary" href="/connect">
              {text.connect}
            </ButtonLink>
          }
        >
          {text.nothingYetBody}
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title={text.kept} flush foot={<Compression storage={storage} />}>
      <Table label={text.kept} columns={COLUMNS} rows={rows} keyOf={({ id }) => id} class="sto__table" />
    </Panel>
  );
};

const FACTORY_COLUMNS: readonly Column<FactoryStorage>[] = [
  {
    id: 'factory',
    label: text.factory,
    class: 'wide',
    cell: ({ name, slug }) => (
      <>
        <b class="strong">{name}</b>
        <span class="sub mono">{slug}</span>
      </>
    ),
  },
  { id: 'size', label: text.size, isNumeric: true, cell: ({ bytes }) => sizeOf(bytes) },
  { id: 'samples', label: text.samples, isNumeric: true, cell: ({ samples }) => formatCount(samples) },
  {
    id: 'each',
    label: text.bytesPerSample,
    isNumeric: true,
    cell: ({ bytes_per_sample }) => (bytes_per_sample === null ? text.none : formatNumber(bytes_per_sample, 2)),
  },
  {
    id: 'rate',
    label: text.perSecond,
    isNumeric: true,
    cell: ({ samples_per_second }) => (samples_per_second === null ? text.none : paceOf(samples_per_second)),
  },
  {
    id: 'day',
    label: text.perDay,
    isNumeric: true,
    cell: ({ bytes_per_day }) => (bytes_per_day === null ? text.none : sizeOf(bytes_per_day)),
  },
  { id: 'since', label: text.since, isNumeric: true, cell: ({ oldest }) => dayOf(oldest) },
];

/** Whose it is. */
export const FactoriesTable = ({ factories }: { factories: readonly FactoryStorage[] }) => (
  <Panel title={text.factories} flush>
    <Table
      label={text.factories}
      columns={FACTORY_COLUMNS}
      rows={factories}
      keyOf={({ id }) => id}
      class="sto__table"
    />
  </Panel>
);
