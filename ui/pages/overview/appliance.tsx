import type { Reply } from '../../api/client.ts';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { StatusChip } from '../../components/status.tsx';
import { formatDaysLeft } from '../../format/days-left.ts';
import { formatBytes, formatCount, formatRate } from '../../format/number.ts';
import { summary } from '../../state/summary.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/overview.ts';

type Counts = Reply<'GET /dashboard/devices'>['counts'];

const Rate = ({ value }: { value: number | undefined }) => (
  <>
    <b class="strong">{value === undefined ? '…' : formatRate(value)}</b> <span class="unit">{text.perSecond}</span>
  </>
);

/** Devices by state, and how the appliance itself does. */
export const Appliance = ({ counts }: { counts: Counts }) => {
  const now = summary.value;
  const [bytes, unit] = formatBytes(now?.storage.bytes ?? 0);
  const days = now?.storage.days_left ?? null;
  return (
    <div class="stack">
      <Panel title={text.devices}>
        <dl class="kv">
          <dt>
            {counts.out_of_limits > 0 ? (
              <SeverityChip severity="high">{text.outOfLimits}</SeverityChip>
            ) : (
              text.outOfLimits
            )}
          </dt>
          <dd class="num">{formatCount(counts.out_of_limits)}</dd>
          {(['offline', 'stale', 'online'] as const).map((status) => (
            <>
              <dt>{now?.devices[status] === 0 ? common.status[status] : <StatusChip status={status} />}</dt>
              <dd class="num">{formatCount(now?.devices[status] ?? 0)}</dd>
            </>
          ))}
        </dl>
      </Panel>
      <Panel title={text.appliance}>
        <dl class="kv">
          <dt>{text.messages}</dt>
          <dd class="num">
            <Rate value={now?.messages_per_second} />
          </dd>
          <dt>{text.points}</dt>
          <dd class="num">
            <Rate value={now?.points_per_second} />
          </dd>
          <dt>{text.storage}</dt>
          <dd class="num">
            {bytes} <span class="unit">{unit}</span>
            {days !== null && `, ${text.timeLeft(formatDaysLeft(days))}`}
          </dd>
          <dt>{text.clock}</dt>
          <dd class="num">
            {now?.clock_ok === false ? <SeverityChip severity="high">{text.clockWrong}</SeverityChip> : text.clockOk}
          </dd>
        </dl>
      </Panel>
    </div>
  );
};
