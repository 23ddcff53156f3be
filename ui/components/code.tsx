import type { ComponentChildren } from 'preact';
import { CopyButton } from './copy.tsx';

interface CodeProps {
  /** Says what it is, or where it goes. */
  readonly label: string;
  /** Offered to be copied. Without it the label is only read out. */
  readonly copy?: string;
  /** What is shown, when some of it is marked; else what is copied. */
  readonly children?: ComponentChildren;
}

/** A command or a file to be pasted elsewhere. Long lines scroll inside the frame, by keyboard too. */
export const Code = ({ label, copy, children = copy }: CodeProps) => (
  <div class="code">
    {copy !== undefined && (
      <div class="code__head">
        <span>{label}</span>
        <CopyButton value={copy} />
      </div>
    )}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to get there */}
    <section class="code__frame" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  </div>
);
