import { Icon } from './icon.tsx';

interface SearchBoxProps {
  readonly label: string;
  /** What stands in the empty field; the label unless given. */
  readonly placeholder?: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** The person goes on to something else. */
  readonly onLeave?: () => void;
}

/** A field that filters as one types; Esc empties it. */
export const SearchBox = ({ label, placeholder = label, value, onInput, onLeave }: SearchBoxProps) => (
  <span class="affix grow">
    <Icon name="search" />
    <input
      class="input"
      type="search"
      placeholder={placeholder}
      aria-label={label}
      value={value}
      {...(onLeave !== undefined && { onBlur: onLeave })}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onInput('');
      }}
    />
  </span>
);
