import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { focusWhenShown } from '../../components/menu.tsx';
import { formatValue } from '../../components/value.tsx';
import { liveDevice } from '../../state/live.ts';
import { text } from '../../text/rules.ts';
import { choicesLike, type ParameterChoice } from './parameter-choices.ts';
import { OpenToken, type TokenProps } from './token.tsx';

/** Names listed at once: who has more types a part of one. */
const MAX_LISTED = 60;

interface PickerProps {
  readonly choices: readonly ParameterChoice[];
  readonly current: string;
  readonly onChoose: (name: string) => void;
}

/** The newest value of a parameter, with the unit in which rules compare it. */
const Newest = ({ choice }: { choice: ParameterChoice }) => {
  const newest = liveDevice(choice.deviceId).values.get(choice.name);
  return (
    <span class="rl__newest">
      {newest === undefined ? choice.unit : `${formatValue(newest.value, choice.decimals)} ${choice.unit ?? ''}`}
    </span>
  );
};

/** A field that finds a name, or takes one that nobody has sent yet; arrows go to the names below. */
const Picker = ({ choices, current, onChoose }: PickerProps) => {
  const [typed, setTyped] = useState('');
  const picker = useRef<HTMLFieldSetElement>(null);
  const name = typed.trim();
  const found = choicesLike(choices, name);
  const isNew = name !== '' && choices.every((choice) => choice.name !== name);
  const items = () => [...(picker.current?.querySelectorAll<HTMLElement>('input, .menu__item') ?? [])];
  useLayoutEffect(() => {
    focusWhenShown(items()[0]);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };
  return (
    <fieldset class="rl__pick" ref={picker} onKeyDown={onKeyDown} aria-label={text.parameter}>
      <input
        class="input"
        placeholder={text.findParameter}
        aria-label={text.findParameter}
        autocomplete="off"
        spellcheck={false}
        maxLength={128}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // The focus goes back to the word, which the same key would open again.
          event.preventDefault();
          if (name !== '') onChoose(isExact(found, name) ? name : (found[0]?.name ?? name));
        }}
      />
      <div class="menu rl__names">
        {found.slice(0, MAX_LISTED).map((choice) => (
          <button
            type="button"
            key={choice.name}
            class="menu__item"
            aria-pressed={choice.name === current}
            onClick={() => onChoose(choice.name)}
          >
            <span class="grow clip">
              <span class="mono">{choice.name}</span>
              {choice.displayName !== null && <small class="muted"> {choice.displayName}</small>}
            </span>
            <Newest choice={choice} />
          </button>
        ))}
        {isNew && (
          <button type="button" class="menu__item" onClick={() => onChoose(name)}>
            {text.takeName(name)}
          </button>
        )}
        {choices.length === 0 && name === '' && <p class="small muted rl__note">{text.noParameters}</p>}
      </div>
    </fieldset>
  );
};

const isExact = (found: readonly ParameterChoice[], name: string) => found.some((choice) => choice.name === name);

/** The name of a parameter in a sentence. */
export const ParameterToken = ({ choices, current, onChoose, ...rest }: PickerProps & TokenProps) => (
  <OpenToken {...rest} class="tk--name" shown={current === '' ? text.choose : current}>
    {(close) => (
      <Picker
        choices={choices}
        current={current}
        onChoose={(name) => {
          close();
          onChoose(name);
        }}
      />
    )}
  </OpenToken>
);
