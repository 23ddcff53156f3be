import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'Sign in',
    email: 'Email',
    password: 'Password',
    signIn: 'Sign in',
    forgotten: 'Forgotten the password? Ask an owner of this appliance.',
  },
});
