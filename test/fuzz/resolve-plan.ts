import type { Operation } from './document.ts';
import type { WireRequest } from './exchange.ts';
import type { KnownValues, PathValues } from './known-values.ts';
import type { BodyPlan, RequestPlan } from './plans.ts';
import { jsonOf, resolved } from './symbols.ts';

/** A request with everything in it decided. */
export interface Resolved {
  readonly wire: WireRequest;
  /** The values of the path's parameters, where they lead to something that is known. */
  readonly at: PathValues | undefined;
}

/** Lone surrogates cannot be encoded. */
const encode = (value: unknown): string => encodeURIComponent(String(value).toWellFormed());

function bodyOf({ value, bytes }: BodyPlan, known: KnownValues): Buffer {
  return bytes ?? Buffer.from(jsonOf(resolved(value, known)));
}

/** @param callerHeaders - by which the caller of the plan is known */
export function resolvePlan(
  { method, template }: Operation,
  plan: RequestPlan,
  known: KnownValues,
  callerHeaders: Readonly<Record<string, string>>,
): Resolved {
  const place = known.place(template, plan.nth);
  const path = plan.segments.reduce((filled, { name, from, value }) => {
    const own = from === 'raw' ? String(value) : encode(resolved(value, known));
    const existing = from === 'known' ? place?.[name] : undefined;
    // A function, or `$&` in the value would mean something.
    return filled.replace(`{${name}}`, () => (existing === undefined ? own : encode(existing)));
  }, template);
  const query = plan.query.map(([name, value]) => `${encode(name)}=${encode(resolved(value, known))}`);
  const queries = [...query, ...(plan.rawQuery === '' ? [] : [plan.rawQuery])].join('&');
  const body = plan.body && bodyOf(plan.body, known);
  return {
    wire: {
      method,
      path: queries === '' ? path : `${path}?${queries}`,
      headers: { ...plan.headers, ...plan.body?.headers, ...callerHeaders },
      body,
    },
    at: plan.segments.every(({ from }) => from === 'known')
      ? (place ?? (plan.segments.length > 0 ? undefined : {}))
      : undefined,
  };
}
