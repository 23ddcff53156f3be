import { Code } from '../../../components/code.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useQuery } from '../../../state/query.ts';
import { text } from '../../../text/certificates.ts';
import { commandOf, PLATFORMS, type Reach } from './platforms.ts';

/** How a client is told to trust the CA, on each platform. */
export const InstallPanel = ({ reach }: { reach: Reach }) => {
  const { values, set } = useQuery();
  const platform = PLATFORMS.find((one) => one === values.on) ?? 'windows';
  const command = commandOf(platform, reach);
  return (
    <Panel
      title={text.install}
      side={
        <label class="cert__platform">
          <span class="sr">{text.platform}</span>
          <select
            class="select"
            value={platform}
            onChange={(event) => set({ on: event.currentTarget.value }, { replace: true })}
          >
            {PLATFORMS.map((one) => (
              <option key={one} value={one}>
                {text.platforms[one]}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <div class="stack">
        <ol class="cert__steps">
          {text.steps[platform].map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        {command !== undefined && <Code label={text.command(text.platforms[platform])} copy={command} />}
      </div>
    </Panel>
  );
};
