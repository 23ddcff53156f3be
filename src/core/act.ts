import { AsyncLocalStorage } from 'node:async_hooks';

/** Who may stand behind an act. `nobody`: a request that has not said who it is. `system`: the appliance by itself. */
export const ACTOR_KINDS = ['user', 'api_key', 'device', 'command_line', 'system', 'nobody'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Who does something; `name` as people know them, such as an e-mail address. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
  readonly name: string;
}

/** What the audit says of everything that happens on behalf of one request or command. */
export interface Act {
  readonly actor: Actor;
  /** Where it comes from; empty for what begins in the appliance itself. */
  readonly address: string;
  /** As in the log and in the answer; empty where nothing was asked. */
  readonly requestId: string;
}

const NOBODY: Actor = { kind: 'nobody', id: '', name: '' };
const SYSTEM: Act = { actor: { kind: 'system', id: '', name: 'FactoryOps' }, address: '', requestId: '' };

const acts = new AsyncLocalStorage<{ act: Act }>();

/** Runs `fn`, and whatever it begins, on behalf of somebody. Without an actor it is nobody's until `actAs`. */
export const withinAct = <T>(act: Omit<Act, 'actor'> & { readonly actor?: Actor | undefined }, fn: () => T): T =>
  acts.run({ act: { ...act, actor: act.actor ?? NOBODY } }, fn);

/** On whose behalf this runs: that of the appliance itself, unless `withinAct` says otherwise. */
export const currentAct = (): Act => acts.getStore()?.act ?? SYSTEM;

/** Says who is behind the current act, where it has begun as nobody's: a request has no actor before it is looked at. */
export function actAs(actor: Actor): void {
  const holder = acts.getStore();
  if (holder?.act.actor.kind === 'nobody') holder.act = { ...holder.act, actor };
}

/** Runs `fn` on behalf of the appliance itself, whoever has set it off. */
export const actingAlone = <T>(fn: () => T): T => acts.run({ act: SYSTEM }, fn);
