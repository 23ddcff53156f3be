import type { Rule } from '../../ui/api/schema.ts';

/** A rule as the pages get it. */
export const shownRule = (members: Partial<Rule> = {}): Rule => ({
  id: 'r',
  version: 1,
  name: 'Hot',
  guidance: '',
  is_active: true,
  device_ids: [],
  tags: [],
  severity: 'high',
  condition: { parameter: 't', operator: 'gt', value: 80, hysteresis: 3 },
  levels: [],
  cooldown_seconds: 0,
  keep_firing_seconds: 0,
  schedule: null,
  suppressed_by: [],
  note_required: false,
  notifications: [],
  escalation: [],
  created_at: '',
  created_by: '',
  updated_at: '',
  updated_by: '',
  fault: null,
  ...members,
});
