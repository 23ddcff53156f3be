import type { ApplianceAuditEntry, AuditEntry } from '../../../api/schema.ts';
import { formatTime } from '../../../format/time.ts';
import { timezone } from '../../../state/session.ts';
import { text } from '../../../text/audit.ts';

/** An entry as a factory's admin, or an owner of the appliance, gets it. */
export type Entry = AuditEntry | ApplianceAuditEntry;

const spaced = (name: string) => name.replaceAll('_', ' ');
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** What a thing is called. */
export const kindWord = (kind: string): string => text.kinds[kind] ?? capital(spaced(kind));

/** An action in words. One that is not known yet is spelled out. */
export function actionWords(action: string): string {
  const [kind = '', verb = ''] = action.split('.', 2);
  return text.actions[action] ?? `${kindWord(kind)} ${text.verbs[verb] ?? spaced(verb)}`;
}

/** A field in words. */
export const fieldWord = (field: string): string => text.fields[field] ?? capital(spaced(field));

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** True for a value that is not there. */
export const isNothing = (value: unknown): boolean => value === null || value === undefined || value === '';

/** A value in words: times in the factory's zone. */
export function valueWords(value: unknown): string {
  if (isNothing(value)) return text.nothing;
  if (value === true) return text.yes;
  if (value === false) return text.no;
  if (value === '(hidden)') return text.hidden;
  if (value === '(hidden, new)') return text.hiddenNew;
  if (Array.isArray(value)) return value.length === 0 ? text.nothing : value.map(valueWords).join(', ');
  if (typeof value === 'string' && ISO_TIME.test(value))
    return formatTime(Date.parse(value), 'date_time', timezone.value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Who did it, and how they are known when they are no person. */
export function actorWords({ actor: { kind, name } }: Entry): { readonly name: string; readonly note: string } {
  if (kind === 'system') return { name: text.system, note: text.actors.system };
  return { name: name === '' ? text.nobody : name, note: text.actors[kind] };
}
