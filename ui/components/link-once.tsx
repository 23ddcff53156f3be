import type { Link } from '../api/schema.ts';
import { formatTime, zoneName } from '../format/time.ts';
import { timezone } from '../state/session.ts';
import { text } from '../text/rights.ts';
import { Code } from './code.tsx';
import { QrCode } from './qr.tsx';

/** A link that works once and is shown once: as text to copy, and as a picture for telephones. */
export const LinkOnce = ({ link }: { link: Link }) => {
  const address = location.origin + link.path;
  const until = Date.parse(link.expires_at);
  const zone = timezone.value;
  return (
    <div class="once">
      <Code label={text.link} copy={address} />
      <div class="once__qr">
        <QrCode value={address} label={text.qr} />
        <div class="stack stack--tight small soft">
          <p>{text.onlyNow}</p>
          <p>{text.worksUntil(`${formatTime(until, 'date_minute', zone)} ${zoneName(until, zone)}`)}</p>
          <p>{text.qrHint}</p>
        </div>
      </div>
    </div>
  );
};
