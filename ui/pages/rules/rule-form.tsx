import type { FieldFault } from '../../api/client.ts';
import type { Device, Rule } from '../../api/schema.ts';
import { Button } from '../../components/button.tsx';
import { Fault, Field } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { ConditionEditor, type ConditionEditorProps } from './condition-editor.tsx';
import { DevicesToken } from './devices-token.tsx';
import { faultAt } from './faults.ts';
import { NotifyPanel } from './notify-panel.tsx';
import type { ParameterChoice } from './parameter-choices.ts';
import { PickedList } from './picked-list.tsx';
import { type DraftLevel, freeSeverities, type RuleDraft, rulePointers, withLevel } from './rule-draft.ts';
import { ScheduleEditor } from './schedule-editor.tsx';
import type { Known } from './sentence.ts';
import { ChoiceToken, DurationToken, LastWord, OpenToken } from './token.tsx';

export interface RuleFormProps {
  readonly draft: RuleDraft;
  readonly onDraft: (draft: RuleDraft) => void;
  readonly devices: readonly Device[];
  readonly choices: readonly ParameterChoice[];
  readonly known: Known;
  readonly faults: readonly FieldFault[];
  /** Other rules, whose alarms may make this one's a consequence. */
  readonly others: readonly Rule[];
}

const chip = (severity: Rule['severity']) => (
  <SeverityChip severity={severity}>{common.severity[severity]}</SeverityChip>
);

type PartProps = RuleFormProps & Pick<ConditionEditorProps, 'pointers'>;

const When = (props: PartProps) => {
  const { draft, onDraft, devices, faults } = props;
  return (
    <Panel title={text.when}>
      <div class="stack stack--tight">
        <ConditionEditor
          {...props}
          root={draft.when}
          onRoot={(when) => onDraft({ ...draft, when })}
          lead={
            <>
              {text.onDevices}{' '}
              <DevicesToken
                draft={draft}
                devices={devices}
                onDraft={onDraft}
                isFaulty={faultAt(faults, '/device_ids') !== undefined || faultAt(faults, '/tags') !== undefined}
              />{' '}
              {text.whenMatch}
            </>
          }
        />
        <Fault>{faultAt(faults, '/device_ids') ?? faultAt(faults, '/tags')}</Fault>
        <ScheduleEditor schedule={draft.schedule} onSchedule={(schedule) => onDraft({ ...draft, schedule })} />
        <Fault>{faultAt(faults, '/schedule')}</Fault>
        <p class="small muted hide-touch">{text.keys}</p>
      </div>
    </Panel>
  );
};

const Level = ({ level, ...props }: PartProps & { level: DraftLevel }) => {
  const { draft, onDraft, faults, pointers } = props;
  const change = (next: DraftLevel) =>
    onDraft({ ...draft, levels: draft.levels.map((one) => (one.id === next.id ? next : one)) });
  const offered = [level.severity, ...freeSeverities(draft)];
  return (
    <li class="rl__level">
      <div class="grow">
        <ConditionEditor
          {...props}
          root={level.when}
          onRoot={(when) => change({ ...level, when })}
          lead={
            <>
              {text.raise}{' '}
              <ChoiceToken
                token="severity"
                label={text.severity}
                choices={offered.map((severity) => [severity, chip(severity)])}
                current={level.severity}
                onChoose={(severity) => change({ ...level, severity })}
              />{' '}
              {text.insteadWhen}
            </>
          }
        />
        <Fault>{faultAt(faults, `${pointers.get(level.id) ?? '-'}/severity`)}</Fault>
      </div>
      <Button
        small
        look="quiet"
        icon="close"
        label={text.removeLevel(common.severity[level.severity])}
        onClick={() => onDraft({ ...draft, levels: draft.levels.filter(({ id }) => id !== level.id) })}
      />
    </li>
  );
};

const Consequence = (props: PartProps) => {
  const { draft, onDraft, faults, others } = props;
  const free = freeSeverities(draft);
  const parents = others.filter(({ id }) => draft.suppressed_by.includes(id));
  return (
    <Panel title={text.consequence}>
      <div class="stack stack--tight">
        <div class="rl__sentence">
          {text.raise}{' '}
          <LastWord>
            <ChoiceToken
              token="severity"
              label={text.severity}
              isFaulty={faultAt(faults, '/severity') !== undefined}
              choices={[draft.severity, ...free].map((severity) => [severity, chip(severity)])}
              current={draft.severity}
              onChoose={(severity) => onDraft({ ...draft, severity })}
            />
          </LastWord>
        </div>
        {draft.levels.length > 0 && (
          <ul class="stack stack--tight">
            {draft.levels.map((level) => (
              <Level key={level.id} {...props} level={level} />
            ))}
          </ul>
        )}
        <Fault>{faults.find(({ pointer }) => pointer === '/levels')?.message}</Fault>
        {free.length > 0 && (
          <span class="row row--wrap">
            <Button small look="quiet" icon="plus" title={text.levelHint} onClick={() => onDraft(withLevel(draft))}>
              {text.addLevel}
            </Button>
          </span>
        )}
        <div class="rl__sentence">
          {text.clears}{' '}
          <LastWord>
            <DurationToken
              token="keep"
              label={text.clearsLabel}
              isFaulty={faultAt(faults, '/keep_firing_seconds') !== undefined}
              value={draft.keep_firing_seconds}
              unread={Number.NaN}
              onValue={(seconds) => onDraft({ ...draft, keep_firing_seconds: seconds ?? 0 })}
            />
          </LastWord>{' '}
          {text.again}{' '}
          <LastWord>
            <DurationToken
              token="cooldown"
              label={text.againLabel}
              isFaulty={faultAt(faults, '/cooldown_seconds') !== undefined}
              value={draft.cooldown_seconds}
              unread={Number.NaN}
              onValue={(seconds) => onDraft({ ...draft, cooldown_seconds: seconds ?? 0 })}
            />
          </LastWord>
        </div>
        <Fault>{faultAt(faults, '/keep_firing_seconds') ?? faultAt(faults, '/cooldown_seconds')}</Fault>
        {others.length > 0 && (
          <div class="rl__sentence">
            {text.suppressedBy}{' '}
            <OpenToken
              token="suppressed"
              label={text.suppressedLabel}
              isFaulty={faultAt(faults, '/suppressed_by') !== undefined}
              shown={parents.length === 0 ? text.suppressedNone : parents.map(({ name }) => `“${name}”`).join(', ')}
            >
              {() => (
                <div class="rl__pick">
                  <PickedList
                    label={text.suppressedLabel}
                    items={others.map(({ id, name }) => ({ id, name }))}
                    picked={draft.suppressed_by}
                    onPick={(picked) => onDraft({ ...draft, suppressed_by: picked })}
                  />
                </div>
              )}
            </OpenToken>{' '}
            {text.suppressedFires(Math.max(1, parents.length))}.
          </div>
        )}
        <Fault>{faultAt(faults, '/suppressed_by')}</Fault>
        <Field label={text.guidance} hint={text.guidanceHint} error={faultAt(faults, '/guidance')}>
          <textarea
            class="textarea"
            rows={2}
            maxLength={2000}
            placeholder={text.guidancePlaceholder}
            value={draft.guidance}
            onInput={(event) => onDraft({ ...draft, guidance: event.currentTarget.value })}
          />
        </Field>
        <label class="row rl__check">
          <input
            type="checkbox"
            class="check"
            checked={draft.note_required}
            onChange={(event) => onDraft({ ...draft, note_required: event.currentTarget.checked })}
          />
          {text.noteRequired}
        </label>
      </div>
    </Panel>
  );
};

/** Everything that is said of a rule, as sentences whose words are changed where they stand. */
export const RuleForm = (props: RuleFormProps) => {
  const { draft, onDraft, faults } = props;
  const pointers = rulePointers(draft);
  return (
    <>
      <Panel title={text.rule}>
        <Field label={text.name} hint={text.nameHint} error={faultAt(faults, '/name')}>
          <input
            class="input"
            maxLength={100}
            autocomplete="off"
            placeholder={text.namePlaceholder}
            value={draft.name}
            onInput={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
          />
        </Field>
      </Panel>
      <When {...props} pointers={pointers} />
      <Consequence {...props} pointers={pointers} />
      <NotifyPanel draft={draft} onDraft={onDraft} faults={faults} />
    </>
  );
};
