import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ApiError } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Banner } from '../../components/feedback.tsx';
import { Mark } from '../../components/icon.tsx';
import { Steps } from '../../components/steps.tsx';
import { browserZone, presetTimezone } from '../../format/timezones.ts';
import { useQuery } from '../../state/query.ts';
import { begin, setUp } from '../../state/session.ts';
import { isDark, setTheme } from '../../state/theme.ts';
import { nameWindow } from '../../state/window-title.ts';
import { text } from '../../text/setup.ts';
import { text as shell } from '../../text/shell.ts';
import { CodeStep } from './code-step.tsx';
import { type Draft, emptyDraft, setupBody } from './draft.ts';
import { OwnerStep } from './owner-step.tsx';
import { StartStep } from './start-step.tsx';
import { type SetupWatch, useSetupState } from './use-setup-state.ts';

const STEPS = ['code', 'start', 'owner', 'device'] as const;
type Step = (typeof STEPS)[number];

/** The step in the address, but nothing comes before a code that works. */
const stepOf = (asked: string | undefined, isCodeGood: boolean): Step => {
  if (!isCodeGood) return 'code';
  return asked === 'owner' || asked === 'code' ? asked : 'start';
};

const Taken = () => (
  <>
    <h1>{text.takenTitle}</h1>
    <p class="soft">{text.takenBody}</p>
    <div class="row row--between wiz__foot">
      <span />
      <Button look="primary" onClick={() => void begin()}>
        {text.signIn}
      </Button>
    </div>
  </>
);

/** The step that is due, over a draft that outlives all of them. */
const CurrentStep = ({ watch, step }: { watch: SetupWatch; step: Step }) => {
  const query = useQuery();
  const { route } = useLocation();
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(presetTimezone(watch.timezone, browserZone())));
  const [wasRefused, setRefused] = useState(false);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const goTo = (next: Step) => query.set({ step: next });

  const finish = async () => {
    try {
      await setUp(setupBody(draft));
      route(draft.isDemo ? '/' : '/connect?first=1', true);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      watch.look();
      if (error.code !== 'forbidden') throw error;
      setRefused(true);
      watch.distrust();
    }
  };

  if (step === 'code') {
    return (
      <CodeStep
        watch={watch}
        code={draft.code}
        wasRefused={wasRefused}
        onType={(code) => change({ code })}
        onGood={() => {
          if (query.values.step !== 'owner') goTo('start');
        }}
      />
    );
  }
  return step === 'start' ? (
    <StartStep
      isDemo={draft.isDemo}
      onChoose={(isDemo) => change({ isDemo })}
      onBack={() => goTo('code')}
      onDone={() => goTo('owner')}
    />
  ) : (
    <OwnerStep draft={draft} onChange={change} onBack={() => goTo('start')} onDone={finish} />
  );
};

/** The first run: whoever reads the code at the machine becomes its owner, and has a factory to look at. */
export const Setup = () => {
  const watch = useSetupState();
  const step = stepOf(useQuery().values.step, watch.isCodeGood);
  useEffect(() => {
    nameWindow(text.title);
  }, []);
  return (
    <main class="wiz">
      <header class="wiz__top">
        <span class="row strong">
          <Mark />
          {shell.product}
        </span>
        <Button look="quiet" small icon="moon" onClick={() => setTheme(isDark.value ? 'light' : 'dark')}>
          {text.lightOrDark}
        </Button>
      </header>
      <Steps
        label={text.steps.label}
        steps={STEPS.map((name) => text.steps[name])}
        current={watch.isTaken ? STEPS.length : STEPS.indexOf(step)}
      />
      {watch.isOffline && (
        <div role="alert">
          <Banner>{text.offline}</Banner>
        </div>
      )}
      <div class="wiz__body">{watch.isTaken ? <Taken /> : <CurrentStep watch={watch} step={step} />}</div>
    </main>
  );
};
