import { Icon } from './icon.tsx';

interface SearchBoxProps {
  readonly label: string;
  /** What stands in the empty field; the label unless given. */
  readonly placeholder?: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** A field that filters as one types; Esc empties it. */
export const SearchBox = ({ label, placeholder = label, value, onInput }: SearchBoxProps) => (
  <span class="affix grow">
    <Icon name="search" />
    <input
      class="input"
      type="search"
      placeholder={placeholder}
      aria-label={label}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onInput('');
      }}
    />
  </span>
);
