import { useState } from 'preact/hooks';
import { SearchBox } from '../../components/search-box.tsx';

/** One that can be picked. */
export interface Pickable {
  readonly id: string;
  readonly name: string;
  readonly note?: string;
}

interface PickedListProps {
  readonly label: string;
  readonly items: readonly Pickable[];
  readonly picked: readonly string[];
  readonly onPick: (picked: readonly string[]) => void;
}

/** Lines shown at once: who has more types a part of a name. */
const MAX_LISTED = 100;
const SEARCHED_FROM = 8;

/** Some of these; of many those that are picked come first, and there is a search. */
export const PickedList = ({ label, items, picked, onPick }: PickedListProps) => {
  const [typed, setTyped] = useState('');
  const [first] = useState(picked);
  const isLong = items.length > SEARCHED_FROM;
  const rankOf = ({ id }: Pickable) => Number(isLong && first.includes(id));
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = items
    .filter(({ name, note = '' }) => words.every((word) => `${name} ${note}`.toLowerCase().includes(word)))
    .toSorted((left, right) => rankOf(right) - rankOf(left));
  return (
    <div class="rl__picked">
      {isLong && <SearchBox label={label} value={typed} onInput={setTyped} />}
      <ul aria-label={label}>
        {shown.slice(0, MAX_LISTED).map(({ id, name, note }) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                class="check"
                checked={picked.includes(id)}
                onChange={(event) =>
                  onPick(event.currentTarget.checked ? [...picked, id] : picked.filter((one) => one !== id))
                }
              />
              <span class="grow clip">{name}</span>
              {note !== undefined && <small class="muted">{note}</small>}
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
};
