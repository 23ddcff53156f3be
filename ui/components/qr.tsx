import { useMemo } from 'preact/hooks';
import { encode } from 'uqr';

/** Readers want so many light modules around the code (ISO/IEC 18004). */
const QUIET = 4;

/** A QR code: dark on light in both themes, as telephones read it. */
export const QrCode = ({ value, label }: { value: string; label: string }) => {
  const { size, path } = useMemo(() => {
    const code = encode(value, { border: QUIET });
    const rows = code.data.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join(''));
    return { size: code.size, path: rows.join('') };
  }, [value]);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <path class="qr__light" d={`M0 0h${size}v${size}h-${size}z`} />
      <path d={path} />
    </svg>
  );
};
