import { call, type Reply } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import type { Device, Rule } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Failed, Skeleton } from '../../components/feedback.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatTime } from '../../format/time.ts';
import { useResource } from '../../state/resource.ts';
import { may, timezone } from '../../state/session.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { appliedText } from './applied-devices.ts';
import { type RuleDraft, ruleDraftOf } from './rule-draft.ts';
import { conditionText, type Known } from './sentence.ts';

type Version = Reply<'GET /rules/{id}/versions'>['items'][number];

interface VersionsTabProps {
  readonly rule: Rule;
  readonly devices: readonly Device[];
  readonly known: Known;
  readonly onTake: (draft: RuleDraft, version: number) => void;
}

const Line = ({ version, rule, devices, known, onTake }: VersionsTabProps & { version: Version }) => {
  const draft = ruleDraftOf(version);
  const { severity } = version;
  return (
    <li class="rl__version">
      <div class="row row--wrap">
        <b class="strong">
          {text.version} {version.version}
        </b>
        {version.version === rule.version && <span class="pill">{text.current}</span>}
        <span class="small muted">
          {formatTime(Date.parse(version.made_at), 'date_time', timezone.value)}, {version.made_by}
        </span>
        <span class="grow" />
        {version.version !== rule.version && may('rules') && (
          <Button small icon="edit" onClick={() => onTake(draft, version.version)}>
            {text.takeVersion}
          </Button>
        )}
      </div>
      <p class="soft">
        <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip> {version.name}:{' '}
        {appliedText(version, devices)}, {text.whenMatch} {conditionText(draft.when, known)}
        {version.is_active ? '' : ` (${text.filters.resting})`}
      </p>
      {draft.levels.map((level) => (
        <p class="soft" key={level.id}>
          <SeverityChip severity={level.severity}>{common.severity[level.severity]}</SeverityChip>{' '}
          {conditionText(level.when, known)}
        </p>
      ))}
    </li>
  );
};

/** How a rule is and was, and by whom it was changed; the newest first. */
export const VersionsTab = (props: VersionsTabProps) => {
  const { id, version } = props.rule;
  const { data, error, reload } = useResource(
    `rule versions ${id} ${version}`,
    (signal) => everyPage((query) => call('GET /rules/{id}/versions', { path: { id }, query, signal })),
    { keepsData: true },
  );
  return (
    <Panel title={text.versionsTitle} flush>
      {data === undefined && error === undefined && (
        <div class="panel__body">
          <Skeleton lines={4} />
        </div>
      )}
      {data === undefined && error !== undefined && <Failed error={error} retry={reload} />}
      {data !== undefined && (
        <ul class="list">
          {data.map((one) => (
            <Line key={one.version} {...props} version={one} />
          ))}
        </ul>
      )}
    </Panel>
  );
};
