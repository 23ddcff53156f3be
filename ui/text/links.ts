import { catalogue } from './catalogue.ts';

/** The pages that links lead to which somebody was handed: an invitation, and a new password. */
export const text = catalogue({
  en: {
    email: 'Email',
    name: 'Your name',
    nameHint: 'As others see it.',
    nameMissing: 'Enter your name.',
    password: 'Password',
    newPassword: 'New password',
    passwordHint: 'At least 8 characters. Three or four words are easy to type with gloves.',
    passwordShort: 'A password has at least 8 characters.',
    passwordMissing: 'Enter your password.',
    wrongPassword: 'The password is wrong.',
    codeMissing: 'Enter the code.',

    inviteTitle: (factory: string) => `Join ${factory}`,
    invitedBy: (name: string, factory: string) => `${name} invites you to ${factory}.`,
    invitation: 'Invitation',
    as: 'You join as',
    hasLogin: 'There is a login of this address already. Join with its password.',
    signedInAs: (email: string) => `You are signed in as ${email}. Joining signs you in as the person invited.`,
    accept: 'Join',

    resetTitle: 'Set a new password',
    resetBody: 'All your sessions end, and you sign in with the new one.',
    set: 'Set password',
    setTitle: 'The password is set',
    setBody: 'Your sessions have ended. Sign in with the new password.',
    signIn: 'Sign in',

    deadTitle: 'This link does not work',
    deadInvite:
      'It has been used or taken back, or is too old: an invitation works once, within 48 hours. Ask whoever sent it for a new one.',
    deadReset:
      'It has been used or replaced, or is too old: it works once, within 24 hours. Ask whoever gave it to you for a new one.',
    toSignIn: 'Go to sign-in',
    toApp: 'Go to the overview',
  },
});
