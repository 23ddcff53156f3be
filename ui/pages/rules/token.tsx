import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { text } from '../../text/rules.ts';
import { durationText, parseDuration } from './duration.ts';
import { numberOf } from './leaf-edits.ts';

/** Words of a sentence that can be changed: where they stand, by a click or with the keyboard. */

export interface TokenProps {
  /** Names it within its line, so that the focus is found again. */
  readonly token: string;
  /** What it says, read out before its value. */
  readonly label: string;
  readonly isFaulty?: boolean | undefined;
}

/** The last word of a sentence and its full stop, which does not go to the next line alone. */
export const LastWord = ({ children }: { children: ComponentChildren }) => <span class="rl__closing">{children}.</span>;

type OpenTokenProps = TokenProps & {
  readonly shown: ComponentChildren;
  readonly class?: string;
  readonly popClass?: string;
  readonly children: (close: () => void) => ComponentChildren;
};

/** A word that opens something to change it with. */
export const OpenToken = ({ token, label, isFaulty, shown, popClass, children, ...rest }: OpenTokenProps) => (
  <Popover
    {...(popClass !== undefined && { class: popClass })}
    button={(attributes) => (
      <button
        type="button"
        {...attributes}
        class={`tk ${rest.class ?? ''} ${isFaulty === true ? 'is-faulty' : ''}`}
        data-token={token}
        aria-haspopup="true"
      >
        <span class="sr">{label}: </span>
        {shown}
      </button>
    )}
  >
    {children}
  </Popover>
);

type ChoiceTokenProps<Choice extends string> = TokenProps & {
  readonly choices: readonly (readonly [id: Choice, words: ComponentChildren])[];
  readonly current: Choice | undefined;
  readonly onChoose: (id: Choice) => void;
  readonly class?: string;
};

/** A word that is one of a few. */
export const ChoiceToken = <Choice extends string>(props: ChoiceTokenProps<Choice>) => {
  const { choices, current, onChoose, ...rest } = props;
  const shown = choices.find(([id]) => id === current)?.[1] ?? text.choose;
  return (
    <OpenToken {...rest} shown={shown}>
      {(close) => (
        <Menu label={props.label}>
          {choices.map(([id, words]) => (
            <MenuItem
              key={id}
              isChosen={id === current}
              onChoose={() => {
                close();
                onChoose(id);
              }}
            >
              {words}
            </MenuItem>
          ))}
        </Menu>
      )}
    </OpenToken>
  );
};

type TypedTokenProps<Value> = TokenProps & {
  readonly value: Value | undefined;
  readonly onValue: (value: Value | undefined) => void;
  /** How a value is typed, and what a typed text means; undefined: nothing. */
  readonly format: (value: Value) => string;
  readonly parse: (typed: string) => Value | undefined;
  readonly placeholder: string;
  readonly inputMode?: 'decimal' | 'text';
  /** What it is while what is typed means nothing, where that would else be what it was: the API finds fault with it. */
  readonly unread?: Value;
  /** When it is left empty: what it belongs to is no longer said. */
  readonly onEmpty?: (() => void) | undefined;
  readonly list?: string | undefined;
};

/** Characters that a word has room for at least. */
const LEAST = 2;

/** A word that is typed. What does not mean anything stays as it was typed, and is marked. */
export function TypedToken<Value>(props: TypedTokenProps<Value>) {
  const { token, label, isFaulty, value, onValue, format, parse, placeholder, inputMode = 'text', onEmpty } = props;
  const shown = value === undefined || Number.isNaN(value) ? '' : format(value);
  const read = (text: string) => parse(text) ?? (text.trim() === '' ? undefined : props.unread);
  const [typed, setTyped] = useState(shown);
  const input = useRef<HTMLInputElement>(null);
  const isSame = Object.is(read(typed), value);
  // Not an effect: until that runs they may have gone on to the next word, and what they typed would be taken for old.
  useLayoutEffect(() => {
    // What somebody types stays as they type it: "1.0" is not made "1" below their fingers.
    if (document.activeElement !== input.current || !isSame) setTyped(shown);
  }, [shown]);
  const isWrong = typed.trim() !== '' && parse(typed) === undefined;
  const settle = () => {
    if (typed.trim() === '' && onEmpty !== undefined) onEmpty();
    else if (!isWrong && value !== undefined) setTyped(format(value));
  };
  return (
    <input
      ref={input}
      class={`tk tk--typed ${isFaulty === true || isWrong ? 'is-faulty' : ''}`}
      data-token={token}
      aria-label={label}
      {...((isFaulty === true || isWrong) && { 'aria-invalid': 'true' })}
      inputMode={inputMode}
      autocomplete="off"
      spellcheck={false}
      placeholder={placeholder}
      style={{ width: `${Math.max(LEAST, (typed || placeholder).length) + 1.75}ch` }}
      value={typed}
      onInput={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        onValue(read(next));
      }}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle();
      }}
    />
  );
}

type PlainTokenProps<Value> = TokenProps & Pick<TypedTokenProps<Value>, 'value' | 'onValue' | 'onEmpty' | 'unread'>;

/** A number, with a comma or a point. */
export const NumberToken = (props: PlainTokenProps<number> & { readonly placeholder?: string }) => (
  <TypedToken placeholder="0" {...props} format={String} parse={numberOf} inputMode="decimal" />
);

/** A time that passes, such as "90 s" or "5 min". */
export const DurationToken = (props: PlainTokenProps<number>) => (
  <TypedToken {...props} format={durationText} parse={parseDuration} placeholder="60 s" />
);
