import { catalogue } from './catalogue.ts';

/** Settings, Users: the people of a factory, and who is asked to come in. */
export const text = catalogue({
  en: {
    people: 'People',
    search: 'Find a person',
    noneFound: 'Nobody is called like this',
    clear: 'Show all',
    noneYet: 'Nobody belongs to this factory yet',
    noneYetBody: 'Owners of the appliance may enter all the same. Invite whoever is to work here.',
    person: 'Person',
    role: 'Role',
    also: 'Also allowed',
    state: 'State',
    active: 'Active',
    barred: 'Barred',
    owner: 'Owner of the appliance',
    you: 'you',
    secondFactor: 'Second factor',
    on: 'on',
    off: 'off',
    lastSignIn: 'Last sign-in',
    actions: 'Actions',
    actionsOf: (name: string) => `What to do with ${name}`,

    changeRights: 'Change rights…',
    bar: 'Bar…',
    letIn: 'Let in again',
    resetPassword: 'Reset password…',
    remove: 'Remove…',

    rightsTitle: (name: string) => `What ${name} may do`,
    rightsChanged: (name: string) => `Rights of ${name} changed. They hold at once.`,

    barTitle: (name: string) => `Bar ${name}?`,
    barBody: (name: string, factory: string) =>
      `${name} cannot enter ${factory} until somebody lets them in again. API keys that they made stop meanwhile.`,
    barVerb: 'Bar',
    barredNow: (name: string) => `${name} is barred.`,
    letInNow: (name: string) => `${name} may enter again.`,
    barredByOwner: (name: string) =>
      `${name} is barred from the whole appliance: an owner of the appliance has to let them in.`,

    removeTitle: (name: string) => `Remove ${name}?`,
    removeBody: (name: string, factory: string) =>
      `${name} leaves ${factory}, and the API keys that they made here stop for good. If the login belongs to no other factory, it is deleted too.`,
    removed: (name: string) => `${name} removed.`,

    resetTitle: (name: string) => `A new password for ${name}`,
    resetBody: (name: string) =>
      `Makes a link with which ${name} sets a new password. The password until now works until the link is used.`,
    makeLink: 'Make link',
    resetMade: (name: string) => `Give this link to ${name}, and to nobody else.`,

    invite: 'Invite…',
    inviteTitle: 'Invite somebody',
    email: 'Email',
    emailMissing: 'Enter an address, such as name@example.com.',
    emailHint: 'Whoever opens the link gets in with this address.',
    inviteVerb: 'Invite',
    invitedTitle: (email: string) => `${email} is invited`,
    mailSent: (email: string) => `The link was sent to ${email}. You can also hand it over yourself:`,
    mailFailed: (why: string) => `The link could not be sent by email: ${why} Hand it over yourself:`,
    noMail: 'No email was sent, as no mail server is configured. Hand the link over yourself:',
    done: 'Done',

    invites: 'Open invitations',
    invitesNote: 'each link works once',
    invitedBy: 'Invited by',
    timeLeft: 'Time left',
    over: 'over',
    takeBack: 'Take back…',
    takeBackOf: (email: string) => `Take back the invitation of ${email}`,
    takeBackTitle: (email: string) => `Take back the invitation of ${email}?`,
    takeBackBody: 'Its link does not work any more. You can invite them again.',
    takeBackVerb: 'Take back',
    takenBack: (email: string) => `Invitation of ${email} taken back.`,
  },
});
