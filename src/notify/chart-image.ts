import { crc32, deflateSync } from 'node:zlib';

/** Mail clients show no SVG, so a small chart is a PNG (W3C, PNG 3rd edition): 8 bits, by palette, one IDAT. */
const [WIDTH, HEIGHT, PAD] = [560, 120, 8];
const [PAPER, LINE, MARK, FRAME] = [0, 1, 2, 3];
const PALETTE = Buffer.from([0xff, 0xff, 0xff, 0x1f, 0x5f, 0x99, 0xc0, 0x30, 0x20, 0xd0, 0xd4, 0xd8]);
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function encode(pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // Bits, colour by palette; no other compression, filter or interlace than the standard one.
  header.set([8, 3], 8);
  const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) rows.set(pixels.subarray(y * WIDTH, (y + 1) * WIDTH), y * (WIDTH + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', PALETTE),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What a chart shows: averages at equal distances, `null` where there is nothing. */
export interface ChartData {
  readonly points: readonly (number | null)[];
  /** Which of the points is the one that it is about. */
  readonly mark: number | null;
}

/** Draws a line of points as a PNG of 560 by 120. @returns undefined when there are not two points */
export function chartImage({ points, mark }: ChartData): Buffer | undefined {
  const known = points.filter((point): point is number => point !== null && Number.isFinite(point));
  if (known.length < 2) return undefined;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const span = high - low || 1;
  const pixels = new Uint8Array(WIDTH * HEIGHT).fill(PAPER);
  const dot = (x: number, y: number, colour: number) => {
    if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT) pixels[y * WIDTH + x] = colour;
  };
  const xOf = (index: number) => PAD + Math.round((index * (WIDTH - 2 * PAD)) / Math.max(1, points.length - 1));
  const yOf = (value: number) => HEIGHT - PAD - Math.round(((value - low) / span) * (HEIGHT - 2 * PAD));
  for (let x = 0; x < WIDTH; x++) {
    dot(x, 0, FRAME);
    dot(x, HEIGHT - 1, FRAME);
  }
  if (mark !== null) for (let y = 0; y < HEIGHT; y++) dot(xOf(mark), y, MARK);
  let before: readonly [x: number, y: number] | undefined;
  for (const [index, value] of points.entries()) {
    if (value === null || !Number.isFinite(value)) {
      before = undefined;
      continue;
    }
    const here = [xOf(index), yOf(value)] as const;
    const [fromX, fromY] = before ?? here;
    const steps = Math.max(1, Math.abs(here[0] - fromX), Math.abs(here[1] - fromY));
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(fromX + ((here[0] - fromX) * step) / steps);
      const y = Math.round(fromY + ((here[1] - fromY) * step) / steps);
      dot(x, y, LINE);
      dot(x, y + 1, LINE);
    }
    before = here;
  }
  return encode(pixels);
}
