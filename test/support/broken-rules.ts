import { join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Gives a stored rule a schedule in a time zone that there is not, so that it throws when it is evaluated: as one would whose
 * zone the time zone data of a new version does not know any more. No route takes such a rule; the appliance does not run.
 */
export function breakRule(dataDir: string, ruleId: string): void {
  const db = new Database(join(dataDir, 'control.db'));
  const schedule = JSON.stringify({ timezone: 'Nowhere/Nothing', windows: [], from_date: null, to_date: null });
  const { changes } = db
    .prepare("update rules set definition = json_set(definition, '$.schedule', json(?)) where id = ?")
    .run(schedule, ruleId);
  db.close();
  if (changes !== 1) throw new Error(`there is no rule ${ruleId}`);
}
