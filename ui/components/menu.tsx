import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

interface PopoverProps {
  /** Draws the button that opens it, with the attributes that tie both together. */
  readonly button: (attributes: {
    'aria-expanded': boolean;
    'aria-controls': string;
    onClick: () => void;
  }) => ComponentChildren;
  /** Opens above and not below. */
  readonly up?: boolean;
  readonly class?: string;
  readonly children: (close: () => void) => ComponentChildren;
}

/** Something that opens beside its button; Esc, a click elsewhere and a choice close it. */
export const Popover = ({ button, up = false, children, ...rest }: PopoverProps) => {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const close = () => {
    setOpen(false);
    anchor.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event: PointerEvent) => {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears Esc from what is inside
    <span
      class="pop-anchor"
      ref={anchor}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      {button({ 'aria-expanded': isOpen, 'aria-controls': id, onClick: () => setOpen(!isOpen) })}
      {isOpen && (
        <div class={`pop ${up ? 'pop--up' : ''} ${rest.class ?? ''}`} id={id}>
          {children(close)}
        </div>
      )}
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
  useEffect(() => {
    (items().find((item) => item.getAttribute('aria-checked') === 'true') ?? items()[0])?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };
  return (
    <div class="menu" role="menu" aria-label={label} ref={menu} onKeyDown={onKeyDown} tabIndex={-1}>
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
