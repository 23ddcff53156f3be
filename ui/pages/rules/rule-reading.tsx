import type { Device } from '../../api/schema.ts';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { appliedText } from './applied-devices.ts';
import { durationText } from './duration.ts';
import type { RuleDraft } from './rule-draft.ts';
import { conditionText, type Known } from './sentence.ts';

interface RuleReadingProps {
  readonly draft: RuleDraft;
  readonly devices: readonly Device[];
  readonly known: Known;
}

/** A rule for those who may not change it: sentences, and nothing to click. */
export const RuleReading = ({ draft, devices, known }: RuleReadingProps) => (
  <Panel title={text.rule} side={<span class="panel__note">{text.readOnly}</span>}>
    <div class="stack stack--tight">
      {[{ id: 0, severity: draft.severity, when: draft.when }, ...draft.levels].map(({ id, severity, when }) => (
        <p key={id}>
          {text.raise} <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip>{' '}
          {id === 0 && `${text.onDevices.toLowerCase()} ${appliedText(draft, devices)} `}
          {text.whenMatch} {conditionText(when, known)}.
        </p>
      ))}
      <p>
        {text.clears} {durationText(draft.keep_firing_seconds)}. {text.again} {durationText(draft.cooldown_seconds)}.
      </p>
      {draft.guidance !== '' && (
        <p>
          <b class="strong">{text.guidance}:</b> {draft.guidance}
        </p>
      )}
    </div>
  </Panel>
);
