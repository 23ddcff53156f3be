import { useId } from 'preact/hooks';
import { text } from '../../../text/transfer.ts';
import { sizeOf } from '../sizes.ts';

interface ProgressProps {
  /** What goes on. */
  readonly label: string;
  readonly doneBytes: number;
  readonly sizeBytes: number;
}

/** How much of a file is over. */
export const Progress = ({ label, doneBytes, sizeBytes }: ProgressProps) => {
  const id = useId();
  const percent = sizeBytes === 0 ? 0 : Math.floor((Math.min(doneBytes, sizeBytes) / sizeBytes) * 100);
  return (
    <div class="progress">
      <span id={id}>{label}</span>
      <span class="num">{text.uploadOf(sizeOf(doneBytes), sizeOf(sizeBytes))}</span>
      <span
        class="bar"
        role="progressbar"
        aria-labelledby={id}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${percent}%` }} />
      </span>
      {/* Every tenth alone: a screen reader is not to speak all the time. */}
      <span class="sr" role="status">{`${label}: ${Math.floor(percent / 10) * 10} %`}</span>
    </div>
  );
};
