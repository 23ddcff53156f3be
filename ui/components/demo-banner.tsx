import { useState } from 'preact/hooks';
import { factory, isOwner, removeFactory } from '../state/session.ts';
import { summary } from '../state/summary.ts';
import { toastError } from '../state/toasts.ts';
import { text as common } from '../text/common.ts';
import { text } from '../text/shell.ts';
import { Button } from './button.tsx';
import { Confirm } from './dialog.tsx';
import { Banner } from './feedback.tsx';

/** Says on every page that nothing here is real, and lets the owner be rid of it. */
export const DemoBanner = () => {
  const [isAsking, setAsking] = useState(false);
  const demo = factory.value;
  if (demo?.is_demo !== true) return null;
  return (
    <>
      <Banner
        action={
          isOwner.value && (
            <Button small onClick={() => setAsking(true)}>
              {text.removeDemo}
            </Button>
          )
        }
      >
        {text.demoFactory}
      </Banner>
      {isAsking && (
        <Confirm
          title={text.removeDemoTitle}
          verb={common.remove}
          word={demo.slug}
          onClose={() => setAsking(false)}
          onConfirm={() => removeFactory(demo.id, demo.slug).catch(toastError)}
        >
          {text.removeDemoBody(demo.name, summary.value?.devices.total)}
        </Confirm>
      )}
    </>
  );
};
