import * as z from 'zod';
import {
  definitionSchema,
  patchSchema,
  type Rule,
  type RuleDefinition,
  type RuleFault,
  type Rules,
  type RulesDriver,
  type RuleVersion,
  ruleShape,
} from '../../rules/rules.ts';
import { callerName } from '../caller-name.ts';
import { type Route, route } from '../route.ts';
import { parse } from '../validate.ts';
import {
  decodeCursor,
  decodeNumber,
  idParams,
  idSchema,
  isoTime,
  isoTimeSchema,
  listSchema,
  notACursor,
  pageOf,
  pageQuery,
} from '../wire.ts';

const TAG = 'Rules';

const ruleSchema = z
  .object({
    id: z.uuid(),
    version: z.int().describe('Counts its changes; an alarm says which version raised it'),
    ...ruleShape,
    created_at: isoTimeSchema,
    created_by: z.string(),
    updated_at: isoTimeSchema,
    updated_by: z.string(),
    fault: z
      .object({ at: isoTimeSchema, message: z.string() })
      .nullable()
      .describe(
        'Why it is left out, and since when: it raises and clears nothing until it is tried again, when it is changed, turned off and on, or at the next start. null: it is not',
      ),
  })
  .meta({ id: 'Rule' });

const versionSchema = z
  .object({ version: z.int(), ...ruleShape, made_at: isoTimeSchema, made_by: z.string() })
  .meta({ id: 'RuleVersion' });

const definitionReply = (definition: RuleDefinition) => definition as z.input<typeof definitionSchema>;

/** A rule as the API shows it. */
const ruleReply = ({ definition, ...rule }: Rule, fault: RuleFault | undefined): z.input<typeof ruleSchema> => ({
  id: rule.id,
  version: rule.version,
  ...definitionReply(definition),
  created_at: isoTime(rule.createdAt),
  created_by: rule.createdBy,
  updated_at: isoTime(rule.updatedAt),
  updated_by: rule.updatedBy,
  fault: fault === undefined ? null : { at: isoTime(fault.at), message: fault.message },
});

const versionReply = ({ version, definition, madeAt, madeBy }: RuleVersion): z.input<typeof versionSchema> => ({
  version,
  ...definitionReply(definition),
  made_at: isoTime(madeAt),
  made_by: madeBy,
});

/** Where a page ends: names are not unique. No name has a line break. */
const endOf = ({ id, definition: { name } }: Rule): string => `${name}\n${id}`;

function afterOf(cursor: string | undefined) {
  const key = decodeCursor(cursor);
  if (key === undefined) return undefined;
  const [name, id] = String(key).split('\n');
  if (name === undefined || id === undefined) throw notACursor();
  return { name, id };
}

export interface RuleRoutesDeps {
  readonly rules: Rules;
  readonly faultOf: RulesDriver['faultOf'];
}

/** `/rules`: what is watched for, and how it was before. */
export function ruleRoutes({ rules, faultOf }: RuleRoutesDeps): Route[] {
  const shown = (rule: Rule) => ruleReply(rule, faultOf(rule));
  return [
    route({
      method: 'get',
      path: '/rules',
      access: { factory: 'viewer' },
      summary: 'Rules by name',
      tag: TAG,
      query: z.strictObject({
        ...pageQuery,
        q: z.string().max(100).optional().describe('Text looked for in the name'),
        is_active: z.enum(['true', 'false']).optional().describe('Only those that watch, or only those that rest'),
      }),
      reply: listSchema(ruleSchema),
      handle: ({ scope, query: { limit, cursor, q, is_active: isActive } }) => {
        const found = rules.list(scope, {
          limit: limit + 1,
          after: afterOf(cursor),
          text: q,
          isActive: isActive === undefined ? undefined : isActive === 'true',
        });
        return pageOf(found, limit, endOf, shown);
      },
    }),
    route({
      method: 'post',
      path: '/rules',
      access: { factory: 'rules' },
      summary:
        'Make a rule: `name`, `severity` and `condition` are enough. It watches from the next samples on; at most 1,000 in a factory',
      tag: TAG,
      status: 201,
      body: definitionSchema,
      reply: ruleSchema,
      refuses: ['conflict'],
      handle: ({ scope, identity, body }) => shown(rules.create(scope, body, callerName(identity))),
    }),
    route({
      method: 'get',
      path: '/rules/:id',
      access: { factory: 'viewer' },
      summary: 'One rule',
      tag: TAG,
      params: idParams,
      reply: ruleSchema,
      handle: ({ scope, params }) => shown(rules.get(scope, params.id)),
    }),
    route({
      method: 'patch',
      path: '/rules/:id',
      access: { factory: 'rules' },
      summary: 'Change a rule, which makes a new version of it; members left out stay as they are',
      tag: TAG,
      params: idParams,
      body: patchSchema,
      reply: ruleSchema,
      handle: ({ scope, params, identity, body }) => {
        // What goes together has to go together with what stays, too.
        const changed = (before: RuleDefinition) => parse(definitionSchema, { ...before, ...body }, 'body');
        return shown(rules.update(scope, params.id, changed, callerName(identity)));
      },
    }),
    route({
      method: 'delete',
      path: '/rules/:id',
      access: { factory: 'rules' },
      summary: 'Remove a rule; its versions stay, because alarms name them',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => rules.remove(scope, params.id),
    }),
    route({
      method: 'get',
      path: '/rules/:id/versions',
      access: { factory: 'viewer' },
      summary: 'How a rule is and was, newest first; of one that was removed, too',
      tag: TAG,
      params: idParams,
      query: z.strictObject(pageQuery),
      reply: listSchema(versionSchema),
      handle: ({ scope, params, query: { limit, cursor } }) => {
        const before = decodeNumber(cursor) ?? Number.MAX_SAFE_INTEGER;
        const found = rules.versions(scope, params.id, { limit: limit + 1, before });
        return pageOf(found, limit, ({ version }) => version, versionReply);
      },
    }),
    route({
      method: 'get',
      path: '/rules/:id/versions/:version',
      access: { factory: 'viewer' },
      summary: 'A rule as it was in one version',
      tag: TAG,
      params: z.object({ id: idSchema, version: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
      reply: versionSchema,
      handle: ({ scope, params }) => versionReply(rules.version(scope, params.id, params.version)),
    }),
  ];
}
