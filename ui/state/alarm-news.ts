import { useLayoutEffect, useRef } from 'preact/hooks';
import { onStream } from './stream.ts';

/** News come in a row: once for many of them (ms). */
const SETTLE_MS = 500;

/**
 * Calls soon after something has become of an alarm, or their counts have changed, and once for many.
 *
 * @param deviceId - only what becomes of its alarms
 */
export function useAlarmNews(onNews: () => void, deviceId?: string): void {
  const latest = useRef(onNews);
  latest.current = onNews;
  useLayoutEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const hear = () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        latest.current();
      }, SETTLE_MS);
    };
    const stops =
      deviceId === undefined
        ? [onStream('alarm', hear), onStream('alarm_summary', hear)]
        : [onStream('alarm', ({ device_id }) => device_id === deviceId && hear())];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(soon);
    };
  }, [deviceId]);
}
