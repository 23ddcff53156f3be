import type { ComponentChildren } from 'preact';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

const SHAPES: Readonly<Record<Severity, string>> = {
  critical: 'M2 2h12v12H2z',
  high: 'M8 1.5 15 14H1z',
  medium: 'M8 .8 15.2 8 8 15.2.8 8z',
  low: 'M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8',
};

interface SeverityChipProps {
  readonly severity: Severity;
  /** Solid for one thing on a page alone: the worst that nobody has. */
  readonly look?: 'plain' | 'tint' | 'solid';
  /** The word: colour and shape never stand alone. */
  readonly children: ComponentChildren;
}

/** How bad something is: shape, word and colour. */
export const SeverityChip = ({ severity, look = 'plain', children }: SeverityChipProps) => (
  <span class={`chip sev sev--${severity} ${look === 'plain' ? '' : `chip--${look}`}`}>
    <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[severity]} />
    </svg>
    <span class="chip__word">{children}</span>
  </span>
);
