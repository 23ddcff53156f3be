import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { call } from '../../../api/client.ts';
import type { Import, ImportOptions, ImportPreview } from '../../../api/schema.ts';
import { Button, ButtonLink } from '../../../components/button.tsx';
import { Empty, Failed, Skeleton } from '../../../components/feedback.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Steps } from '../../../components/steps.tsx';
import { useResource } from '../../../state/resource.ts';
import { may } from '../../../state/session.ts';
import { toastError } from '../../../state/toasts.ts';
import { text as common } from '../../../text/common.ts';
import { text } from '../../../text/transfer.ts';
import { Done, FailedImport, Running } from './import-outcome.tsx';
import { OptionFields } from './option-fields.tsx';
import { ChartPanel, FirstLines, SeriesTable } from './preview.tsx';
import { ReadyPanel } from './ready-panel.tsx';
import { RemoveImport } from './remove-import.tsx';
import { uploads } from './upload.ts';
import { Uploading } from './uploading.tsx';

const HOME = '/settings/transfer';
const EVERY_MS = 1_000;

const stepOf = ({ state, samples, preview }: Import): number => {
  if (state === 'uploading') return 0;
  if (state === 'running') return 2;
  if (state === 'done') return 3;
  return state === 'failed' && (samples > 0 || preview !== null) ? 2 : 1;
};

interface BodyProps {
  readonly job: Import;
  /** The last one that there was: what is shown while the file is read anew. */
  readonly preview: ImportPreview | undefined;
  readonly onJob: (job: Import) => void;
  readonly onOptions: (options: ImportOptions) => void;
}

/** What the file says, and how it is read: while that can still be changed. */
const Check = ({ job, preview, onJob, onOptions }: BodyProps) => {
  const isReading = job.state === 'examining';
  return (
    <>
      {job.state === 'failed' && <FailedImport job={job} onOptions={onOptions} />}
      {preview !== undefined && job.state !== 'failed' && (
        <ReadyPanel job={job} preview={preview} onJob={onJob} onOptions={onOptions} />
      )}
      {preview === undefined && isReading && (
        <Panel title={text.wouldTitle}>
          <p class="small soft tf__state" role="status">
            {text.examining}
          </p>
          <Skeleton lines={5} height="1rem" />
        </Panel>
      )}
      {preview !== undefined && job.state !== 'failed' && <ChartPanel preview={preview} />}
      {(preview !== undefined || job.state === 'failed') && (
        <OptionFields options={job.options} preview={preview} onOptions={onOptions} />
      )}
      {preview !== undefined && job.state !== 'failed' && (
        <>
          <FirstLines preview={preview} />
          <SeriesTable preview={preview} />
        </>
      )}
    </>
  );
};

const Body = (props: BodyProps) => {
  const { job } = props;
  const { state, samples } = job;
  if (state === 'uploading') return <Uploading job={job} />;
  if (state === 'running') return <Running job={job} />;
  if (state === 'done') return <Done job={job} />;
  if (state === 'failed' && (samples > 0 || job.preview !== null)) {
    return <FailedImport job={job} onOptions={props.onOptions} />;
  }
  return <Check {...props} />;
};

/** Examines, shows and imports one file. */
const Loaded = ({ id }: { id: string }) => {
  const { route } = useLocation();
  const [isLive, setLive] = useState(true);
  const [isRemoving, setRemoving] = useState(false);
  const { data, error, reload, set } = useResource(
    `import ${id}`,
    (signal) => call('GET /imports/{id}', { path: { id }, signal }),
    isLive ? { everyMs: EVERY_MS } : {},
  );
  useEffect(() => setLive(data === undefined || !['ready', 'done', 'failed'].includes(data.state)), [data?.state]);
  // What the last part was answered is older than what came of it.
  const sendingState = uploads.value.get(id)?.state;
  useEffect(reload, [sendingState]);
  const last = useRef<ImportPreview | undefined>(undefined);
  if (data?.preview) last.current = data.preview;
  const say = useCallback(
    (options: ImportOptions) => {
      call('PATCH /imports/{id}', { path: { id }, body: { options } }).then(set, toastError);
    },
    [id, set],
  );
  const crumbs = [[text.backToAll, HOME]] as const;
  if (data === undefined && error?.status === 404) {
    return (
      <Page title={text.goneTitle} crumbs={crumbs}>
        <Empty icon="search" title={text.goneTitle} action={<ButtonLink href={HOME}>{text.backToAll}</ButtonLink>}>
          {text.goneBody}
        </Empty>
      </Page>
    );
  }
  const isUnderWay = data?.state === 'running' || data?.state === 'uploading' || data?.state === 'examining';
  const actions = data !== undefined && (
    <Button icon={isUnderWay ? 'close' : 'trash'} onClick={() => setRemoving(true)}>
      {isUnderWay ? text.cancelEllipsis : `${common.remove}…`}
    </Button>
  );
  return (
    <Page title={data?.file_name ?? text.import} crumbs={crumbs} actions={actions}>
      <div class="stack tf">
        {data !== undefined && (
          <>
            <Steps label={text.stepsLabel} steps={text.steps} current={stepOf(data)} />
            <Body job={data} preview={data.preview ?? last.current} onJob={set} onOptions={say} />
          </>
        )}
        {data === undefined && error !== undefined && <Failed error={error} retry={reload} />}
        {data === undefined && error === undefined && <Skeleton lines={6} height="1.5rem" />}
      </div>
      {isRemoving && data !== undefined && (
        <RemoveImport job={data} onClose={() => setRemoving(false)} onRemoved={() => route(HOME)} />
      )}
    </Page>
  );
};

/** One import: its upload, what the file says, and how far it is. */
export const ImportPage = () => {
  const { id = '' } = useRoute().params;
  return may('admin') ? (
    <Loaded key={id} id={id} />
  ) : (
    <Page title={text.import}>
      <Empty icon="disk" title={text.onlyAdmins}>
        {text.onlyAdminsBody}
      </Empty>
    </Page>
  );
};
