import { catalogue } from './catalogue.ts';

export const text = catalogue({
  en: {
    title: 'Set up',
    lightOrDark: 'Light or dark',
    steps: { label: 'Steps', code: 'Code', start: 'Start', owner: 'Owner and factory', device: 'First device' },
    next: 'Continue',

    codeTitle: 'Enter the setup code',
    codeBody:
      'It shows that this appliance is yours. It stands in the line that the appliance printed when it started:',
    codeExample: '"setup_code":"K7QF-2MXA"',
    code: 'Setup code',
    codeHint: (until: string) => `Capitals and the hyphen do not matter. It works until ${until}.`,
    codeMissing: 'Enter the code: eight letters and digits.',
    codeWrong: 'This is not the code. Look at the last line with "setup_code": each start prints a new one.',
    codeExpired: 'The code has expired. Stop the appliance and start it again: it prints a new one.',
    codeRenewed: 'The appliance has started again since, and printed a new code. What you have typed is kept.',
    offline: 'The appliance does not answer. It may be starting again. What you have typed is kept.',

    startTitle: 'How do you want to start?',
    factory: 'Set up my factory',
    factoryHint: 'Name it, then connect the first device. About three minutes.',
    demo: 'Show me a demo factory',
    demoHint: 'Simulated machines with three days of history. It can be removed at any time.',

    ownerTitle: 'Who owns this appliance?',
    ownerBody: 'This account can do everything. Everyone else is added later.',
    email: 'Email',
    emailMissing: 'Enter an address, such as you@example.com.',
    password: 'Password',
    passwordHint: 'Three or four words are easy to type with gloves.',
    passwordMissing: 'Choose a password of at least 8 characters.',
    passwordShort: (length: number) => `${length} ${length === 1 ? 'character' : 'characters'}. It needs at least 8.`,
    create: 'Create and go on',
    createDemo: 'Create and look around',
    creatingDemo: 'The demo factory is being made. This takes some seconds.',

    takenTitle: 'This appliance is set up already',
    takenBody:
      'Somebody has finished the setup meanwhile. Sign in with the account made there, or ask its owner for one.',
    signIn: 'Sign in',
  },
});
