import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/client.ts';
import { text } from '../text/common.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import type { Severity } from './severity.tsx';

interface BannerProps {
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
  /** When something is wrong. */
  readonly severity?: Severity;
}

/** Says what is remarkable about this page, with the one thing to do about it. */
export const Banner = ({ children, action, severity }: BannerProps) => (
  <div class={severity === undefined ? 'banner' : `banner sev sev--${severity}`} role="note">
    <Icon name="warning" />
    <p>{children}</p>
    {action}
  </div>
);

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  /** What would fill it. */
  readonly children?: ComponentChildren;
  /** The one step that does. */
  readonly action?: ComponentChildren;
}

/** Stands where there is nothing yet. */
export const Empty = ({ icon, title, children, action }: EmptyProps) => (
  <div class="empty">
    <Icon name={icon} />
    <h3>{title}</h3>
    {children !== undefined && <p>{children}</p>}
    {action}
  </div>
);

/** Stands where something could not be fetched. */
export const Failed = ({ error, retry }: { error: ApiError; retry: () => void }) => (
  <div class="empty" role="alert">
    <Icon name="warning" />
    <h3>{text.failedToLoad}</h3>
    <p>{error.message}</p>
    <Button icon="restore" onClick={retry}>
      {text.tryAgain}
    </Button>
  </div>
);

/** Stands where something is being fetched: lines of the size of what will come. */
export const Skeleton = ({ lines = 3, height = '0.75rem' }: { lines?: number; height?: string }) => (
  <div class="stack stack--tight" role="status">
    <span class="sr">{text.loading}</span>
    {Array.from({ length: lines }, (_, line) => (
      <span class="skel" style={{ height, width: `${100 - ((line * 17) % 40)}%` }} key={line} />
    ))}
  </div>
);
