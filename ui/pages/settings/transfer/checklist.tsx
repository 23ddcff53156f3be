import { useMemo, useState } from 'preact/hooks';
import { SearchBox } from '../../../components/search-box.tsx';
import { text } from '../../../text/transfer.ts';

export interface Listed {
  readonly id: string;
  readonly label: string;
  /** Beside it, quieter. */
  readonly note?: string;
}

interface ChecklistProps {
  /** What is chosen from. */
  readonly label: string;
  readonly searchLabel: string;
  readonly items: readonly Listed[];
  readonly chosen: readonly string[];
  readonly most?: number;
  /** Stands where there is nothing to choose from. */
  readonly none: string;
  readonly onChoose: (chosen: readonly string[]) => void;
}

/** More are found by their name. */
const MAX_SHOWN = 200;

/** Some of many, by ticking them. What was chosen when it appeared stands first. */
export const Checklist = ({ label, searchLabel, items, chosen, most, none, onChoose }: ChecklistProps) => {
  const [typed, setTyped] = useState('');
  const first = useMemo(() => new Set(chosen), []);
  const word = typed.trim().toLowerCase();
  const found = items
    .filter(({ label, note = '' }) => `${label} ${note}`.toLowerCase().includes(word))
    .toSorted((a, b) => Number(first.has(b.id)) - Number(first.has(a.id)));
  const isFull = most !== undefined && chosen.length >= most;
  if (items.length === 0) return <p class="small soft">{none}</p>;
  return (
    <div class="tf__list">
      <SearchBox label={searchLabel} value={typed} onInput={setTyped} />
      <ul aria-label={label}>
        {found.slice(0, MAX_SHOWN).map(({ id, label, note }) => {
          const isOn = chosen.includes(id);
          return (
            <li key={id}>
              <label>
                <input
                  type="checkbox"
                  class="check"
                  checked={isOn}
                  disabled={isFull && !isOn}
                  onChange={() => onChoose(isOn ? chosen.filter((one) => one !== id) : [...chosen, id])}
                />
                <span class="clip" title={label}>
                  {label}
                </span>
                {note !== undefined && <span class="muted small clip">{note}</span>}
              </label>
            </li>
          );
        })}
        {found.length === 0 && <li class="small soft">{text.noneFound}</li>}
      </ul>
      <p class="small muted" role="status">
        {text.chosen(chosen.length)}
        {isFull && ` – ${text.most(most)}`}
      </p>
    </div>
  );
};
