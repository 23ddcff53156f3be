import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'Sign in',
    email: 'Email',
    password: 'Password',
    signIn: 'Sign in',
    wrong: 'The email or the password is wrong.',
    forgotten: 'Forgotten the password? Ask an owner of this appliance.',
  },
});
