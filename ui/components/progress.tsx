import { useId } from 'preact/hooks';

interface ProgressProps {
  /** What goes on. */
  readonly label: string;
  /** How far it is, in words. */
  readonly detail: string;
  readonly done: number;
  readonly all: number;
}

/** A bar for work of which the size is known. */
export const Progress = ({ label, detail, done, all }: ProgressProps) => {
  const id = useId();
  const percent = all === 0 ? 0 : Math.floor((Math.min(done, all) / all) * 100);
  return (
    <div class="progress">
      <span id={id}>{label}</span>
      <span class="num">{detail}</span>
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
