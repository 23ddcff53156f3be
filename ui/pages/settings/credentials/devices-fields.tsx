import { useId, useMemo } from 'preact/hooks';
import { Field } from '../../../components/field.tsx';
import { Segmented } from '../../../components/tabs.tsx';
import { text } from '../../../text/credentials.ts';
import { coverageOf, type Draft, faultOf, KINDS } from './coverage.ts';

/** Keys of a list that are shown one by one. */
const MAX_SHOWN = 12;

const Preview = ({ draft, known }: { draft: Draft; known: readonly string[] }) => {
  const { covered, unknown } = useMemo(() => coverageOf(draft, known), [draft, known]);
  return (
    <div class="cred__covers small soft" role="status">
      <p>{known.length === 0 ? text.coversNone : text.covers(covered.length, known.length)}</p>
      {covered.length > 0 && (
        <p class="cred__keys">
          {covered.slice(0, MAX_SHOWN).map((key) => (
            <span class="pill mono" key={key}>
              {key}
            </span>
          ))}
          {covered.length > MAX_SHOWN && text.andMore(covered.length - MAX_SHOWN)}
        </p>
      )}
      {unknown.length > 0 && (
        <p>
          {text.unknownKeys(
            unknown.slice(0, MAX_SHOWN).join(', ') +
              (unknown.length > MAX_SHOWN ? `, ${text.andMore(unknown.length - MAX_SHOWN)}` : ''),
          )}
        </p>
      )}
    </div>
  );
};

const TYPING = { autocomplete: 'off', autocapitalize: 'none', spellcheck: false } as const;

interface DevicesFieldsProps {
  readonly draft: Draft;
  /** Keys of the devices that there are. */
  readonly known: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (draft: Draft) => void;
}

/** For which devices a credential speaks, with those of them that there are. */
export const DevicesFields = ({ draft, known, error, onChange }: DevicesFieldsProps) => {
  const list = useId();
  const { kind, typed } = draft;
  const change = (value: string) => onChange({ kind, typed: value });
  return (
    <>
      <div class="field">
        <span class="label">{text.forWhom}</span>
        <Segmented
          label={text.forWhom}
          choices={KINDS.map((one) => [one, text.kinds[one]])}
          current={kind}
          onChoose={(chosen) => onChange({ kind: chosen, typed })}
        />
        <span class="field__hint">{text.kindHints[kind]}</span>
      </div>
      {kind === 'one' && (
        <>
          <Field label={text.key} error={error}>
            <input
              class="input mono"
              name="device_key"
              list={list}
              {...TYPING}
              value={typed}
              onInput={(event) => change(event.currentTarget.value)}
            />
          </Field>
          <datalist id={list}>
            {known.map((key) => (
              <option key={key} value={key} />
            ))}
          </datalist>
        </>
      )}
      {(kind === 'set' || kind === 'pattern') && (
        <Field
          label={kind === 'set' ? text.keys : text.patterns}
          error={error}
          {...(kind === 'pattern' && { hint: text.patternHint })}
        >
          <textarea
            class="textarea mono"
            rows={kind === 'set' ? 4 : 2}
            {...TYPING}
            value={typed}
            onInput={(event) => change(event.currentTarget.value)}
          />
        </Field>
      )}
      {faultOf(draft) === undefined && <Preview draft={draft} known={known} />}
    </>
  );
};
