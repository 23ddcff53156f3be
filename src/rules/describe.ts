import { type Change, severityOf } from './fold.ts';
import type { Transition } from './transition.ts';

/**
 * A change of the fold in the words of a report.
 *
 * @param isBoolean - whether a parameter of the device is true or false: the fold knows numbers alone
 */
export function describe(change: Change, isBoolean: (parameter: string) => boolean): Transition {
  const { leaf, value } = change;
  const inner = leaf?.operator === 'occurrences' ? leaf.of : leaf;
  const parameter = inner?.parameter ?? null;
  const isItself =
    leaf === inner && inner !== undefined && !('aggregate' in inner) && inner.operator !== 'rate_of_change';
  const isShownAsBoolean = isItself && typeof value === 'number' && isBoolean(parameter ?? '');
  const shown = isShownAsBoolean ? value !== 0 : value;
  const transition = { at: change.at, severity: severityOf(change.severity), parameter, value: shown };
  return change.isBySchedule ? { ...transition, because: 'schedule' } : transition;
}
