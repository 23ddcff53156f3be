import { useState } from 'preact/hooks';
import type { Import } from '../../../api/schema.ts';
import { Icon } from '../../../components/icon.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Progress } from '../../../components/progress.tsx';
import { text } from '../../../text/transfer.ts';
import { sizeOf } from '../sizes.ts';
import { FileDrop } from './file-drop.tsx';
import { resumeUpload, type Upload, uploads } from './upload.ts';

const Sending = ({ upload }: { upload: Upload }) => (
  <>
    <Progress
      label={text.states.uploading}
      detail={text.uploadOf(sizeOf(upload.sentBytes), sizeOf(upload.sizeBytes))}
      done={upload.sentBytes}
      all={upload.sizeBytes}
    />
    <p class="small soft tf__state" role="status">
      {upload.state === 'waiting' ? text.waiting : text.uploadNote}
    </p>
  </>
);

/** A file on its way: sent by this window, or cut off, to be gone on with. */
export const Uploading = ({ job }: { job: Import }) => {
  const upload = uploads.value.get(job.id);
  const [fault, setFault] = useState<string>();
  const isSending = upload !== undefined && upload.state !== 'stopped';
  const reason = fault ?? (upload?.state === 'stopped' ? upload.reason : undefined);
  return (
    <Panel title={isSending ? text.states.uploading : text.interrupted}>
      <div class="stack stack--tight">
        {isSending && <Sending upload={upload} />}
        {!isSending && (
          <>
            <p class="small soft">
              {text.halfWay(sizeOf(job.size_bytes))} {text.halfWayBody}
            </p>
            <FileDrop label={text.chooseAgain(job.file_name)} onFile={(file) => setFault(resumeUpload(job, file))} />
          </>
        )}
        {!isSending && reason !== undefined && (
          <p class="field__error" role="alert">
            <Icon name="warning" />
            {reason}
          </p>
        )}
      </div>
    </Panel>
  );
};
