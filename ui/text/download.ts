import { catalogue } from './catalogue.ts';

/** What is said of a file that the appliance makes. */
export const text = catalogue({
  en: {
    begun: 'The browser downloads the file, or begins as soon as it is made. You may leave this page.',
    refused: 'There is no file this time.',
    again: 'It was refused a moment ago and would work now. Try again.',
  },
});
