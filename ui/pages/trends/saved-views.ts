import { signal } from '@preact/signals';

/** A view that was given a name: its address is all there is to it. */
export interface SavedView {
  readonly name: string;
  readonly search: string;
}

const keyOf = (factoryId: string) => `trends ${factoryId}`;

function read(factoryId: string): SavedView[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(factoryId)) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter(({ name, search }) => typeof name === 'string' && typeof search === 'string');
  } catch {
    return [];
  }
}

const views = signal<{ readonly factoryId: string; readonly list: readonly SavedView[] }>({ factoryId: '', list: [] });

/** The views kept in this browser for a factory, by name. */
export function savedViews(factoryId: string): readonly SavedView[] {
  if (views.value.factoryId !== factoryId) views.value = { factoryId, list: read(factoryId) };
  return views.value.list;
}

function write(factoryId: string, list: readonly SavedView[]): void {
  views.value = { factoryId, list };
  localStorage.setItem(keyOf(factoryId), JSON.stringify(list));
}

/** Keeps a view under a name; one of the same name gives way. */
export function saveView(factoryId: string, view: SavedView): void {
  const others = savedViews(factoryId).filter(({ name }) => name !== view.name);
  write(
    factoryId,
    [...others, view].sort((a, b) => a.name.localeCompare(b.name, 'en')),
  );
}

export function removeView(factoryId: string, name: string): void {
  write(
    factoryId,
    savedViews(factoryId).filter((view) => view.name !== name),
  );
}
