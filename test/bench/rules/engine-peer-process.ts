/**
 * The peer of the engine: json-rules-engine with the same plain rules, given the same values of the same devices, each
 * message of a device as one set of facts. It keeps nothing between two messages, so what was true is remembered here, a bit
 * for each rule of each device; what changes is counted, and has to be as many as the engine's transitions.
 *
 *   node engine-peer-process.ts <devices> <rules> <seconds>
 */
import { Engine, type NestedCondition } from 'json-rules-engine';
import type { Condition } from '../../../src/rules/condition.ts';
import { PARAMETERS, plainConditions, signalOf, WARM_UP_SECONDS } from './plant.ts';

const [devices = 0, rules = 0, seconds = 0] = process.argv.slice(2).map(Number);
const OPERATORS: Readonly<Record<string, string>> = { gt: 'greaterThan', lt: 'lessThan', eq: 'equal' };

function nested(condition: Condition): NestedCondition {
  if ('all' in condition) return { all: condition.all.map(nested) };
  if ('any' in condition) return { any: condition.any.map(nested) };
  if (!('value' in condition) || !('parameter' in condition)) throw new Error('the peer does not know this condition');
  const { parameter, operator, value } = condition;
  return { fact: parameter, operator: OPERATORS[operator] ?? operator, value };
}

const engine = new Engine();
for (const [place, condition] of plainConditions(rules).entries()) {
  const conditions = nested(condition);
  const top = 'all' in conditions || 'any' in conditions ? conditions : { all: [conditions] };
  engine.addRule({ conditions: top, event: { type: String(place) } });
}
const wasTrue = Array.from({ length: devices }, () => new Uint8Array(rules));
let transitions = 0;

const messageOf = (device: number, second: number) =>
  Object.fromEntries(
    PARAMETERS.map((parameter, place) => {
      const value = signalOf(device, place, second);
      return [parameter, parameter === 'running' ? value === 1 : value];
    }),
  );

async function pass(second: number): Promise<void> {
  for (const [device, was] of wasTrue.entries()) {
    const { events } = await engine.run(messageOf(device, second));
    const is = new Uint8Array(rules);
    for (const { type } of events) is[Number(type)] = 1;
    for (let rule = 0; rule < rules; rule++) if (is[rule] !== was[rule]) transitions++;
    was.set(is);
  }
}

for (let second = 0; second < WARM_UP_SECONDS; second++) await pass(second);
const cpuBefore = process.cpuUsage();
for (let second = WARM_UP_SECONDS; second < WARM_UP_SECONDS + seconds; second++) await pass(second);
const cpu = process.cpuUsage(cpuBefore);

const madeBefore = process.cpuUsage();
for (let second = 0; second < seconds; second++)
  for (let device = 0; device < devices; device++) messageOf(device, second);
const making = process.cpuUsage(madeBefore);
const cpuSeconds = (cpu.user + cpu.system - making.user - making.system) / 1e6;
const figures = {
  core_percent: Number(((cpuSeconds * 100) / seconds).toFixed(1)),
  ns_per_evaluation: Math.round((cpuSeconds * 1e9) / (seconds * devices * rules)),
  transitions,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
