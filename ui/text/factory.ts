import { catalogue } from './catalogue.ts';

/** What a factory is called and where it stands: for the first one and for every other. */
export const text = catalogue({
  en: {
    name: 'Factory name',
    slug: 'Short name',
    slugHint: 'In every MQTT topic:',
    slugForever: 'It cannot be changed later.',
    slugPlaceholder: 'short-name',
    timezone: 'Time zone',
    timeThere: (offset: string, time: string) => `${offset}. It is ${time} there now.`,
    nameMissing: 'The factory needs a name.',
    nameLong: 'At most 100 characters.',
    slugTaken: 'Another factory has this short name. Choose another.',
    slugFaults: {
      empty: 'Lower-case letters and digits, such as vpc.',
      letters: 'Only lower-case letters a to z, digits and hyphens.',
      ends: 'A hyphen may stand inside, not at the ends.',
      long: 'At most 40 characters.',
    },
  },
});
