import type { EngineAnswer, EngineOrder } from '../rules/rules.ts';

/** What the main thread tells the rules thread. `end`: it has been told all. */
export type RulesRequest = EngineOrder | { readonly kind: 'end' };

/** What the rules thread answers. */
export type RulesReply = EngineAnswer;
