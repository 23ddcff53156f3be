import { catalogue } from './catalogue.ts';

/** Settings, Logins: everybody on the appliance, for its owners. */
export const text = catalogue({
  en: {
    logins: 'Logins',
    search: 'Find a login',
    noneFound: 'Nobody is called like this',
    clear: 'Show all',
    person: 'Person',
    factories: 'Factories',
    every: 'every factory',
    none: 'none',
    barredThere: 'barred',
    state: 'State',
    active: 'Active',
    barred: 'Barred',
    owner: 'Owner of the appliance',
    publicPassword: 'public password',
    secondFactor: 'Second factor',
    on: 'on',
    off: 'off',
    lastSignIn: 'Last sign-in',
    actions: 'Actions',
    actionsOf: (name: string) => `What to do with ${name}`,

    memberships: 'Factories…',
    bar: 'Bar…',
    letIn: 'Let in again',
    makeOwner: 'Make owner…',
    noOwner: 'No longer owner…',
    reset: 'Reset password…',
    removeFactor: 'Remove second factor…',
    delete: 'Delete…',

    barTitle: (name: string) => `Bar ${name} from the appliance?`,
    barBody: (name: string) =>
      `${name} cannot sign in until an owner lets them in again, and their sessions end now. API keys that they made stop meanwhile.`,
    barVerb: 'Bar',
    barredNow: (name: string) => `${name} is barred.`,
    letInNow: (name: string) => `${name} may sign in again.`,

    ownerTitle: (name: string) => `Make ${name} an owner of the appliance?`,
    ownerBody: (name: string) =>
      `${name} may then do everything in every factory, make and delete factories, and manage all logins, yours too. They sign in anew.`,
    ownerVerb: 'Make owner',
    ownerNow: (name: string) => `${name} is an owner of the appliance.`,
    noOwnerTitle: (name: string) => `Is ${name} no longer an owner?`,
    noOwnerBody: (name: string) => `${name} keeps what they may do in their own factories, and signs in anew.`,
    noOwnerVerb: 'No longer owner',
    noOwnerNow: (name: string) => `${name} is no longer an owner of the appliance.`,

    factorTitle: (name: string) => `Remove the second factor of ${name}?`,
    factorBody: (name: string) =>
      `For when the telephone is gone, and the recovery codes too. The password alone signs ${name} in then; their sessions end now.`,
    factorVerb: 'Remove',
    factorGone: (name: string) => `The second factor of ${name} is removed.`,

    deleteTitle: (name: string) => `Delete the login of ${name}?`,
    deleteBody: (email: string, factories: number) =>
      `${email} goes from ${factories === 1 ? '1 factory' : `${factories.toLocaleString('en')} factories`}, with the sessions and the API keys that are theirs. This cannot be undone.`,
    deleteVerb: 'Delete',
    deleted: (name: string) => `Login of ${name} deleted.`,

    membershipsTitle: (name: string) => `Factories of ${name}`,
    membershipsNone: (name: string) => `${name} belongs to no factory.`,
    membershipsOwner: 'Owners may enter every factory as admin, whatever stands here.',
    change: 'Change…',
    changeIn: (factory: string) => `Change rights in ${factory}`,
    remove: 'Remove',
    removeFrom: (factory: string) => `Remove from ${factory}`,
    removed: (factory: string) => `Removed from ${factory}. API keys made there stopped.`,
    add: 'Add a factory…',
    factory: 'Factory',
    archived: (name: string) => `${name} (archived)`,
    rightsIn: (name: string, factory: string) => `${name} in ${factory}`,
    addTitle: (name: string) => `Add ${name} to a factory`,
    addVerb: 'Add',
    saved: (factory: string) => `Rights in ${factory} saved. They hold at once.`,
  },
});
