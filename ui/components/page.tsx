import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { nameWindow } from '../state/window-title.ts';

/** The first page after loading leaves the focus where browsers put it: before the skip link. */
let isFirstPage = true;

interface PageProps {
  readonly title: string;
  /** Beside the title, in quieter words. */
  readonly sub?: ComponentChildren;
  /** The way up: label and address of the pages above. */
  readonly crumbs?: readonly (readonly [label: string, href: string])[];
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/**
 * The head of a page and what is below it. It names the window, and takes the focus when one page follows another, so
 * that the keyboard and a screen reader begin here and not where the old page was; so too when an action goes that had it.
 */
export const Page = ({ title, sub, crumbs = [], actions, children }: PageProps) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    nameWindow(title);
  }, [title]);
  useLayoutEffect(() => {
    const wasFirst = isFirstPage;
    isFirstPage = false;
    if (wasFirst) return;
    if (document.activeElement === null || document.activeElement === document.body) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  const actionsRow = useRef<HTMLDivElement>(null);
  const { activeElement: active } = document;
  // A dialog gives it back itself.
  const wasActing = actionsRow.current?.contains(active) === true && active?.closest('dialog') === null;
  useLayoutEffect(() => {
    if (wasActing && document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  });
  return (
    <>
      <div class="head">
        {crumbs.length > 0 && (
          <nav class="crumb" aria-label="Breadcrumb">
            {crumbs.map(([label, href], index) => (
              <>
                {index > 0 && <span aria-hidden="true">/</span>}
                <a href={href}>{label}</a>
              </>
            ))}
          </nav>
        )}
        <div class="head__title">
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {sub !== undefined && <span class="head__sub">{sub}</span>}
        </div>
        {actions !== undefined && (
          <div class="head__actions" ref={actionsRow}>
            {actions}
          </div>
        )}
      </div>
      {children}
    </>
  );
};
