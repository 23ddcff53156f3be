interface RangeBarProps {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

const percent = (part: number) => `${Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10}%`;

/**
 * Where a value is in its normal range (ISA-101): the band is normal, the pointer is now. The scale shows half the
 * band's width beyond each limit; with one limit alone, as much as there is between it and zero, or the value.
 */
export const RangeBar = ({ value, low, high }: RangeBarProps) => {
  if (low === null && high === null) return null;
  const reach = Math.max(Math.abs(high ?? low ?? 0), Math.abs(value), 1e-9);
  const from = low ?? Math.min(0, (high ?? 0) - reach);
  const to = high ?? Math.max(0, (low ?? 0) + reach);
  const width = to - from || reach;
  const start = low === null ? from : from - width / 2;
  const span = (high === null ? to : to + width / 2) - start || 1;
  const at = (point: number) => percent((point - start) / span);
  const isOutside = (low !== null && value < low) || (high !== null && value > high);
  return (
    <span
      class={isOutside ? 'range sev sev--high' : 'range'}
      style={{ '--v': at(value), '--a': at(from), '--b': at(to) }}
      aria-hidden="true"
    >
      <i class="ok" />
      <i class="at" />
    </span>
  );
};
