import { Icon } from './icon.tsx';

interface StepsProps {
  readonly label: string;
  readonly steps: readonly string[];
  /** Index of the step that is under way. */
  readonly current: number;
}

/** Where one is in a task of a few steps. On a phone only the current one has its name. */
export const Steps = ({ label, steps, current }: StepsProps) => (
  <ol class="steps" aria-label={label}>
    {steps.map((step, index) => (
      <li key={step} class={index < current ? 'is-done' : ''} {...(index === current && { 'aria-current': 'step' })}>
        {index < current ? <Icon name="check" small /> : <b>{index + 1}</b>}
        <span>{step}</span>
      </li>
    ))}
  </ol>
);
