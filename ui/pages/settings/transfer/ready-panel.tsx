import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import type { Import, ImportOptions, ImportPreview } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Panel } from '../../../components/panel.tsx';
import { text } from '../../../text/transfer.ts';
import { Counts, Faults, Suspicions } from './preview.tsx';
import { inWords } from './wording.ts';

interface ReadyProps {
  readonly job: Import;
  readonly preview: ImportPreview;
  readonly onJob: (job: Import) => void;
  readonly onOptions: (options: ImportOptions) => void;
}

const LeaveOut = ({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) => (
  <label class="row tf__leave">
    <input type="checkbox" class="check" checked={isOn} onChange={() => onChange(!isOn)} />
    <span>
      {text.leaveOut} <span class="small muted">{text.leaveOutHint}</span>
    </span>
  </label>
);

/** What would be imported, what is odd about it, and the button that does it. */
export const ReadyPanel = ({ job, preview, onJob, onOptions }: ReadyProps) => {
  const [leavesOut, setLeavesOut] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const status = useRef<HTMLParagraphElement>(null);
  const isReading = job.state === 'examining';
  useEffect(() => setFault(undefined), [preview]);
  const hasFaults = preview.faults_count > 0;
  const start = () => {
    if (hasFaults && !leavesOut) return setFault(text.mustLeaveOut);
    setBusy(true);
    setFault(undefined);
    call('POST /imports/{id}/start', { path: { id: job.id }, body: { skip_faulty: leavesOut && hasFaults } })
      .then(onJob, (error: Error) => setFault(inWords(error.message)))
      .finally(() => setBusy(false));
  };
  const remedy = (options: ImportOptions) => {
    // The button goes with its warning: the focus must not fall to the top of the page.
    status.current?.focus();
    onOptions(options);
  };
  return (
    <Panel title={text.wouldTitle} class={isReading ? 'tf__reading' : ''}>
      <div class="stack">
        <p class="small soft tf__state" role="status" tabIndex={-1} ref={status} aria-busy={isReading}>
          {isReading ? text.examiningAnew : text.readWhole}
        </p>
        <Suspicions job={{ ...job, preview }} onOptions={remedy} />
        <Counts preview={preview} />
        {hasFaults && <Faults preview={preview} />}
        {hasFaults && preview.samples > 0 && <LeaveOut isOn={leavesOut} onChange={setLeavesOut} />}
        <div class="tf__do">
          {preview.samples > 0 ? (
            <Button look="primary" busy={isBusy} disabled={isReading} onClick={start}>
              {text.start(preview.samples)}
            </Button>
          ) : (
            <p class="small">{text.nothing}</p>
          )}
          {fault !== undefined && (
            <p class="field__error" role="alert">
              <Icon name="warning" />
              {fault}
            </p>
          )}
        </div>
      </div>
    </Panel>
  );
};
