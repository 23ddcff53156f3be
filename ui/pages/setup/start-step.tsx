import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/setup.ts';

interface StartStepProps {
  readonly isDemo: boolean;
  readonly onChoose: (isDemo: boolean) => void;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** One's own factory, or one to look at. */
export const StartStep = ({ isDemo, onChoose, onBack, onDone }: StartStepProps) => {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>(':checked')?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    onDone();
  };
  return (
    <>
      <h1>{text.startTitle}</h1>
      <form class="stack" ref={form} onSubmit={submit}>
        <fieldset class="wiz__choices" aria-label={text.startTitle}>
          <Choice
            name="start"
            label={text.factory}
            hint={text.factoryHint}
            isChosen={!isDemo}
            onChoose={() => onChoose(false)}
          />
          <Choice
            name="start"
            label={text.demo}
            hint={text.demoHint}
            isChosen={isDemo}
            onChoose={() => onChoose(true)}
          />
        </fieldset>
        <div class="row row--between wiz__foot">
          <Button look="quiet" icon="left" onClick={onBack}>
            {common.back}
          </Button>
          <Button type="submit" look="primary">
            {text.next}
          </Button>
        </div>
      </form>
    </>
  );
};
