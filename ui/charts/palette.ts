import type { Severity } from '../components/severity.tsx';

/** The colours that canvases paint with, as the theme of the moment has them. */
export interface Palette {
  /** `--c-s1` to `--c-s8`. */
  readonly series: readonly string[];
  readonly grid: string;
  readonly axis: string;
  readonly line: string;
  readonly panel: string;
  readonly text: string;
  readonly limit: string;
  readonly severities: Readonly<Record<Severity, string>>;
  readonly font: string;
  /** Root font size in terms of the usual one: everything grows with it on a wall screen. */
  readonly scale: number;
}

/**
 * Reads the tokens. A token may hold `light-dark()`, which only a real element resolves, so one is asked for its colour.
 */
export function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const colour = (token: string) => {
    probe.style.color = `var(--c-${token})`;
    return getComputedStyle(probe).color;
  };
  const root = getComputedStyle(document.documentElement);
  const palette: Palette = {
    series: Array.from({ length: 8 }, (_, place) => colour(`s${place + 1}`)),
    grid: colour('grid'),
    axis: colour('axis'),
    line: colour('line'),
    panel: colour('panel'),
    text: colour('text'),
    limit: colour('high'),
    severities: {
      low: colour('low'),
      medium: colour('medium'),
      high: colour('high'),
      critical: colour('critical'),
    },
    font: root.getPropertyValue('--font').trim() || 'sans-serif',
    scale: Number.parseFloat(root.fontSize) / 16,
  };
  probe.remove();
  return palette;
}
