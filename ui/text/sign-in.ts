import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'Sign in',
    ended:
      'Your session has ended. If you cannot sign in again, your account may have been barred: ask an admin of your factory.',
    email: 'Email',
    password: 'Password',
    signIn: 'Sign in',
    wrong: 'The email or the password is wrong.',
    code: 'Code',
    codeHint: 'Of your authenticator app, or a recovery code.',
    codeFor: (email: string) => `${email} signs in with a second factor.`,
    codeGone: 'Telephone gone? Use a recovery code, or ask an owner of this appliance.',
    forgotten: 'Forgotten the password? Ask an owner of this appliance.',
  },
});
