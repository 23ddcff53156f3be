import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: ComponentChildren;
  /** At the right of the head: a note or buttons. */
  readonly side?: ComponentChildren;
  readonly foot?: ComponentChildren;
  /** Tables and lists draw to the panel's edge. */
  readonly flush?: boolean;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

/** A named part of a page: a line around it, no shadow, never one inside another. */
export const Panel = ({ title, side, foot, flush = false, children, ...rest }: PanelProps) => {
  const id = useId();
  return (
    <section class={`panel ${rest.class ?? ''}`} aria-labelledby={id}>
      <div class="panel__head">
        <h2 class="grow" id={id}>
          {title}
        </h2>
        {side}
      </div>
      {flush ? children : <div class="panel__body">{children}</div>}
      {foot !== undefined && <div class="panel__foot">{foot}</div>}
    </section>
  );
};
