import { catalogue } from './catalogue.ts';

/** What people see and change of their own login. */
export const text = catalogue({
  en: {
    title: 'Profile',
    you: 'You',
    email: 'Email',
    name: 'Name',
    nameMissing: 'Enter a name.',
    nameSaved: 'Name saved.',
    role: 'In this factory',
    owner: 'Owner of the appliance',
    theme: 'Appearance',
    themeHint: 'On every device where you sign in.',
    units: 'Units',
    unitsOfFactory: 'As the factory',
    unitsHint:
      'Values, limits and charts, where both units are known. The API and files of every sample keep the units that devices send.',
    factorySays: (units: string) => `The factory says: ${units}.`,

    password: 'Password',
    passwordBody: 'When you change it, your other sessions end.',
    changePassword: 'Change password…',

    factor: 'Second factor',
    factorOff:
      'Off. When it is on, signing in also takes a code of an authenticator app on your telephone. A password that somebody has seen is not enough then.',
    factorOn: 'On. Signing in takes a code of your authenticator app, or one of your recovery codes.',
    turnOn: 'Turn on…',
    turnOff: 'Turn off…',
    turnOnTitle: 'Turn on the second factor',
    turnOffTitle: 'Turn off the second factor?',
    turnOffBody: 'From then on the password alone signs you in. The recovery codes stop working.',
    turnOffVerb: 'Turn off',
    turnedOff: 'The second factor is off.',
    currentPassword: 'Current password',
    firstPassword: 'First show that it is you.',
    next: 'Continue',
    scan: 'Scan this with an authenticator app, such as Aegis, Google Authenticator or 1Password.',
    qr: 'QR code for the authenticator app',
    typed: 'Or type this into the app',
    code: 'Code of the app',
    codeHint: 'Six digits; a new code comes every 30 seconds.',
    codeMissing: 'Enter the six digits that the app shows.',
    confirm: 'Turn on',
    recoveryTitle: 'The second factor is on',
    recoveryBody:
      'These codes sign you in when the telephone is gone, each once. Keep them where you find them without it: they are not shown again.',
    recoveryFile: (email: string, codes: string) =>
      `FactoryOps recovery codes of ${email}\nEach works once, in place of the code of the authenticator app.\n\n${codes}\n`,
    recoveryName: 'factoryops-recovery-codes.txt',
    copyCodes: 'Copy',
    printCodes: 'Print',
    saveCodes: 'Download',
    kept: 'I have kept them',

    sessions: 'Where you are signed in',
    session: 'Session',
    thisOne: 'this one',
    programOn: (program: string, system: string) => `${program} on ${system}`,
    unknownProgram: 'Unknown program',
    address: 'Address',
    lastUsed: 'Last used',
    since: 'Signed in',
    end: 'End',
    endOf: (session: string) => `End the session of ${session}`,
    ended: 'Session ended.',
    endOthers: 'End all others',
    endedOthers: (count: number) =>
      count === 1 ? '1 other session ended.' : `${count.toLocaleString('en')} other sessions ended.`,
    onlyThis: 'You are signed in here alone.',
  },
});
