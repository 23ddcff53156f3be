import { useId, useLayoutEffect, useState } from 'preact/hooks';
import type { ImportOptions, ImportPreview } from '../../../api/schema.ts';
import { Button } from '../../../components/button.tsx';
import { Panel } from '../../../components/panel.tsx';
import { timezones } from '../../../format/timezones.ts';
import { text } from '../../../text/transfer.ts';
import { Checklist } from './checklist.tsx';
import { CONTROLS, choicesOf, currentOf, type OptionName, optionsFor, withOption } from './import-options.ts';
import { inWords } from './wording.ts';

interface FieldsProps {
  readonly options: ImportOptions;
  /** Of the last time that the file could be read; undefined when it never could. */
  readonly preview: ImportPreview | undefined;
  readonly onOptions: (options: ImportOptions) => void;
}

type FieldProps = FieldsProps & { readonly name: OptionName };
type ControlProps = FieldProps & { readonly id: string; readonly describedBy: string; readonly value: string };

const TextControl = ({
  id,
  describedBy,
  value,
  onText,
}: Omit<ControlProps, keyof FieldProps> & { onText: (typed: string) => void }) => {
  const [typed, setTyped] = useState(value);
  useLayoutEffect(() => setTyped(value), [value]);
  return (
    <input
      class="input"
      id={id}
      aria-describedby={describedBy}
      autocomplete="off"
      spellcheck={false}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onChange={() => typed !== value && onText(typed)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && typed !== value) onText(typed);
      }}
    />
  );
};

/** What a select offers; undefined: the value is typed. */
function offered({ name, value, preview }: ControlProps): readonly (readonly [string, string])[] | undefined {
  const control = CONTROLS[name];
  if (control === 'choice') return choicesOf(name);
  if (control === 'zone') return timezones(value || 'UTC').map((zone) => [zone, zone]);
  if (control !== 'column' && control !== 'optional_column') return undefined;
  const columns = preview?.columns ?? [];
  if (columns.length === 0) return undefined;
  const all = value === '' || columns.includes(value) ? columns : [value, ...columns];
  return all.map((column) => [column, column]);
}

const Control = (props: ControlProps) => {
  const { id, describedBy, name, value, options, onOptions } = props;
  const choices = offered(props);
  const say = (next: string) => onOptions(withOption(options, name, next));
  if (choices === undefined) return <TextControl id={id} describedBy={describedBy} value={value} onText={say} />;
  return (
    <select
      class="select"
      id={id}
      aria-describedby={describedBy}
      value={value}
      onChange={(event) => say(event.currentTarget.value)}
    >
      {value === '' && (
        <option value="">{CONTROLS[name] === 'optional_column' ? text.noColumn : text.automatic}</option>
      )}
      {choices.map(([choice, words]) => (
        <option key={choice} value={choice}>
          {words}
        </option>
      ))}
    </select>
  );
};

const Columns = ({ options, preview, onOptions }: FieldsProps) => {
  const time = currentOf('time_column', options, preview?.detected ?? []);
  const all = preview?.columns.filter((column) => column !== time) ?? [];
  const [chosen, setChosen] = useState<readonly string[]>(options.columns ?? all);
  useLayoutEffect(() => setChosen(options.columns ?? all), [options.columns, all.join('\n')]);
  if (all.length === 0) return null;
  const before = options.columns ?? all;
  const isChanged = chosen.length !== before.length || chosen.some((one) => !before.includes(one));
  const say = () => onOptions(withOption(options, 'columns', chosen.length === all.length ? [] : chosen));
  return (
    <details class="tf__option tf__option--open">
      <summary>
        <span class="label">{text.options.columns}</span>{' '}
        <span class="small soft">
          {options.columns === undefined ? text.columnsAll : text.columnsSome(options.columns.length, all.length)}
        </span>
      </summary>
      <Checklist
        label={text.options.columns}
        searchLabel={text.findParameter}
        items={all.map((column) => ({ id: column, label: column }))}
        chosen={chosen}
        none=""
        onChoose={setChosen}
      />
      <Button small disabled={!isChanged || chosen.length === 0} onClick={say}>
        {text.apply}
      </Button>
    </details>
  );
};

const OptionField = (props: FieldProps) => {
  const { name, options, preview, onOptions } = props;
  const id = useId();
  const detected = preview?.detected ?? [];
  const isSaid = options[name] !== undefined;
  const found = detected.find(({ option }) => option === name);
  if (CONTROLS[name] === 'columns') return <Columns {...props} />;
  const evidence = found === undefined ? text.notFound : inWords(found.evidence);
  return (
    <div class="tf__option">
      <label class="label" for={id}>
        {text.options[name]}
      </label>
      <Control {...props} id={id} describedBy={`${id}e`} value={currentOf(name, options, detected)} />
      <span class="tf__evidence">
        <span class="small muted" id={`${id}e`}>
          {isSaid ? text.youSaid : evidence} {name === 'missing' && text.missingHint}
        </span>
        {isSaid && (
          <Button small look="quiet" onClick={() => onOptions(withOption(options, name, ''))}>
            {text.findOut}
          </Button>
        )}
      </span>
    </div>
  );
};

/** How a file is read: each option with its value and why, to be corrected. */
export const OptionFields = (props: FieldsProps) => {
  const { often, seldom } = optionsFor(props.options, props.preview?.detected ?? []);
  return (
    <Panel title={text.how} side={<span class="panel__note">{text.howNote}</span>}>
      <div class="tf__options">
        {often.map((name) => (
          <OptionField key={name} {...props} name={name} />
        ))}
        <details class="tf__more">
          <summary class="small">{text.more}</summary>
          <div class="tf__options">
            {seldom.map((name) => (
              <OptionField key={name} {...props} name={name} />
            ))}
          </div>
        </details>
      </div>
    </Panel>
  );
};
