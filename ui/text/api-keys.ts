import { catalogue } from './catalogue.ts';

/** Settings, API keys: what programs sign in with. */
export const text = catalogue({
  en: {
    keys: 'Keys',
    noneTitle: 'There is no API key yet',
    noneBody: 'Scripts, Grafana and programs that read along by MQTT sign in with a key of their own.',
    make: 'Make a key…',
    name: 'Name',
    nameMissing: 'The key needs a name.',
    nameTaken: 'There is a key of this name already.',
    nameHint: 'What uses it, such as Grafana.',
    role: 'Role',
    also: 'Also allowed',
    madeBy: 'Made by',
    created: 'Made',
    expires: 'Expires',
    never: 'never',
    lastUsed: 'Last used',
    neverUsed: 'never',
    from: (address: string) => `from ${address}`,
    stopped: {
      expired: 'Stopped: its time is over',
      maker_gone: 'Stopped: who made it may not enter the factory',
    },
    remove: 'Remove…',
    removeOf: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name}?`,
    removeBody: 'Whatever uses it is refused from then on, and its MQTT connections end. This cannot be undone.',
    removed: (name: string) => `${name} removed.`,

    newTitle: 'Make an API key',
    makeVerb: 'Make key',
    lives: 'Works for',
    presets: { month: '30 days', quarter: '90 days', year: '1 year', ever: 'No end' },
    actsFor: 'It acts for you: it stops when you may not enter this factory any more.',

    madeTitle: (name: string) => `${name} is made`,
    onlyNow: 'Copy the key now: it is not shown again.',
    key: 'Key',
    tryIt: 'Try it in a terminal',
    grafana: (origin: string) =>
      `In Grafana: a data source of the type Infinity with the URL ${origin}/api/v1 and, as authentication, a bearer token: this key.`,
    mqtt: (topic: string) => `By MQTT: the user api-key with the key as password may subscribe to ${topic}.`,
    done: 'Done',
  },
});
