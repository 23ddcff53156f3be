import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Mark } from '../../components/icon.tsx';
import { Toasts } from '../../components/toasts.tsx';
import { useQuery } from '../../state/query.ts';
import { factory, otherFactoryOf, switchFactory } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text } from '../../text/no-factory.ts';
import { text as shell } from '../../text/shell.ts';

/**
 * Stands where a page would be that a link of another factory leads to, as one from a message about an alarm. It asks: the
 * session has one factory, so that what is open in other tabs goes along.
 */
export const OtherFactory = () => {
  const { values } = useQuery();
  const linked = otherFactoryOf(values.factory);
  const title = text.otherTitle(linked?.name ?? '');
  const heading = useRef<HTMLHeadingElement>(null);
  const [isBusy, setBusy] = useState(false);
  useLayoutEffect(() => {
    nameWindow(title);
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  if (linked === undefined) return null;
  const selected = factory.value?.name;
  const go = async () => {
    setBusy(true);
    try {
      await switchFactory(linked.id, location.pathname + location.search);
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  return (
    <main class="alone">
      <section class="panel alone__box stack">
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        <p class="soft">{text.otherBody(linked.name, selected)}</p>
        <Button look="primary" busy={isBusy} onClick={go}>
          {text.goTo(linked.name)}
        </Button>
        {selected !== undefined && (
          <ButtonLink look="quiet" href="/">
            {text.stayIn(selected)}
          </ButtonLink>
        )}
      </section>
      <Toasts />
    </main>
  );
};
