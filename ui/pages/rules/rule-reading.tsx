import type { Device, Rule } from '../../api/schema.ts';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { appliedText } from './applied-devices.ts';
import { durationText } from './duration.ts';
import type { RuleDraft } from './rule-draft.ts';
import { scheduleText } from './schedule-text.ts';
import { conditionText, type Known } from './sentence.ts';

interface RuleReadingProps {
  readonly draft: RuleDraft;
  readonly devices: readonly Device[];
  readonly known: Known;
  /** Rules of which this one may be a consequence. */
  readonly others: readonly Rule[];
}

/** A rule for those who may not change it: sentences, and nothing to click. */
export const RuleReading = ({ draft, devices, known, others }: RuleReadingProps) => {
  const { keep_firing_seconds: keep, cooldown_seconds: cooldown } = draft;
  const parents = others.filter(({ id }) => draft.suppressed_by.includes(id));
  return (
    <Panel title={text.rule} side={<span class="panel__note">{text.readOnly}</span>}>
      <div class="stack stack--tight">
        {[{ id: 0, severity: draft.severity, when: draft.when }, ...draft.levels].map(({ id, severity, when }) => (
          <p key={id}>
            {text.raise} <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip>{' '}
            {id === 0 && `${text.onDevices.toLowerCase()} ${appliedText(draft, devices)} `}
            {text.whenMatch} {conditionText(when, known)}.
          </p>
        ))}
        <p>{scheduleText(draft.schedule)}</p>
        <p>
          {keep === 0 ? text.clearsAtOnce : `${text.clears} ${durationText(keep)}`}.
          {cooldown > 0 && ` ${text.again} ${durationText(cooldown)}.`}
        </p>
        {parents.length > 0 && (
          <p>
            {text.suppressedBy} {parents.map(({ name }) => `“${name}”`).join(', ')}{' '}
            {text.suppressedFires(parents.length)}.
          </p>
        )}
        {draft.note_required && <p>{text.noteRequired}.</p>}
        {draft.guidance !== '' && (
          <p>
            <b class="strong">{text.guidance}:</b> {draft.guidance}
          </p>
        )}
      </div>
    </Panel>
  );
};
