import type { ComponentChildren } from 'preact';

interface ChoiceProps {
  /** That of its group. */
  readonly name: string;
  readonly label: string;
  readonly hint: ComponentChildren;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

/** One of a few, with what it means. A radio button: arrows move between those of one name. */
export const Choice = ({ name, label, hint, isChosen, onChoose }: ChoiceProps) => (
  <label class="choice">
    <input type="radio" class="check" name={name} checked={isChosen} onChange={onChoose} />
    <span>
      <b class="strong">{label}</b>
      <small>{hint}</small>
    </span>
  </label>
);
