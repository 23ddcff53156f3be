import type { ComponentChildren } from 'preact';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

const SHAPES: Readonly<Record<Severity, string>> = {
  critical: 'M2 2h12v12H2z',
  high: 'M8 1.5 15 14H1z',
  medium: 'M8 .8 15.2 8 8 15.2.8 8z',
  low: 'M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8',
};

/** From the worst down, as lists stand. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** Its shape alone, where a word or a label stands beside it. Filled: nobody has it; outline: acknowledged. */
export const SeverityShape = ({ severity, isOutline = false }: { severity: Severity; isOutline?: boolean }) => (
  <svg class={isOutline ? 'shape is-acked' : 'shape'} viewBox="0 0 16 16" aria-hidden="true">
    <path d={SHAPES[severity]} />
  </svg>
);

interface SeverityChipProps {
  readonly severity: Severity;
  /** Solid for one thing on a page alone: the worst that nobody has. */
  readonly look?: 'plain' | 'tint' | 'solid';
  /** Acknowledged: its shape is not filled. */
  readonly isOutline?: boolean;
  /** The word: colour and shape never stand alone. */
  readonly children: ComponentChildren;
}

/** How bad something is: shape, word and colour. */
export const SeverityChip = ({ severity, look = 'plain', isOutline = false, children }: SeverityChipProps) => (
  <span class={`chip sev sev--${severity} ${look === 'plain' ? '' : `chip--${look}`}`}>
    <SeverityShape severity={severity} isOutline={isOutline} />
    <span class="chip__word">{children}</span>
  </span>
);
