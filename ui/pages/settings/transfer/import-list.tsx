import { useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { ImportItem } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Failed, Skeleton } from '../../../components/feedback.tsx';
import { Panel } from '../../../components/panel.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { formatCount } from '../../../format/number.ts';
import type { Resource } from '../../../state/resource.ts';
import { text } from '../../../text/transfer.ts';
import { momentOf, sizeOf } from '../sizes.ts';
import { ImportState } from './import-state.tsx';
import { RemoveImport } from './remove-import.tsx';

export type Imports = Resource<readonly ImportItem[]>;

/** The page of an import. */
export const addressOf = (id: string): string => `/settings/transfer/${id}`;

const columnsWith = (onRemove: (job: ImportItem) => void): Column<ImportItem>[] => [
  {
    id: 'file',
    label: text.file,
    class: 'wide tf__name',
    cell: (job) => <a href={addressOf(job.id)}>{job.file_name}</a>,
  },
  { id: 'state', label: text.state, cell: (job) => <ImportState job={job} /> },
  { id: 'size', label: text.size, isNumeric: true, cell: ({ size_bytes }) => sizeOf(size_bytes) },
  {
    id: 'samples',
    label: text.samples,
    isNumeric: true,
    cell: ({ samples }) => (samples === 0 ? text.none : formatCount(samples)),
  },
  { id: 'when', label: text.when, cell: ({ updated_at }) => momentOf(updated_at) },
  { id: 'by', label: text.by, class: 'tf__by', cell: ({ created_by }) => created_by },
  {
    id: 'remove',
    label: text.remove(''),
    hasHiddenLabel: true,
    class: 'tf__remove',
    cell: (job) => (
      <Button small look="quiet" icon="trash" label={text.remove(job.file_name)} onClick={() => onRemove(job)} />
    ),
  },
];

/** What has been imported, or is on its way. */
export const ImportList = ({ imports: { data, error, reload } }: { imports: Imports }) => {
  const { route } = useLocation();
  const [asked, setAsked] = useState<ImportItem>();
  const columns = useMemo(() => columnsWith(setAsked), []);
  return (
    <Panel title={text.imports} flush>
      {data === undefined && (
        <div class="panel__body">{error === undefined ? <Skeleton /> : <Failed error={error} retry={reload} />}</div>
      )}
      {data?.length === 0 && <p class="panel__body small soft">{text.noImports}</p>}
      {data !== undefined && data.length > 0 && (
        <Table
          class="tf__imports"
          label={text.imports}
          columns={columns}
          rows={data}
          keyOf={({ id }) => id}
          onOpen={({ id }) => route(addressOf(id))}
        />
      )}
      {asked !== undefined && <RemoveImport job={asked} onClose={() => setAsked(undefined)} onRemoved={reload} />}
    </Panel>
  );
};
