import { useLayoutEffect, useRef } from 'preact/hooks';
import { call } from '../../api/client.ts';
import { everyPage } from '../../api/every-page.ts';
import { Button } from '../../components/button.tsx';
import { Icon, Mark } from '../../components/icon.tsx';
import { useNewFactory } from '../../components/new-factory.tsx';
import { Toasts } from '../../components/toasts.tsx';
import { useResource } from '../../state/resource.ts';
import { isOwner, me, reloadSession, signOut, switchFactory } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text } from '../../text/no-factory.ts';
import { text as shell } from '../../text/shell.ts';

/** The factories that one may go into. */
const Choose = () => {
  const factories = me.value?.factories ?? [];
  if (factories.length === 0) return null;
  return (
    <div class="stack stack--tight">
      <p class="soft">{text.choose}</p>
      <ul class="nof__list">
        {factories.map(({ id, name, slug }) => (
          <li key={id}>
            <button type="button" class="choice" onClick={() => switchFactory(id).catch(toastError)}>
              <Icon name="factory" />
              <span class="grow">
                <b class="strong">{name}</b>
                <small class="mono">{slug}</small>
              </span>
              <Icon name="right" small />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** Those that are out of use: nobody enters them, but an owner takes them back. */
const Archived = () => {
  const { data } = useResource('archived factories', (signal) =>
    everyPage((query) => call('GET /factories', { query, signal })),
  );
  const archived = data?.filter(({ archived_at }) => archived_at !== null) ?? [];
  if (archived.length === 0) return null;
  const restore = async (id: string) => {
    try {
      await call('POST /factories/{id}/restore', { path: { id } });
      await switchFactory(id);
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div class="stack stack--tight">
      <p class="soft">{text.archived}</p>
      <ul class="nof__list">
        {archived.map(({ id, name, slug }) => (
          <li key={id}>
            <button type="button" class="choice" onClick={() => void restore(id)}>
              <Icon name="restore" />
              <span class="grow">
                <b class="strong">{text.restore(name)}</b>
                <small class="mono">{slug}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** For owners. */
const Make = ({ isFirst }: { isFirst: boolean }) => {
  const { fields, isBusy, submit } = useNewFactory();
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {isFirst ? <p class="soft">{text.makeFirst}</p> : <h2>{text.makeAnother}</h2>}
      {fields}
      <div class="row row--between">
        <span />
        <Button type="submit" look="primary" busy={isBusy}>
          {text.make}
        </Button>
      </div>
    </form>
  );
};

/** Stands where the application would be while no factory is selected: there is nothing else to show. */
export const NoFactory = () => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    nameWindow(text.title);
    heading.current?.focus({ preventScroll: true });
  }, []);
  const { user, factories = [] } = me.value ?? {};
  const hasNone = factories.length === 0;
  return (
    <main class="wiz">
      <header class="wiz__top">
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <Button look="quiet" small icon="signOut" onClick={() => signOut().catch(toastError)}>
          {shell.signOut}
        </Button>
      </header>
      <div class="wiz__body stack">
        <h1 tabIndex={-1} ref={heading}>
          {text.title}
        </h1>
        <Choose />
        {isOwner.value && <Archived />}
        {isOwner.value && !hasNone && <hr class="rule" />}
        {isOwner.value && <Make isFirst={hasNone} />}
        {!isOwner.value && hasNone && (
          <>
            <p class="soft">{text.nobody(user?.email ?? '')}</p>
            <div>
              <Button icon="restore" onClick={() => reloadSession().catch(toastError)}>
                {text.lookAgain}
              </Button>
            </div>
          </>
        )}
      </div>
      <Toasts />
    </main>
  );
};
