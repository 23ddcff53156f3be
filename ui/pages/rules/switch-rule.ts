import { call } from '../../api/client.ts';
import type { Rule } from '../../api/schema.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text } from '../../text/rules.ts';

/** Turns a rule on or off, and says so. The rule as it is then; undefined when that was refused, which is said as well. */
export async function switchRule({ id, name }: Rule, isActive: boolean): Promise<Rule | undefined> {
  try {
    const rule = await call('PATCH /rules/{id}', { path: { id }, body: { is_active: isActive } });
    toast(isActive ? text.switchedOn(name) : text.switchedOff(name));
    return rule;
  } catch (error) {
    toastError(error);
    return undefined;
  }
}
