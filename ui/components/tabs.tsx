import type { ComponentChildren } from 'preact';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string; readonly count?: number | undefined }[];
  readonly current: string;
  readonly hrefOf: (id: string) => string;
}

/** Parts of a page with addresses of their own. */
export const Tabs = ({ label, tabs, current, hrefOf }: TabsProps) => (
  <nav class="tabs" aria-label={label}>
    {tabs.map((tab) => (
      <a key={tab.id} href={hrefOf(tab.id)} {...(tab.id === current && { 'aria-current': 'page' })}>
        {tab.label}
        {tab.count !== undefined && <span class="badge">{tab.count}</span>}
      </a>
    ))}
  </nav>
);

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
