import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { Mark } from '../../components/icon.tsx';
import { me } from '../../state/session.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text } from '../../text/links.ts';
import { text as shell } from '../../text/shell.ts';

/** A page of one box, without the frame of the application. */
export const Box = ({ title, children }: { title: string; children: ComponentChildren }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    nameWindow(title);
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main class="alone">
      <div class="panel alone__box stack">
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  );
};

/** Goes to the application, or to the sign-in, with nothing of this page in the history. */
export const leave = (): void => location.replace('/');

/** Stands where a link leads nowhere. */
export const DeadLink = ({ children }: { children: ComponentChildren }) => (
  <Box title={text.deadTitle}>
    <p class="soft">{children}</p>
    <Button look="primary" onClick={leave}>
      {me.value === null ? text.toSignIn : text.toApp}
    </Button>
  </Box>
);
