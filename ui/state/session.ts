import { computed, signal } from '@preact/signals';
import { ApiError, call, onSignedOut, type Reply } from '../api/client.ts';
import { earlyAnswers } from '../api/early.ts';
import type { FactoryAccess } from '../api/schema.ts';

type Me = Reply<'GET /auth/me'>;
type SetupState = Reply<'GET /setup'>;

/** Which of the four faces of the application is due. */
export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'unreachable' }
  | { readonly name: 'setup'; readonly setup: SetupState }
  | { readonly name: 'signed_out' }
  | { readonly name: 'signed_in'; readonly me: Me };

export const phase = signal<Phase>({ name: 'starting' });

/** Who is signed in; null when nobody is. */
export const me = computed<Me | null>(() => (phase.value.name === 'signed_in' ? phase.value.me : null));
/** The selected factory; null when there is none. */
export const factory = computed<FactoryAccess | null>(() => me.value?.factory ?? null);
/** Times are shown in it (IANA). */
export const timezone = computed(() => factory.value?.timezone ?? 'UTC');

const RANKS = { viewer: 0, operator: 1, admin: 2 } as const;

/** Whether the person may do in the selected factory what needs this role. */
export function may(role: FactoryAccess['role']): boolean {
  const held = factory.value?.role;
  return held !== undefined && RANKS[held] >= RANKS[role];
}

/** Tabs of one browser share a session: what one does to it concerns all. */
const tabs = new BroadcastChannel('factoryops-session');
tabs.onmessage = () => location.reload();
const tellOtherTabs = () => tabs.postMessage('changed');

const RETRY_MS = 2_000;

/** Finds out what is due: setup, sign-in or the application. Tries again while the appliance does not answer. */
export async function begin(): Promise<void> {
  try {
    const [me] = await Promise.all([call('GET /auth/me'), earlyAnswers()]);
    phase.value = { name: 'signed_in', me };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) await beginSignedOut();
    else retry();
  }
}

async function beginSignedOut(): Promise<void> {
  try {
    phase.value = { name: 'setup', setup: await call('GET /setup') };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) phase.value = { name: 'signed_out' };
    else retry();
  }
}

function retry(): void {
  phase.value = { name: 'unreachable' };
  setTimeout(() => void begin(), RETRY_MS);
}

/** Loads the whole application again as soon as the appliance answers. */
export async function beginAnew(): Promise<never> {
  phase.value = { name: 'unreachable' };
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    const answer = await fetch('/', { method: 'HEAD' }).catch(() => undefined);
    if (answer?.ok) location.reload();
  }
}

onSignedOut(() => {
  if (phase.value.name === 'signed_in') phase.value = { name: 'signed_out' };
});

/** Takes over the reply of anything that signs in. */
function enter({ user, factory, factories }: Me): void {
  phase.value = { name: 'signed_in', me: { user, factory, factories } };
  tellOtherTabs();
}

/** @throws {ApiError} */
export async function signIn(email: string, password: string): Promise<void> {
  enter(await call('POST /auth/login', { body: { email, password } }));
}

/** Makes the owner and the factory. @throws {ApiError} */
export async function setUp(body: Parameters<typeof callSetup>[0]): Promise<void> {
  enter(await callSetup(body));
}

const callSetup = (body: Parameters<typeof call<'POST /setup'>>[1]['body']) => call('POST /setup', { body });

/** @throws {ApiError} */
export async function signOut(): Promise<void> {
  await call('POST /auth/logout');
  phase.value = { name: 'signed_out' };
  tellOtherTabs();
}

/** Selects a factory; the page starts anew, so that nothing of the one before stays on the screen. @throws {ApiError} */
export async function switchFactory(factoryId: string): Promise<void> {
  await call('POST /auth/switch-factory', { body: { factory_id: factoryId } });
  tellOtherTabs();
  location.assign('/');
}

/** Removes a demo factory with all that is in it, and goes on to one that is left. @throws {ApiError} */
export async function removeFactory(id: string): Promise<void> {
  await call('DELETE /factories/{id}', { path: { id } });
  const { factories } = await call('GET /auth/me');
  const [left] = factories;
  if (left !== undefined) return switchFactory(left.id);
  tellOtherTabs();
  await reloadSession();
}

/** Asks anew who is signed in, after something about them has changed. @throws {ApiError} */
export async function reloadSession(): Promise<void> {
  phase.value = { name: 'signed_in', me: await call('GET /auth/me') };
}
