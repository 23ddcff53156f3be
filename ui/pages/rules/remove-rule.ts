import { call } from '../../api/client.ts';
import type { Rule } from '../../api/schema.ts';
import { toast, toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/rules.ts';
import { bodyOf, ruleDraftOf } from './rule-draft.ts';

/**
 * Deletes a rule and offers to undo that, which makes the same rule anew: its versions and alarms stay with the one that
 * is gone. False when it could not be deleted, which is said.
 */
export async function removeRule(rule: Rule, onRestored: (rule: Rule) => void): Promise<boolean> {
  const restore = async () => {
    try {
      const restored = await call('POST /rules', { body: bodyOf(ruleDraftOf(rule)) });
      toast(text.restored(restored.name));
      onRestored(restored);
    } catch (error) {
      toastError(error);
    }
  };
  try {
    await call('DELETE /rules/{id}', { path: { id: rule.id } });
  } catch (error) {
    toastError(error);
    return false;
  }
  toast(text.removed(rule.name), { action: { label: common.undo, run: () => void restore() } });
  return true;
}
