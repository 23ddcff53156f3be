import { ButtonLink } from '../../components/button.tsx';
import { Steps } from '../../components/steps.tsx';
import { factory } from '../../state/session.ts';
import { text } from '../../text/connect.ts';
import { text as setup } from '../../text/setup.ts';

/** The last step of the setup: this page, or not yet. */
export const FirstDevice = () => {
  const { label, code, start, owner, device } = setup.steps;
  return (
    <div class="stack cn__first">
      <Steps label={label} steps={[code, start, owner, device]} current={3} />
      <div class="row row--wrap row--between">
        <p class="soft">{text.firstDone(factory.value?.name ?? '')}</p>
        <ButtonLink href="/">{text.skip}</ButtonLink>
      </div>
    </div>
  );
};
