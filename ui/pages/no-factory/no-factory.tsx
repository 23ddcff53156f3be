import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { Icon, Mark } from '../../components/icon.tsx';
import { useNewFactory } from '../../components/new-factory.tsx';
import { Toasts } from '../../components/toasts.tsx';
import { me, reloadSession, signOut, switchFactory } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
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
  useEffect(() => {
    document.title = `${text.title} · ${shell.product}`;
    heading.current?.focus({ preventScroll: true });
  }, []);
  const { user, factories = [] } = me.value ?? {};
  const isOwner = user?.is_super_admin === true;
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
        {isOwner && !hasNone && <hr class="rule" />}
        {isOwner && <Make isFirst={hasNone} />}
        {!isOwner && hasNone && (
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
