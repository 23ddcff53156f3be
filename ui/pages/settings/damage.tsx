import { useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Progress } from '../../components/progress.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatCount } from '../../format/number.ts';
import { sentence } from '../../format/sentence.ts';
import { formatDuration } from '../../format/time.ts';
import { now } from '../../state/clock.ts';
import { isOwner } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/storage.ts';
import { momentOf, sizeOf } from './sizes.ts';
import type { Storage } from './storage.tsx';

type Quarantined = Storage['quarantined'][number];
type Verification = NonNullable<Storage['verification']>;

const Running = ({ verification: { bytes, total_bytes } }: { verification: Verification }) => (
  <Progress
    label={text.progress}
    detail={text.verifying(sizeOf(bytes), sizeOf(total_bytes))}
    done={bytes}
    all={total_bytes}
  />
);

function agoOf(iso: string | null): string {
  const span = now.value - Date.parse(iso ?? '');
  return span < 60_000 ? common.justNow : common.ago(formatDuration(span));
}

const Outcome = ({ verification }: { verification: Verification }) => {
  const { state, files, damaged, returned, finished_at, reason } = verification;
  if (state === 'failed') return <>{text.verifyFailed(reason ?? '')}</>;
  const when = agoOf(finished_at);
  return (
    <>
      {damaged === 0 ? text.verified(files, when) : text.verifiedDamaged(files, damaged, when)}{' '}
      {returned > 0 && text.returned(returned)}
    </>
  );
};

const DamagedFile = ({ file }: { file: Quarantined }) => (
  <li>
    <div class="row row--between row--wrap">
      <b class="strong">
        {momentOf(file.from)} – {momentOf(file.to)}
      </b>
      <span class="muted small">
        {text.fileOf(file.level, formatCount(file.samples))}, {sizeOf(file.bytes)}
      </span>
    </div>
    <p class="small">
      {sentence(file.reason)}{' '}
      <span class="soft">
        ({text.out(momentOf(file.quarantined_at))}
        {file.level !== 'raw' && `; ${text.rollupNote}`})
      </span>
    </p>
    <code class="mono small sto__file">{file.file}</code>
  </li>
);

const Damaged = ({ files }: { files: readonly Quarantined[] }) => (
  <>
    <div class="panel__body stack stack--tight">
      <p>
        <SeverityChip severity="high">{text.damagedTitle(files.length)}</SeverityChip>
      </p>
      <p class="soft sto__words">{text.damagedBody}</p>
      <ol class="sto__steps" aria-label={text.remediesLabel}>
        {text.remedies.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
    <ul class="list sto__files">
      {files.map((file) => (
        <DamagedFile key={file.id} file={file} />
      ))}
    </ul>
  </>
);

/** Which files are damaged and what to do about it, and whether all of them have been looked at. */
export const Damage = ({ storage, reload }: { storage: Storage; reload: () => void }) => {
  const { quarantined, verification } = storage;
  const [isAsked, setAsked] = useState(false);
  const isRunning = verification?.state === 'running';
  const verify = () => {
    setAsked(true);
    call('POST /storage/verify')
      .then(reload, toastError)
      .finally(() => setAsked(false));
  };
  const button = isOwner.value && (
    <Button small icon="check" busy={isAsked || isRunning} onClick={verify}>
      {text.verify}
    </Button>
  );
  return (
    <Panel title={text.whole} side={button} flush foot={<span>{text.wholeNote}.</span>}>
      <div class="panel__body stack stack--tight" role="status">
        {isRunning && <Running verification={verification} />}
        {!isRunning && verification === null && quarantined.length === 0 && <p class="soft">{text.neverVerified}</p>}
        {!isRunning && verification !== null && (
          <p class="soft">
            <Outcome verification={verification} />
          </p>
        )}
      </div>
      {quarantined.length > 0 && <Damaged files={quarantined} />}
    </Panel>
  );
};
