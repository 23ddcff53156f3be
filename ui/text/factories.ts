import { catalogue } from './catalogue.ts';

const counted = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Settings, Factories: all factories of the appliance, for its owners. */
export const text = catalogue({
  en: {
    factories: 'Factories',
    factory: 'Factory',
    zone: 'Time zone',
    stored: 'Stored',
    made: 'Made',
    state: 'State',
    inUse: 'In use',
    selected: 'selected',
    demo: 'demo',
    archivedSince: (day: string) => `Archived on ${day}`,
    actions: 'Actions',
    actionsOf: (name: string) => `What to do with ${name}`,
    newFactory: 'New factory…',

    rename: 'Name, time zone, units…',
    renameTitle: (name: string) => `Name, time zone and units of ${name}`,
    slugStays: (slug: string) => `The short name ${slug} stays: it is in the topics of the devices.`,
    zoneNote: 'Another time zone moves where days, weeks and shifts begin, in the past as well.',
    units: 'Units',
    unitsHint:
      'In which its pages show values, to everybody whose profile says nothing else. What is stored stays as sent.',
    renamed: (name: string) => `${name} saved.`,

    limits: 'Limits…',
    limitsTitle: (name: string) => `What ${name} may take`,
    limitsBody: 'So that one factory leaves room for the others. Left empty, what is configured for all holds.',
    limitNames: {
      devices: 'Devices',
      requests_per_s: 'Requests a second',
      streams: 'Live connections',
      heavy_queries: 'Long questions at once',
    },
    limitHints: {
      devices: 'Further ones are refused.',
      requests_per_s: 'Of all its people and keys together.',
      streams: 'Open pages and programs that follow live values.',
      heavy_queries: 'To the history, and exports.',
    },
    configured: (value: string) => `Configured for all: ${value}.`,
    limitFault: 'A whole number from 1 to 1,000,000, or nothing.',
    limitsSaved: (name: string) => `Limits of ${name} saved.`,

    export: 'Export everything…',
    exportTitle: (name: string) => `Export all of ${name}`,
    exportBody:
      'A ZIP file with settings, devices, people and their rights as JSON, and every sample as CSV. Passwords, keys and other secrets are not in it.',
    exportVerb: 'Download ZIP',
    retention: 'How long history is kept',

    archive: 'Archive…',
    archiveTitle: (name: string) => `Archive ${name}?`,
    archiveBody: (name: string) =>
      `${name} goes out of use: the connections of its devices end, nobody enters it, and nothing more is stored for it. Everything it has is kept, and it can be taken back into use here.`,
    archiveVerb: 'Archive',
    archived: (name: string) => `${name} is archived.`,
    restore: 'Take back into use',
    restored: (name: string) => `${name} is in use again. Its devices connect by themselves.`,

    delete: 'Delete…',
    deleteTitle: (name: string) => `Delete ${name}?`,
    deleteBody: (devices: number | undefined, samples: number | undefined, size: string | undefined) => {
      const what = [
        devices === undefined ? 'its devices' : `its ${counted(devices, 'device', 'devices')}`,
        samples === undefined || size === undefined
          ? 'all their history'
          : `${counted(samples, 'sample', 'samples')} of history (${size})`,
      ];
      return `It goes with ${what.join(' and ')}, its credentials, API keys and invitations. People whose login belongs to no other factory lose it.`;
    },
    deleteForGood: 'This cannot be undone. Export everything first if it may be needed again, or archive the factory.',
    deleteVerb: 'Delete',
    deleted: (name: string) => `${name} deleted.`,
  },
});
