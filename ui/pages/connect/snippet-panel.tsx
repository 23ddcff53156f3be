import { Code } from '../../components/code.tsx';
import { Empty } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/tabs.tsx';
import { text } from '../../text/connect.ts';
import { type Aim, targetOf } from './access.ts';
import { isDeviceKey } from './device-key.ts';
import { CA_FILE, isLoopback, LANGUAGES, type Language, piecesOf, snippetOf, type Target } from './snippets.ts';

const CA_PATH = '/api/v1/tls/ca.crt';

interface SnippetPanelProps {
  readonly aim: Aim;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
}

/** A snippet with what it takes to run it; what was filled in is marked. */
export const Snippet = ({ target, language }: { target: Target; language: Language }) => {
  const code = snippetOf(language, target);
  const where = language === 'shell' && isLoopback(target.host) ? text.shellHere : text.where[language](target.host);
  return (
    <div class="stack stack--tight">
      <Code label={where} copy={code}>
        {piecesOf(code, target).map(({ text: piece, isFilledIn }) =>
          isFilledIn ? <span class="v">{piece}</span> : piece,
        )}
      </Code>
      {target.tls === 'own_ca' && (
        <p class="small">
          {text.trusts}{' '}
          <a href={CA_PATH} download={CA_FILE}>
            {text.downloadCa}
          </a>{' '}
          <a href="/settings/certificates?on=devices">{text.aboutCa}</a>
        </p>
      )}
      {language === 'shell' && <p class="small muted">{text.mosquitto}</p>}
    </div>
  );
};

/** The first message, ready to paste. */
export const SnippetPanel = ({ aim, language, onLanguage }: SnippetPanelProps) => {
  const target = isDeviceKey(aim.key) ? targetOf(aim) : undefined;
  return (
    <Panel
      title={text.sendTitle}
      side={
        <Segmented
          small
          label={text.language}
          choices={LANGUAGES.map((one) => [one, text.languages[one]])}
          current={language}
          onChoose={onLanguage}
        />
      }
    >
      {target === undefined ? (
        <Empty icon="key" title={isDeviceKey(aim.key) ? text.needsCredential : text.needsKey} />
      ) : (
        <Snippet target={target} language={language} />
      )}
    </Panel>
  );
};
