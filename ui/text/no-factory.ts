import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'No factory is selected',
    choose: 'Choose one of your factories:',
    makeFirst: 'There is no factory yet. Make the first one.',
    makeAnother: 'Or make a new one',
    make: 'Make factory',
    nobody: (email: string) =>
      `The account ${email} belongs to no factory. Ask an owner of this appliance to add it to one, then look again.`,
    lookAgain: 'Look again',
  },
});
