const [WIDTH, HEIGHT, PAD] = [120, 28, 2];

/** Less than this share of the values themselves is what rounding leaves of averages, and no movement. */
const ROUNDING = 1e-12;

/** The path of a small curve: breaks where a value is missing. */
function sparklinePath(points: readonly (number | null)[]): string {
  const known = points.filter((point) => point !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const isFlat = high - low <= ROUNDING * Math.max(Math.abs(high), Math.abs(low));
  const x = (index: number) => (index / Math.max(1, points.length - 1)) * WIDTH;
  const y = (value: number) =>
    isFlat ? HEIGHT / 2 : HEIGHT - PAD - ((value - low) / (high - low)) * (HEIGHT - 2 * PAD);
  let path = '';
  let isDown = false;
  points.forEach((point, index) => {
    if (point !== null) path += `${isDown ? 'L' : 'M'}${x(index).toFixed(1)} ${y(point).toFixed(1)}`;
    isDown = point !== null;
  });
  return path;
}

/** The course of the last while, without scale. */
export const Sparkline = ({ points }: { points: readonly (number | null)[] | undefined }) => (
  <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    {points !== undefined && <path d={sparklinePath(points)} />}
  </svg>
);
