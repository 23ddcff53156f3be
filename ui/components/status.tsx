import type { ComponentChildren } from 'preact';
import { formatDuration } from '../format/time.ts';
import { now } from '../state/clock.ts';
import type { DeviceStatus } from '../state/live.ts';
import { text } from '../text/common.ts';

const GLYPHS = {
  online: <circle cx="8" cy="8" r="4.5" />,
  stale: <circle cx="8" cy="8" r="5.5" />,
  offline: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M4.2 11.8l7.6-7.6" />
    </>
  ),
} as const;

/** A device's state: shape and word; normal is grey. */
export const StatusChip = ({ status, children }: { status: DeviceStatus; children?: ComponentChildren }) => (
  <span class={`state state--${status}`}>
    <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
      {GLYPHS[status]}
    </svg>
    {text.status[status]}
    {children}
  </span>
);

/** How long ago a moment (epoch ms) was; counts on by itself. */
export const Age = ({ at }: { at: number | null | undefined }) => {
  if (at === null || at === undefined) return <>{text.never}</>;
  const span = now.value - at;
  return <>{span < 1_000 ? text.justNow : text.ago(formatDuration(span))}</>;
};
