import { useState } from 'preact/hooks';
import type { Reply } from '../api/client.ts';
import { formatDuration, formatTime, zoneName } from '../format/time.ts';
import { clockDoubt, confirmClock } from '../state/appliance-clock.ts';
import { isOwner, may, timezone } from '../state/session.ts';
import { toast, toastError } from '../state/toasts.ts';
import { text } from '../text/clock.ts';
import { Button } from './button.tsx';
import { Banner } from './feedback.tsx';

/** The doubt began for a reason; what the clock says now may be something else. */
function seenNow({ reason, can_confirm, jump_ms }: Reply<'GET /clock'>): keyof typeof text.seen {
  if (!can_confirm) return 'before_build';
  const isOfLastRun = reason === 'ahead_of_last_run' || reason === 'behind_last_run';
  if (jump_ms > 0) return isOfLastRun ? 'ahead_of_last_run' : 'jumped_ahead';
  return isOfLastRun ? 'behind_last_run' : 'jumped_back';
}

/**
 * Says on every page that the appliance does not trust its clock, what waits meanwhile, and how to go on. `readonly` where
 * nothing can be pressed.
 */
export const ClockBanner = ({ readonly = false }: { readonly?: boolean }) => {
  const [isBusy, setBusy] = useState(false);
  const clock = clockDoubt.value;
  if (clock === undefined) return null;
  const moment = (iso: string) => {
    const ms = Date.parse(iso);
    return `${formatTime(ms, 'date_time', timezone.value)} ${zoneName(ms, timezone.value)}`;
  };
  const isTheirs = may('admin') || isOwner.value;
  const canConfirm = isTheirs && clock.can_confirm && !readonly;
  const confirm = () => {
    setBusy(true);
    confirmClock()
      .then(() => toast(text.confirmed), toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Banner
      severity="high"
      action={
        canConfirm && (
          <Button small busy={isBusy} onClick={confirm}>
            {text.confirm}
          </Button>
        )
      }
    >
      <b class="strong">{text.seen[seenNow(clock)](moment(clock.now), formatDuration(Math.abs(clock.jump_ms)))}</b>{' '}
      {text.waits} {canConfirm ? text.confirmHint : clock.can_confirm ? text.askAdmin : text.setIt}
    </Banner>
  );
};
