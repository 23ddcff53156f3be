import { call, type Reply } from '../../api/client.ts';
import type { Device, Explained, ExplainedLeaf, Rule } from '../../api/schema.ts';
import { Banner, Empty, Failed, Skeleton } from '../../components/feedback.tsx';
import { Icon } from '../../components/icon.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { formatDuration } from '../../format/time.ts';
import { useQuery } from '../../state/query.ts';
import { useResource } from '../../state/resource.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { DeviceChoice } from './device-choice.tsx';

type Explanation = Reply<'GET /rules/{id}/explain'>;

const EVERY_MS = 2_000;

/** Ages and waits are told from the moment that was explained, not from the reader's clock. */
const spanTo = (from: string, now: number) => formatDuration(Math.abs(Date.parse(from) - now));

const hasDelay = (leaf: ExplainedLeaf['leaf']) => 'for_seconds' in leaf && (leaf.for_seconds ?? 0) > 0;

function detailsOf(leaf: ExplainedLeaf, now: number): string[] {
  const { sampled_at: sampledAt, since, holds_from: holdsFrom, filled_at: filledAt } = leaf;
  return [
    // The sentence has the age of a value that is known.
    ...(sampledAt === null ? [text.noSample] : []),
    ...(sampledAt !== null && leaf.value === null ? [text.newestSample(spanTo(sampledAt, now))] : []),
    // Of a delay the sentence says how long it has held already.
    ...(since !== null && leaf.holds && !hasDelay(leaf.leaf) ? [text.holdsSince(spanTo(since, now))] : []),
    ...(holdsFrom !== null ? [text.holdsFrom(spanTo(holdsFrom, now))] : []),
    ...(filledAt !== null ? [text.fills(spanTo(filledAt, now))] : []),
  ];
}

const Holds = ({ holds }: { holds: boolean }) => (
  <span class={holds ? 'rl__holds is-so' : 'rl__holds'}>
    <Icon name={holds ? 'check' : 'close'} small />
    <span class="sr">{holds ? text.holds : text.holdsNot}</span>
  </span>
);

/** A part of a condition, and whether it holds; groups with their members below them. */
const Node = ({ node, now }: { node: Explained; now: number }) => {
  if (node.kind === 'leaf') {
    return (
      <li class="rl__explained">
        <Holds holds={node.holds} />
        <span>
          {node.text}
          <small>{detailsOf(node, now).join(', ')}</small>
        </span>
      </li>
    );
  }
  return (
    <li class="rl__explained">
      <Holds holds={node.holds} />
      <div>
        <span>
          {text.match[node.kind]} {text.ofTheseNested}
        </span>
        <ul class="rl__inner">
          {node.members.map((member, place) => (
            <Node key={place} node={member} now={now} />
          ))}
        </ul>
      </div>
    </li>
  );
};

const Facts = ({ explanation, now }: { explanation: Explanation; now: number }) => {
  const { schedule, cooldown_until: cooldown, kept_until: kept, looks_again_at: looks } = explanation;
  const until = schedule?.until == null ? undefined : spanTo(schedule.until, now);
  return (
    <dl class="kv">
      {schedule !== null && (
        <>
          <dt>{text.facts.schedule}</dt>
          <dd>{schedule.applies ? text.scheduleApplies(until) : text.scheduleRests(until)}</dd>
        </>
      )}
      <dt>{text.facts.cooldown}</dt>
      <dd>{cooldown === null ? text.cooldownOver : text.cooldownFor(spanTo(cooldown, now))}</dd>
      {kept !== null && (
        <>
          <dt>{text.facts.kept}</dt>
          <dd>{text.keptFor(spanTo(kept, now))}</dd>
        </>
      )}
      {looks !== null && (
        <>
          <dt>{text.facts.looks}</dt>
          <dd>{text.looksIn(spanTo(looks, now))}</dd>
        </>
      )}
      {explanation.folded_until !== null && (
        <>
          <dt>{text.facts.folded}</dt>
          <dd>{common.ago(spanTo(explanation.folded_until, now))}</dd>
        </>
      )}
      <dt>{text.facts.version}</dt>
      <dd>{explanation.rule_version}</dd>
    </dl>
  );
};

const Answer = ({ explanation }: { explanation: Explanation }) => {
  const now = explanation.now === null ? 0 : Date.parse(explanation.now);
  return (
    <div class="stack stack--tight">
      <p class="rl__answer">
        {explanation.severity !== null && (
          <>
            <SeverityChip severity={explanation.severity} look="tint">
              {common.severity[explanation.severity]}
            </SeverityChip>{' '}
          </>
        )}
        {explanation.text}
      </p>
      {explanation.levels.map(({ severity, condition }) => (
        <section key={severity} class="stack stack--tight">
          {explanation.levels.length > 1 && (
            <h3>
              <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip>
            </h3>
          )}
          <ul>
            <Node node={condition} now={now} />
          </ul>
        </section>
      ))}
      {explanation.is_active && <Facts explanation={explanation} now={now} />}
    </div>
  );
};

const OfDevice = ({ rule, device }: { rule: Rule; device: Device }) => {
  const { data, error, reload } = useResource(
    `explain ${rule.id} ${rule.version} ${device.id}`,
    (signal) => call('GET /rules/{id}/explain', { path: { id: rule.id }, query: { device_id: device.id }, signal }),
    { everyMs: EVERY_MS },
  );
  // It is asked again by itself.
  if (error?.code === 'unavailable') return <p class="soft">{error.message}</p>;
  if (data === undefined) return error === undefined ? <Skeleton lines={5} /> : <Failed error={error} retry={reload} />;
  return <Answer explanation={data} />;
};

interface ExplainTabProps {
  readonly rule: Rule;
  /** Those that the saved rule is for. */
  readonly devices: readonly Device[];
  readonly isChanged: boolean;
}

/** Why the rule fires on a device now, or does not, part by part. The address says on which, so that an alarm leads to it. */
export const ExplainTab = ({ rule, devices, isChanged }: ExplainTabProps) => {
  const { values, set } = useQuery();
  const device = devices.find(({ id }) => id === values.device) ?? devices[0];
  const choose = (id: string) => set({ device: id }, { replace: true });
  return (
    <>
      {isChanged && <Banner>{text.explainNotSaved}</Banner>}
      <Panel title={text.tabs.explain} side={<span class="panel__note">{text.explainEvery}</span>}>
        {device === undefined ? (
          <Empty icon="devices" title={text.explainNone} />
        ) : (
          <div class="stack">
            <DeviceChoice label={text.explainDevice} devices={devices} current={device.id} onChoose={choose} />
            <OfDevice key={device.id} rule={rule} device={device} />
          </div>
        )}
      </Panel>
    </>
  );
};
