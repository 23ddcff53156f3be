import { formatNumber } from '../../format/number.ts';
import { formatTime } from '../../format/time.ts';
import { timezone } from '../../state/session.ts';
import { text } from '../../text/alarms.ts';

interface Period {
  readonly from: string;
  readonly count: number;
}

/** What one operator can follow in ten minutes, and from where on it is a flood (EEMUA 191). */
const FLOOD = 10;
const HEIGHT = 100;
/** What bars take of their place. */
const BAR = 0.8;

/** The number that the top of the chart stands for: the limit is always in sight. */
const topOf = (periods: readonly Period[]): number =>
  Math.max(FLOOD * 1.2, ...periods.map(({ count }) => count * 1.05));

/** How many alarms were raised in each ten minutes of the last day, as bars; those of a flood stand out. */
export const RateChart = ({ periods }: { periods: readonly Period[] }) => {
  const top = topOf(periods);
  const total = periods.reduce((sum, { count }) => sum + count, 0);
  const average = formatNumber(total / Math.max(1, periods.length), 1);
  const most = String(Math.max(0, ...periods.map(({ count }) => count)));
  const y = (count: number) => HEIGHT - (count / top) * HEIGHT;
  const marks = [0, Math.floor(periods.length / 2), periods.length - 1].flatMap((place) => periods[place] ?? []);
  return (
    <>
      <div class="al__rate">
        <svg
          viewBox={`0 0 ${Math.max(1, periods.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={text.quality.rateLabel(average, most)}
        >
          <line class="al__rate-limit" x1="0" x2={periods.length} y1={y(FLOOD)} y2={y(FLOOD)} />
          {periods.map(({ from, count }, place) =>
            count === 0 ? null : (
              <rect
                key={from}
                class={count > FLOOD ? 'is-flood' : ''}
                x={place + (1 - BAR) / 2}
                width={BAR}
                y={y(count)}
                height={HEIGHT - y(count)}
              />
            ),
          )}
        </svg>
        <span class="al__rate-word small" style={{ top: `${y(FLOOD)}%` }}>
          {text.quality.rateLimit}
        </span>
      </div>
      <div class="row row--between small muted">
        {marks.map(({ from }) => (
          <span key={from}>{formatTime(Date.parse(from), 'minute', timezone.value)}</span>
        ))}
      </div>
      <p class="small muted">{text.quality.rateWords(average, most)}</p>
    </>
  );
};
