import type { Control } from './control.ts';
import { currentAct } from './core/act.ts';
import type { FactoryScope } from './core/scope.ts';
import { definitionSchema } from './rules/rules.ts';
import { DEMO_RULES, type DeviceDescription } from './simulator/simulator.ts';

/**
 * Names and units of the simulator's machines, and with the first of them the rules that watch them. What exists stays as
 * people made it, and a rule that they removed stays removed.
 */
export function furnishDemo(control: Control, scope: FactoryScope, devices: readonly DeviceDescription[]): void {
  const isNew = control.catalogue.all(scope).length === 0;
  for (const device of devices) control.devices.describe(scope, device);
  if (!isNew) return;
  for (const rule of DEMO_RULES) control.rules.create(scope, definitionSchema.parse(rule), currentAct().actor.name);
}
