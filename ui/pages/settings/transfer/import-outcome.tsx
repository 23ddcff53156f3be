import type { Import, ImportOptions } from '../../../api/schema.ts';
import { Button, ButtonLink } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Progress } from '../../../components/progress.tsx';
import { SeverityChip } from '../../../components/severity.tsx';
import { formatCount } from '../../../format/number.ts';
import { text } from '../../../text/transfer.ts';
import { withSelection } from '../../trends/selection.ts';
import { sizeOf } from '../sizes.ts';
import { momentOfFile } from './preview.tsx';
import { inWords } from './wording.ts';

/** Samples that are being stored. */
export const Running = ({ job }: { job: Import }) => (
  <Panel title={text.running}>
    <div class="stack stack--tight">
      <Progress
        label={text.running}
        detail={text.uploadOf(sizeOf(job.done_bytes), sizeOf(job.size_bytes))}
        done={job.done_bytes}
        all={job.size_bytes}
      />
      <p class="small soft">
        {text.stored(formatCount(job.samples))} {text.runningNote}
      </p>
    </div>
  </Panel>
);

/** Series in the chart that an import leads to. */
const MAX_SHOWN = 4;

/** The charts of what has been imported: its first series, over all of its time. */
function trendsOf({ preview }: Import): string | undefined {
  if (preview === null || preview.from === null || preview.to === null) return undefined;
  const { from, to, series } = preview;
  const end = new Date(Math.max(Date.parse(to), Date.parse(from) + 1_000)).toISOString();
  const time = `?${new URLSearchParams({ from, to: end })}`;
  const shown = series.slice(0, MAX_SHOWN).map(({ device, parameter }) => ({ deviceKey: device, parameter }));
  return `/trends${withSelection(time, shown)}`;
}

/** All is stored. */
export const Done = ({ job }: { job: Import }) => {
  const { preview } = job;
  const trends = trendsOf(job);
  return (
    <Panel title={text.states.done}>
      <div class="stack">
        <div role="status">
          <p class="row strong">
            <Icon name="check" />
            {text.doneTitle(job.samples)}
          </p>
          <p class="small soft">
            {preview !== null && text.doneBody(momentOfFile(preview.from), momentOfFile(preview.to))}{' '}
            {job.skip_faulty && preview !== null && text.leftOut(preview.faults_count)}
          </p>
        </div>
        <div class="row row--wrap">
          {trends !== undefined && (
            <ButtonLink look="primary" icon="trends" href={trends}>
              {text.see}
            </ButtonLink>
          )}
          <ButtonLink href="/settings/transfer">{text.another}</ButtonLink>
        </div>
      </div>
    </Panel>
  );
};

/** Why it has failed, what is stored, and what to do. */
export const FailedImport = ({ job, onOptions }: { job: Import; onOptions: (options: ImportOptions) => void }) => {
  const { error, samples, preview, options } = job;
  const isReading = preview === null && samples === 0;
  const remedy = samples > 0 ? text.failedSome(formatCount(samples)) : text.failedNone;
  return (
    <Panel title={isReading ? text.failedReading : text.failedImport}>
      <div class="stack stack--tight" role="alert">
        <p>
          <SeverityChip severity="medium">{text.states.failed}</SeverityChip>
        </p>
        <p>{inWords(error ?? '')}</p>
        <p class="small soft">{isReading ? text.failedReadingBody : remedy}</p>
      </div>
      {!isReading && (
        <p class="tf__do">
          {samples === 0 ? (
            <Button onClick={() => onOptions(options)}>{text.tryAgain}</Button>
          ) : (
            <ButtonLink href="/settings/transfer">{text.another}</ButtonLink>
          )}
        </p>
      )}
    </Panel>
  );
};
