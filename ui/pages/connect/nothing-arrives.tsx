import { Panel } from '../../components/panel.tsx';
import { text } from '../../text/connect.ts';
import { type Aim, targetOf } from './access.ts';
import { isLoopback } from './snippets.ts';

/** What may be in the way when the broker has heard nothing. */
export const NothingArrives = ({ aim }: { aim: Aim }) => {
  const { info, host, way } = aim;
  const target = targetOf(aim);
  const checks = [
    target === undefined ? undefined : text.checks.port(target.port, target.host),
    way === 'none' && info.mqtt.anonymous === 'loopback' ? text.checks.anonymous : undefined,
    isLoopback(host) ? text.checks.loopback(host) : text.checks.listening,
    text.checks.topic,
  ];
  return (
    <Panel title={text.nothingTitle}>
      <ul class="cn__checks">
        {checks
          .filter((check) => check !== undefined)
          .map((check) => (
            <li key={check}>{check}</li>
          ))}
      </ul>
    </Panel>
  );
};
