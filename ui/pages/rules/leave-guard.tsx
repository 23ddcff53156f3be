import { useLayoutEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Confirm } from '../../components/dialog.tsx';
import { text } from '../../text/rules.ts';

/** A link to another page of this application, that a plain click would follow here. */
function linkOf(event: MouseEvent): HTMLAnchorElement | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.button !== 0) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.origin !== location.origin || link.target === '_blank' || link.hasAttribute('download')) {
    return undefined;
  }
  return link.pathname === location.pathname ? undefined : link;
}

/** Asks before a page with changes is left by a link, or closed. `onLeave` is called when it is left after all. */
export const LeaveGuard = ({ onLeave }: { onLeave: () => void }) => {
  const { route } = useLocation();
  const [wanted, setWanted] = useState<string>();
  useLayoutEffect(() => {
    const ask = (event: MouseEvent) => {
      const link = linkOf(event);
      if (link === undefined) return;
      event.preventDefault();
      // Before the router, which listens to the same.
      event.stopImmediatePropagation();
      setWanted(link.pathname + link.search);
    };
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('click', ask, true);
    window.addEventListener('beforeunload', hold);
    return () => {
      window.removeEventListener('click', ask, true);
      window.removeEventListener('beforeunload', hold);
    };
  }, []);
  if (wanted === undefined) return null;
  return (
    <Confirm
      title={text.leaveTitle}
      verb={text.leave}
      onConfirm={async () => {
        onLeave();
        route(wanted);
      }}
      onClose={() => setWanted(undefined)}
    >
      {text.leaveBody}
    </Confirm>
  );
};
