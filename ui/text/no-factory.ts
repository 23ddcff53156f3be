import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'No factory is selected',
    choose: 'Choose one of your factories:',
    makeFirst: 'There is no factory in use. Make one.',
    makeAnother: 'Or make a new one',
    make: 'Make factory',
    archived: 'Out of use, with all that they have:',
    restore: (name: string) => `Take ${name} back into use`,
    nobody: (email: string) =>
      `There is no factory that ${email} may enter. It may have been taken out of use, or somebody has taken this account out of it. Ask an owner of this appliance, then look again.`,
    lookAgain: 'Look again',
    otherTitle: (name: string) => `This is of ${name}`,
    otherBody: (name: string, selected: string | undefined) =>
      `The link leads to ${name}${selected === undefined ? '' : `, and you are in ${selected}`}. Other tabs of this browser go along.`,
    goTo: (name: string) => `Go to ${name}`,
    stayIn: (name: string) => `Stay in ${name}`,
  },
});
