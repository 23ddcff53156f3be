import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Between a popover and its button, and between it and the window's edge (px). */
const GAP = 6;

/** Puts a popover below its button, or above where there is no room below, and inside the window. */
function place(popover: HTMLElement, button: HTMLElement): void {
  const target = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = target.bottom + GAP;
  const top = below + height <= window.innerHeight - GAP ? below : Math.max(GAP, target.top - GAP - height);
  const left = target.left + width <= window.innerWidth - GAP ? target.left : target.right - width;
  popover.style.setProperty('--top', `${top}px`);
  popover.style.setProperty('--left', `${Math.max(GAP, left)}px`);
}

/**
 * What has the focus in a popover from the first moment on, so that keys pressed right after the click that opens it are
 * not lost. To be called when it is drawn, which may be before the browser shows it, and then gives it the focus.
 */
export function focusWhenShown(element: HTMLElement | null | undefined): void {
  if (element == null) return;
  element.autofocus = true;
  element.focus();
}

interface PopoverProps {
  /** Draws the button that opens it, with the attributes that tie both together. */
  readonly button: (attributes: { 'aria-expanded': boolean; popovertarget: string }) => ComponentChildren;
  readonly class?: string;
  readonly children: (close: () => void) => ComponentChildren;
}

/**
 * Something that opens beside its button; Esc, a click elsewhere and a choice close it. The browser's own popover: above
 * everything, cut off by nothing, and the focus goes back to the button.
 */
export const Popover = ({ button, children, ...rest }: PopoverProps) => {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const opener = anchor.current?.querySelector<HTMLElement>('[popovertarget]');
    if (!isOpen || popover.current === null || opener == null) return undefined;
    const element = popover.current;
    const move = () => place(element, opener);
    move();
    const resized = new ResizeObserver(move);
    resized.observe(element);
    window.addEventListener('resize', move);
    return () => {
      resized.disconnect();
      window.removeEventListener('resize', move);
    };
  }, [isOpen]);
  return (
    <span class="pop-anchor" ref={anchor}>
      {button({ 'aria-expanded': isOpen, popovertarget: id })}
      <div
        class={`pop ${rest.class ?? ''}`}
        id={id}
        ref={popover}
        popover="auto"
        onBeforeToggle={(event) => {
          if (event.newState === 'open') setOpen(true);
        }}
        onToggle={(event) => {
          // Only now: what has the focus has to be there while the browser hands it back to the button.
          if (event.newState === 'closed') setOpen(false);
        }}
      >
        {isOpen && children(() => popover.current?.hidePopover())}
      </div>
    </span>
  );
};

interface MenuProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A list of things to do inside a popover; arrows move, as in every menu (ARIA APG, menu). */
export const Menu = ({ label, children }: MenuProps) => {
  const menu = useRef<HTMLDivElement>(null);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  useLayoutEffect(() => {
    focusWhenShown(items().find((item) => item.getAttribute('aria-checked') === 'true') ?? items()[0]);
  }, []);
  /** Which item has, or had, the focus. */
  const focused = useRef(-1);
  // An item that goes by what it does leaves its place to the next.
  useLayoutEffect(() => {
    const all = items();
    if (focused.current >= 0 && document.activeElement === document.body)
      all[Math.min(focused.current, all.length - 1)]?.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };
  return (
    <div
      class="menu"
      role="menu"
      aria-label={label}
      ref={menu}
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => {
        focused.current = items().indexOf(target as HTMLElement);
      }}
      tabIndex={-1}
    >
      {children}
    </div>
  );
};

interface MenuItemProps {
  readonly onChoose: () => void;
  /** For one of several: whether it is the chosen one. */
  readonly isChosen?: boolean;
  readonly children: ComponentChildren;
}

/** One line of a menu. */
export const MenuItem = ({ onChoose, isChosen, children }: MenuItemProps) => (
  <button
    type="button"
    class="menu__item"
    role={isChosen === undefined ? 'menuitem' : 'menuitemradio'}
    {...(isChosen !== undefined && { 'aria-checked': isChosen })}
    tabIndex={-1}
    onClick={onChoose}
  >
    {children}
  </button>
);
