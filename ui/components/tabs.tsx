import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string; readonly count?: number | undefined }[];
  readonly current: string;
  readonly hrefOf: (id: string) => string;
}

/** Parts of a page with addresses of their own. On a phone they scroll sideways; the current one is in sight. */
export const Tabs = ({ label, tabs, current, hrefOf }: TabsProps) => {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const tab = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (nav.current === null || tab == null) return;
    // Not scrollIntoView, which may move the page as well.
    nav.current.scrollLeft = tab.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <nav class="tabs" aria-label={label} ref={nav}>
      {tabs.map((tab) => (
        <a key={tab.id} href={hrefOf(tab.id)} {...(tab.id === current && { 'aria-current': 'page' })}>
          {tab.label}
          {tab.count !== undefined && <span class="badge">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
};

interface SegmentedProps<Choice extends string> {
  readonly label: string;
  readonly choices: readonly (readonly [id: Choice, label: ComponentChildren])[];
  readonly current: Choice;
  readonly onChoose: (id: Choice) => void;
  readonly small?: boolean;
}

/** One of a few, all in sight. */
export const Segmented = <Choice extends string>(props: SegmentedProps<Choice>) => (
  <fieldset class={props.small === true ? 'seg seg--sm' : 'seg'} aria-label={props.label}>
    {props.choices.map(([id, label]) => (
      <button key={id} type="button" aria-pressed={id === props.current} onClick={() => props.onChoose(id)}>
        {label}
      </button>
    ))}
  </fieldset>
);
