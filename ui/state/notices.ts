import { ring } from './alarm-sound.ts';
import { onStream } from './stream.ts';
import { toast } from './toasts.ts';

/** Of what is news, and not what has become of it. */
const NEWS: ReadonlySet<string> = new Set(['raised', 'escalated', 'digest']);

/**
 * Shows what channels say that lead to open pages, with a sound where the channel has one and this browser may be heard.
 * Returns what ends it.
 */
export const followNotices = (): (() => void) =>
  onStream('notification', ({ kind, severity, title, has_sound }) => {
    const isBad = NEWS.has(kind) && severity !== 'low';
    toast(title, { isError: isBad });
    if (has_sound && (isBad || kind === 'test')) ring(severity === 'critical' ? 'critical' : 'high');
  });
