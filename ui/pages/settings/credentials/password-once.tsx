import { useState } from 'preact/hooks';
import { call } from '../../../api/client.ts';
import { Button } from '../../../components/button.tsx';
import { Code } from '../../../components/code.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { useResource } from '../../../state/resource.ts';
import { text as connect } from '../../../text/connect.ts';
import { text } from '../../../text/credentials.ts';
import { targetOf } from '../../connect/access.ts';
import { Snippet } from '../../connect/snippet-panel.tsx';
import { bareHost, LANGUAGES, type Language } from '../../connect/snippets.ts';
import { exampleOf } from './coverage.ts';

/** A password that is nowhere else. */
export interface Fresh {
  readonly title: string;
  readonly username: string;
  readonly password: string;
  readonly devices: readonly string[];
  /** What else there is to say, such as how long the old one works. */
  readonly note?: string;
}

interface PasswordOnceProps {
  readonly fresh: Fresh;
  /** Keys of the devices that there are. */
  readonly known: readonly string[];
  readonly onClose: () => void;
}

const Example = ({ fresh: { username, password, devices }, known }: Omit<PasswordOnceProps, 'onClose'>) => {
  const [language, setLanguage] = useState<Language>('shell');
  const { data: info } = useResource('connection-info', (signal) => call('GET /connection-info', { signal }));
  if (info === undefined) return null;
  const key = exampleOf(devices, known);
  const credential = { username, password, devices };
  const target = targetOf({ info, host: bareHost(location.hostname), way: 'device', key, credential });
  if (target === undefined) return null;
  return (
    <div class="stack stack--tight">
      <div class="row row--between row--wrap">
        <span class="label">{text.tryIt}</span>
        <Segmented
          small
          label={text.language}
          choices={LANGUAGES.map((one) => [one, connect.languages[one]])}
          current={language}
          onChoose={setLanguage}
        />
      </div>
      <Snippet target={target} language={language} />
    </div>
  );
};

/** The password, this once, and commands that use it. */
export const PasswordOnce = ({ fresh, known, onClose }: PasswordOnceProps) => (
  <Dialog
    title={fresh.title}
    onClose={onClose}
    onSubmit={onClose}
    foot={
      <Button type="submit" look="primary">
        {text.done}
      </Button>
    }
  >
    <p class="soft">
      {text.onlyNow} {fresh.note}
    </p>
    <div class="once">
      <Code label={text.username} copy={fresh.username} />
      <Code label={text.passwordLabel} copy={fresh.password} />
    </div>
    <Example fresh={fresh} known={known} />
  </Dialog>
);
