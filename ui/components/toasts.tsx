import { dismissToast, toasts } from '../state/toasts.ts';
import { text } from '../text/common.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** What has happened lately, at the edge of the screen. */
export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map(({ id, message, isError, action }) => (
      <div class="toast" key={id}>
        <span class={isError ? 'sev sev--high' : 'done'}>
          <Icon name={isError ? 'warning' : 'check'} small />
        </span>
        <span class="grow">{message}</span>
        {action !== undefined && (
          <Button
            small
            onClick={() => {
              dismissToast(id);
              action.run();
            }}
          >
            {action.label}
          </Button>
        )}
        <Button small look="quiet" icon="close" label={text.dismiss} onClick={() => dismissToast(id)} />
      </div>
    ))}
  </div>
);
