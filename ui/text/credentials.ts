import { catalogue } from './catalogue.ts';

const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Settings, Device credentials: with what devices and gateways sign in. */
export const text = catalogue({
  en: {
    title: 'Credentials',
    noneTitle: 'No device signs in yet',
    noneBody:
      'Give each device, or the gateway that speaks for several, a name and a password of its own. Then nobody else can send in its place, and one can be shut out without the others.',
    make: 'New credential…',
    search: 'Name or device',
    searchLabel: 'Filter credentials by name or device',
    noneFound: 'No credential matches',
    clear: 'Clear filter',

    name: 'Credential',
    username: 'User name',
    copyUsername: (name: string) => `Copy the user name of ${name}`,
    devices: 'For',
    everyDevice: 'every device',
    moreDevices: (count: number) => `and ${count.toLocaleString('en')} more`,
    made: 'Made',
    password: 'Password changed',
    neverChanged: 'never',
    oldWorks: (span: string) => `the old one too, for ${span}`,
    lastUsed: 'Last sign-in',
    neverUsed: 'never',
    actions: 'Actions',
    actionsOf: (name: string) => `What to do with ${name}`,
    rotate: 'New password…',
    change: 'Change devices…',
    revoke: 'Revoke…',

    newTitle: 'New credential',
    nameLabel: 'Name',
    nameHint: (slug: string) => `Its user name is ${slug}/ and this. It cannot be changed.`,
    nameFault: 'Begin with a letter or digit; then also dots, hyphens and underscores, 64 in all, without spaces.',
    nameTaken: 'There is a credential of this name already.',
    makeVerb: 'Make credential',
    forWhom: 'For',
    kinds: { one: 'One device', set: 'A set', pattern: 'A pattern', all: 'Every device' },
    kindHints: {
      one: 'It may send as this device only. The safest way.',
      set: 'A gateway that speaks for the devices you list.',
      pattern: 'A gateway whose devices have keys alike, those to come too.',
      all: 'It may send as any device of this factory, those to come too. For a gateway that speaks for all.',
    },
    key: 'Device key',
    keys: 'Device keys, one a line',
    patterns: 'Patterns, one a line',
    patternHint: 'A * stands for any characters: press-* is press-01 as well as press-north.',
    keyFault: (key: string) =>
      key === '' ? 'Name at least one device.' : `${key}: 1 to 64 of A-Z a-z 0-9 . _ and -, without spaces.`,
    patternMissing: 'A pattern has a * in it. To name devices one by one, choose “A set”.',
    tooMany: 'No more than 1,000 keys and patterns.',
    covers: (covered: number, known: number) =>
      covered === 0
        ? `None of the ${plural(known, 'known device', 'known devices')} yet.`
        : `${covered.toLocaleString('en')} of ${plural(known, 'known device', 'known devices')}:`,
    coversNone: 'No device is known yet.',
    unknownKeys: (keys: string) => `Not known yet: ${keys}. Named here, they are let in when they send.`,
    andMore: (count: number) => `${count.toLocaleString('en')} more`,

    madeTitle: (name: string) => `${name} is made`,
    rotatedTitle: (name: string) => `${name} has a new password`,
    onlyNow: 'Copy the password now: it is not shown again.',
    passwordLabel: 'Password',
    tryIt: 'Try it',
    language: 'Language',
    done: 'Done',

    rotateTitle: (name: string) => `New password for ${name}`,
    rotateVerb: 'Make new password',
    keepOld: 'The old one works for',
    spans: { none: 'Not at all', hour: '1 hour', day: '1 day', week: '7 days', month: '30 days' },
    atOnce: 'The old password is refused from now on, and connections that use it end at once.',
    overlap: (until: string) =>
      `Both work until ${until}. Nothing is disconnected before; who still uses the old one then is.`,
    olderEnds: 'The password before that one works until then no more: there are never more than two.',

    changeTitle: (name: string) => `Devices of ${name}`,
    changeVerb: 'Change',
    changeBody: 'Its connections end, and may come back at once with the new rights. Its password stays.',
    changed: (name: string) => `${name} speaks for other devices now.`,
    changedBack: (name: string) => `${name} speaks for its devices as before.`,

    revokeTitle: (name: string) => `Revoke ${name}?`,
    revokeVerb: 'Revoke',
    revokeBody: (used: string) =>
      `Its connections end at once, and it is refused from then on. ${used} This cannot be undone; the history of its devices stays.`,
    lastUsedAgo: (span: string) => `It signed in last ${span} ago.`,
    wasNeverUsed: 'It has never signed in.',
    revoked: (name: string) => `${name} revoked.`,
  },
});
