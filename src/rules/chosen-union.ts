import * as z from 'zod';

/** A fault at the value itself, or below it. */
export interface Unmeant {
  readonly message: string;
  readonly path?: readonly string[];
}

interface ChosenUnionDef extends z.core.$ZodUnionDef {
  readonly choose: (value: unknown) => z.core.$ZodType | Unmeant;
}

const Union: z.core.$constructor<z.ZodUnion> = z.ZodUnion;

/** Made as zod makes its own types, so that it stays what it is when it is described or given an id. */
const ChosenUnion = z.core.$constructor('ChosenUnion', (inst: z.ZodUnion, def: ChosenUnionDef) => {
  Union.init(inst, def);
  inst._zod.parse = (payload, context) => {
    const chosen = def.choose(payload.value);
    if ('_zod' in chosen) return chosen._zod.run(payload, context);
    const { message, path = [] } = chosen;
    payload.issues.push({ code: 'custom', message, path: [...path], input: payload.value, inst });
    return payload;
  };
});

/**
 * A union whose faults are those of the alternative that is meant, and not those of all of them. It is documented as a
 * union like any other.
 *
 * @param choose - one of the alternatives by what the value has, or what is wrong when it cannot be told
 */
export const chosenUnion = <const Options extends readonly z.ZodType[]>(
  options: Options,
  choose: (value: unknown) => Options[number] | Unmeant,
): z.ZodUnion<Options> => new ChosenUnion({ type: 'union', options, choose }) as z.ZodUnion<Options>;
