import type { Operation } from './document.ts';
import type { Lookup } from './symbols.ts';

/** Of each name, and of each collection. */
const MOST = 40;
const LONGEST = 2_000;
const SPARED_ONCE_IN = 12;
const DEEPEST = 8;

/** Values of a path's parameters that lead to something. */
export type PathValues = Readonly<Record<string, string>>;

/** What the appliance has answered so far, to be asked for again. */
export interface KnownValues extends Lookup {
  /** A value from outside, such as a password, which is never forgotten. */
  pin(name: string, value: string): void;
  /** Takes over what an operation has answered: texts by the names of their members, items by the path of their list. */
  learn(operation: Operation, at: PathValues, answer: unknown): void;
  /** Something that this path leads to, with the values of all its parameters. */
  place(template: string, nth: number): PathValues | undefined;
  /** What this value leads to is to be asked for seldom: without it the world cannot go on. */
  spare(value: string): void;
  /** It is gone. */
  forget(template: string, at: PathValues): void;
}

/** The path up to its last parameter, and without what comes before it: `/devices/{id}/rejects` → `/devices/{id}`. */
const placeOf = (template: string): string => template.slice(0, template.lastIndexOf('}') + 1);

/** The last words of a path before its last parameter: `/devices/{id}` → `devices`. */
const collectionOf = (place: string): string => place.split('/').at(-2) ?? '';

/** True for `device`, `devices`, `device_id`, `device_ids` and the collection `devices`; plurals in -ies too. */
const isNamedAfter = (collection: string, name: string): boolean => {
  const stem = name.replace(/_ids?$/, '').replace(/s$/, '');
  return stem.length > 2 && collection.startsWith(stem.slice(0, -1)) && collection.length - stem.length < 3;
};

function add<T>(lists: Map<string, T[]>, name: string, value: T, isSame: (a: T) => boolean): void {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  if (list.some(isSame)) return;
  list.push(value);
  if (list.length > MOST) list.shift();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function createKnownValues(operations: readonly Operation[]): KnownValues {
  const pinned = new Map<string, string[]>();
  const byName = new Map<string, string[]>();
  const places = new Map<string, PathValues[]>();
  const spared = new Set<string>();
  const templates = new Set(operations.map(({ template }) => placeOf(template)).filter((template) => template !== ''));

  const learnTexts = (name: string, value: unknown, depth: number): void => {
    if (typeof value === 'string' && value !== '' && value.length <= LONGEST) {
      add(byName, name, value, (other) => other === value);
    } else if (depth < DEEPEST && typeof value === 'object' && value !== null) {
      const isArray = Array.isArray(value);
      for (const [key, item] of Object.entries(value).slice(0, MOST)) learnTexts(isArray ? name : key, item, depth + 1);
    }
  };
  const learnPlace = (collection: string, at: PathValues, item: unknown): void => {
    for (const template of templates) {
      const name = /^\/\{(\w+)\}$/.exec(template.slice(collection.length))?.[1];
      if (!template.startsWith(collection) || name === undefined || !isObject(item)) continue;
      const value = item[name];
      if (typeof value !== 'string') continue;
      const place = { ...at, [name]: value };
      add(places, template, place, (other) => JSON.stringify(other) === JSON.stringify(place));
    }
  };

  const idsOf = (name: string): string[] =>
    [...places].flatMap(([template, list]) =>
      isNamedAfter(collectionOf(template), name) ? list.map((place) => Object.values(place).at(-1) ?? '') : [],
    );

  const named = (name: string, nth: number): string | undefined => {
    const aliases = new Set([name, `next_${name}`, name.slice(name.lastIndexOf('_') + 1), name.replace(/s$/, '')]);
    const ids = idsOf(name);
    const lists = [...aliases].flatMap((alias) => [pinned.get(alias) ?? [], byName.get(alias) ?? []]);
    const filled = [ids, ...lists].filter((list) => list.length > 0);
    const list = filled[nth % filled.length] ?? [];
    const value = list[Math.floor(nth / filled.length) % list.length];
    // A list of them in one text, now and then.
    if (list !== ids || !name.endsWith('s') || nth % 3 === 0) return value;
    return ids.slice(0, 1 + (nth % 5)).join(',');
  };

  return {
    named,
    pin: (name, value) => pinned.set(name, [...(pinned.get(name) ?? []), value]),
    learn: ({ template }, at, answer) => {
      learnTexts('', answer, 0);
      learnPlace(template, at, answer);
      if (!isObject(answer)) return;
      for (const list of Object.values(answer).filter(Array.isArray)) {
        for (const item of list.slice(0, MOST)) learnPlace(template, at, item);
      }
    },
    place: (template, nth) => {
      const all = places.get(placeOf(template)) ?? [];
      const others = all.filter((place) => !Object.values(place).some((value) => spared.has(value)));
      const isForAll = others.length === 0 || nth % SPARED_ONCE_IN === 0;
      return isForAll ? all[Math.floor(nth / SPARED_ONCE_IN) % all.length] : others[nth % others.length];
    },
    spare: (value) => spared.add(value),
    forget: (template, at) => {
      const list = places.get(template) ?? [];
      places.set(
        template,
        list.filter((place) => Object.entries(at).some(([name, value]) => place[name] !== value)),
      );
    },
  };
}
