import { useMemo } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import type { Import, ImportOptions, ImportPreview } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Panel } from '../../../components/panel.tsx';
import { type Column, Table } from '../../../components/table.tsx';
import { formatCount } from '../../../format/number.ts';
import { formatTime } from '../../../format/time.ts';
import { beginAnew, timezone } from '../../../state/session.ts';
import { text } from '../../../text/transfer.ts';
import { inWords } from './wording.ts';

/** Comes with the pages that draw charts, which most have loaded by then. */
const PreviewChart = lazy(() => import('../../with-charts.ts').then((charts) => charts.PreviewChart, beginAnew));

export const momentOfFile = (iso: string | null): string =>
  iso === null ? text.none : formatTime(Date.parse(iso), 'date_time', timezone.value);

type Suspicion = ImportPreview['suspicions'][number];

const SuspicionBanner = ({
  suspicion,
  onRemedy,
}: {
  suspicion: Suspicion;
  onRemedy: (remedy: ImportOptions) => void;
}) => {
  const { kind, count, message, remedy } = suspicion;
  return (
    <li class="banner sev sev--medium">
      <Icon name="warning" />
      <p>
        <b class="strong">{text.suspicions[kind]?.(count) ?? text.other}.</b> {inWords(message)}{' '}
        {remedy?.midnight !== undefined && text.endsDay}
      </p>
      {remedy !== null && (
        <Button onClick={() => onRemedy(remedy)}>
          {remedy.midnight === undefined ? text.remedyOther : text.remedy}
        </Button>
      )}
    </li>
  );
};

/** What can be imported, and may still be wrong; each with the one step that mends it, where there is one. */
export const Suspicions = ({ job, onOptions }: { job: Import; onOptions: (options: ImportOptions) => void }) => {
  const suspicions = job.preview?.suspicions ?? [];
  if (suspicions.length === 0) return null;
  return (
    <ul class="stack stack--tight" aria-label={text.looks}>
      {suspicions.map((suspicion) => (
        <SuspicionBanner
          key={suspicion.kind}
          suspicion={suspicion}
          onRemedy={(remedy) => onOptions({ ...job.options, ...remedy })}
        />
      ))}
    </ul>
  );
};

/** How much would be stored, of what. */
export const Counts = ({ preview }: { preview: ImportPreview }) => (
  <dl class="kv">
    <dt>{text.samples}</dt>
    <dd>
      <b class="strong">{formatCount(preview.samples)}</b>
    </dd>
    <dt>{text.lines}</dt>
    <dd>{formatCount(preview.rows)}</dd>
    <dt>{text.devices}</dt>
    <dd>{text.ofSeries(preview.devices, preview.new_devices)}</dd>
    <dt>{text.series}</dt>
    <dd>{text.ofSeries(preview.series_count, preview.new_series)}</dd>
    <dt>{text.span}</dt>
    <dd>
      {momentOfFile(preview.from)} – {momentOfFile(preview.to)}
    </dd>
  </dl>
);

/** The first lines that cannot be read, and why. */
export const Faults = ({ preview: { faults, faults_count } }: { preview: ImportPreview }) => (
  <div class="stack stack--tight">
    <p class="small">
      <b class="strong">{text.faults(faults_count)}</b>
    </p>
    <ul class="tf__faults small" aria-label={text.faultsLabel}>
      {faults.map(({ line, message }) => (
        <li key={`${line} ${message}`}>
          <b class="strong nowrap">{text.line(line)}</b> <span>{inWords(message)}</span>
        </li>
      ))}
      {faults_count > faults.length && <li class="muted">{text.faultsMore(faults_count - faults.length)}</li>}
    </ul>
  </div>
);

export const ChartPanel = ({ preview }: { preview: ImportPreview }) => (
  <Panel title={text.chart} side={<span class="panel__note">{text.chartNote}</span>}>
    <div class="tf__chartroom">
      {preview.chart.length === 0 ? <p class="small soft">{text.noChart}</p> : <PreviewChart chart={preview.chart} />}
    </div>
  </Panel>
);

/** The first lines as they were cut up. It scrolls by itself: files are wide. */
export const FirstLines = ({ preview: { columns, first_rows } }: { preview: ImportPreview }) => {
  const width = Math.max(0, ...first_rows.map(({ length }) => length));
  return (
    <Panel title={text.firstLines} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="table-wrap tf__lines" tabIndex={0} aria-label={text.firstLines}>
        <table class="table">
          <thead>
            <tr>
              {columns.slice(0, width).map((column, place) => (
                <th key={place} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody class="mono">
            {first_rows.map((cells, line) => (
              <tr key={line}>
                {cells.map((cell, place) => (
                  <td key={place}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
};

type Series = ImportPreview['series'][number];

const SERIES_COLUMNS: readonly Column<Series>[] = [
  { id: 'parameter', label: text.parameter, class: 'wide tf__name', cell: ({ parameter }) => parameter },
  { id: 'device', label: text.device, cell: ({ device }) => device },
  { id: 'kind', label: text.kind, cell: ({ kind }) => text.kinds[kind] },
  { id: 'unit', label: text.unit, cell: ({ unit }) => unit ?? text.none },
  { id: 'new', label: text.state, cell: ({ is_new }) => (is_new ? text.isNew : text.isKnown) },
  { id: 'samples', label: text.samples, isNumeric: true, cell: ({ samples }) => formatCount(samples) },
];

/** What each series of the file would be. */
export const SeriesTable = ({ preview: { series, series_count } }: { preview: ImportPreview }) => {
  const note = useMemo(
    () => (series_count > series.length ? text.listed(series.length, series_count) : undefined),
    [series, series_count],
  );
  return (
    <Panel title={text.series} flush side={note && <span class="panel__note">{note}</span>}>
      <Table
        label={text.series}
        columns={SERIES_COLUMNS}
        rows={series}
        keyOf={({ device, parameter }) => `${device}\n${parameter}`}
      />
    </Panel>
  );
};
