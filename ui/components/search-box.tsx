import { Icon } from './icon.tsx';

interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** A field that filters as one types; Esc empties it. */
export const SearchBox = ({ label, value, onInput }: SearchBoxProps) => (
  <span class="affix grow">
    <Icon name="search" />
    <input
      class="input"
      type="search"
      placeholder={label}
      aria-label={label}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onInput('');
      }}
    />
  </span>
);
