import { computed, signal } from '@preact/signals';
import { ApiError, call, onRefused, onSignedOut, type Reply } from '../api/client.ts';
import { earlyAnswers } from '../api/early.ts';
import type { FactoryAccess } from '../api/schema.ts';
import type { UnitSystem } from '../format/units.ts';
import { allows, type Permission, type Role } from './rights.ts';
import { setTheme, type Theme, theme } from './theme.ts';
import { toastError } from './toasts.ts';

type Me = Reply<'GET /auth/me'>;
type SetupState = Reply<'GET /setup'>;

/** Which of the four faces of the application is due. */
export type Phase =
  | { readonly name: 'starting' }
  | { readonly name: 'unreachable' }
  | { readonly name: 'setup'; readonly setup: SetupState }
  /** `hasEnded`: it was not the person who ended the session. */
  | { readonly name: 'signed_out'; readonly hasEnded?: boolean }
  | { readonly name: 'signed_in'; readonly me: Me };

export const phase = signal<Phase>({ name: 'starting' });

/** Who is signed in; null when nobody is. */
export const me = computed<Me | null>(() => (phase.value.name === 'signed_in' ? phase.value.me : null));
/** The selected factory; null when there is none. */
export const factory = computed<FactoryAccess | null>(() => me.value?.factory ?? null);
/** Times are shown in it (IANA). */
export const timezone = computed(() => factory.value?.timezone ?? 'UTC');
/** Values are shown in these: in what the person has chosen, or else the factory. */
export const units = computed<UnitSystem>(() => me.value?.user.units ?? factory.value?.units ?? 'as_sent');

/** Whether the person is an owner of the appliance. */
export const isOwner = computed(() => me.value?.user.is_super_admin === true);

/** The factory that a link is of, by its short name, where it is one of the person's and not the selected one. */
export const otherFactoryOf = (slug: string | undefined) =>
  slug === factory.value?.slug ? undefined : me.value?.factories.find((one) => one.slug === slug);

/** Whether the person may do in the selected factory what needs this role, or this permission. */
export const may = (needed: Role | Permission): boolean => factory.value !== null && allows(factory.value, needed);

/** Tabs of one browser share a session: what one does to it concerns all. */
const tabs = new BroadcastChannel('factoryops-session');
tabs.onmessage = ({ data }) => {
  if (data === 'shown otherwise') reloadSession().catch(() => {});
  else location.reload();
};
const tellOtherTabs = (what: 'changed' | 'shown otherwise' = 'changed') => tabs.postMessage(what);

const RETRY_MS = 2_000;

/** Finds out what is due: setup, sign-in or the application. Tries again while the appliance does not answer. */
export async function begin(): Promise<void> {
  try {
    const [me] = await Promise.all([call('GET /auth/me'), earlyAnswers()]);
    take(me);
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
  if (phase.peek().name === 'signed_in') phase.value = { name: 'signed_out', hasEnded: true };
});

/** Somebody may have taken a right away, or the factory out of use: what is no longer theirs goes from the screen. */
onRefused(() => {
  if (phase.peek().name === 'signed_in') reloadSession().catch(() => {});
});

/** What has not changed stays the same object, so that what lives on the factory, such as its stream, does not begin anew. */
function take({ user, factory, factories }: Me): void {
  const before = me.peek()?.factory;
  const isSame = before != null && JSON.stringify(before) === JSON.stringify(factory);
  phase.value = { name: 'signed_in', me: { user, factory: isSame ? before : factory, factories } };
  if (user.theme !== theme.peek()) setTheme(user.theme);
}

/** Takes over the reply of anything that signs in. */
function enter(me: Me): void {
  take(me);
  tellOtherTabs();
}

/** `code`: of the second factor. @throws {ApiError} `second_factor_required` when the password is right and it is missing */
export async function signIn(email: string, password: string, code?: string): Promise<void> {
  enter(await call('POST /auth/login', { body: { email, password, ...(code !== undefined && { code }) } }));
}

/** Makes the owner and the factory. The theme chosen meanwhile becomes theirs. @throws {ApiError} */
export async function setUp(body: Parameters<typeof callSetup>[0]): Promise<void> {
  const chosen = theme.peek();
  enter(await callSetup(body));
  if (chosen !== 'system') chooseTheme(chosen);
}

const callSetup = (body: Parameters<typeof call<'POST /setup'>>[1]['body']) => call('POST /setup', { body });

/** Comes in by a link, signed in as who it was for; all begins anew, and the link leaves the history. @throws {ApiError} */
export async function acceptInvite(body: Parameters<typeof callAccept>[0]): Promise<void> {
  const { user } = await callAccept(body);
  setTheme(user.theme);
  tellOtherTabs();
  location.replace('/');
}

const callAccept = (body: Parameters<typeof call<'POST /invites/accept'>>[1]['body']) =>
  call('POST /invites/accept', { body });

/** @throws {ApiError} */
export async function signOut(): Promise<void> {
  await call('POST /auth/logout');
  phase.value = { name: 'signed_out' };
  tellOtherTabs();
}

/** Chooses a theme at once, and for this person on every device. */
export function chooseTheme(chosen: Theme): void {
  setTheme(chosen);
  call('PATCH /profile', { body: { theme: chosen } }).then(take, toastError);
}

/** Chooses the units of values, for this person on every device; null: as the factory says. @throws {ApiError} */
export async function chooseUnits(chosen: UnitSystem | null): Promise<void> {
  take(await call('PATCH /profile', { body: { units: chosen } }));
  tellOtherTabs('shown otherwise');
}

/** @throws {ApiError} */
export async function changeName(name: string): Promise<void> {
  take(await call('PATCH /profile', { body: { name } }));
}

/**
 * Selects a factory; the page starts anew, so that nothing of the one before stays on the screen.
 *
 * @param address - where in it
 * @throws {ApiError}
 */
export async function switchFactory(factoryId: string, address = '/'): Promise<void> {
  await call('POST /auth/switch-factory', { body: { factory_id: factoryId } });
  tellOtherTabs();
  location.assign(address);
}

/** Removes a factory with all that is in it; `slug` shows that it is this one. @throws {ApiError} */
export async function removeFactory(id: string, slug: string): Promise<void> {
  await call('DELETE /factories/{id}', { path: { id }, query: { confirm: slug } });
  await goOn();
}

/** Takes a factory out of use. @throws {ApiError} */
export async function archiveFactory(id: string): Promise<void> {
  await call('POST /factories/{id}/archive', { path: { id } });
  await goOn();
}

/** After a factory has gone: stays, unless it was the selected one, and goes to another, or to where there is none. */
async function goOn(): Promise<void> {
  const next = await call('GET /auth/me');
  const [left] = next.factories;
  if (next.factory === null && left !== undefined) return switchFactory(left.id);
  if (next.factory === null) tellOtherTabs();
  take(next);
}

/** Asks anew who is signed in, after something about them has changed. @throws {ApiError} */
export async function reloadSession(): Promise<void> {
  take(await call('GET /auth/me'));
}
