import { catalogue } from './catalogue.ts';

/** What is said while the appliance does not trust its clock. `now` is what the clock says, `span` how far it is off. */
export const text = catalogue({
  en: {
    seen: {
      before_build: (now: string) => `The appliance’s clock says ${now}: that is before this program was built.`,
      jumped_ahead: (now: string, span: string) => `The appliance’s clock says ${now}: it has jumped ${span} ahead.`,
      jumped_back: (now: string, span: string) => `The appliance’s clock says ${now}: it has jumped ${span} back.`,
      ahead_of_last_run: (now: string, span: string) =>
        `The appliance’s clock says ${now}: that is ${span} after it last ran.`,
      behind_last_run: (now: string, span: string) =>
        `The appliance’s clock says ${now}: that is ${span} before it last ran.`,
    },
    waits: 'Telemetry is stored. Archiving, and removing what is old, wait.',
    confirmHint: 'If the time is right, say so; if not, set the clock of the machine.',
    setIt: 'Set the clock of the machine: this goes away by itself.',
    askAdmin: 'An administrator can set the clock, or say that the time is right.',
    confirm: 'The time is right',
    confirmed: 'The time is taken as right. Archiving goes on.',
  },
});
