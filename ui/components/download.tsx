import { useId, useRef, useState } from 'preact/hooks';
import { ApiError, ensureSession, refusalOf } from '../api/client.ts';
import { text } from '../text/download.ts';
import { ButtonLink } from './button.tsx';
import { Icon } from './icon.tsx';

/** Why the appliance has refused what the frame was sent to. */
async function reasonOf(address: string): Promise<string> {
  const refusal = await refusalOf(address);
  if (refusal === undefined) return text.again;
  return [refusal.message, ...refusal.faults.map(({ message }) => message)]
    .filter((words, place, all) => all.indexOf(words) === place)
    .join(' ');
}

interface DownloadProps {
  /** On the button. */
  readonly label: string;
  /** Where the file is, as far as it is known before the click. */
  readonly href: string;
  /** The same at the click. */
  readonly addressNow?: () => string;
  /** What is wrong with what is asked for, said at the click. */
  readonly fault?: string | undefined;
}

/** Downloads a file that the appliance makes: a refusal is said here, and does not replace the page. */
export const Download = ({ label, href, addressNow = () => href, fault }: DownloadProps) => {
  const name = useId();
  const frame = useRef<HTMLIFrameElement>(null);
  const asked = useRef('');
  const [said, setSaid] = useState<{ readonly words: string; readonly isFault: boolean }>();
  const refuse = (words: string) => setSaid({ words, isFault: true });
  const download = async (event: Event) => {
    event.preventDefault();
    if (fault !== undefined) return refuse(fault);
    try {
      // A link cannot renew a session that has run out.
      if (!(await ensureSession())) return;
    } catch (error) {
      return refuse(error instanceof ApiError ? error.message : String(error));
    }
    asked.current = addressNow();
    setSaid({ words: text.begun, isFault: false });
    frame.current?.contentWindow?.location.replace(asked.current);
  };
  // A download loads nothing: what is loaded is a refusal.
  const refused = () => {
    const address = asked.current;
    asked.current = '';
    if (address !== '') reasonOf(address).then(refuse, () => refuse(text.refused));
  };
  return (
    <div class="download">
      <ButtonLink look="primary" icon="download" href={href} target={name} onClick={download}>
        {label}
      </ButtonLink>
      <p class="small soft" role="status">
        {said?.isFault === false && said.words}
      </p>
      {said?.isFault === true && (
        <p class="field__error" role="alert">
          <Icon name="warning" />
          {said.words}
        </p>
      )}
      <iframe ref={frame} name={name} title={label} hidden tabIndex={-1} onLoad={refused} />
    </div>
  );
};
