import { catalogue } from './catalogue.ts';

/** What people and keys may do in a factory, and the links that bring people in. */
export const text = catalogue({
  en: {
    role: 'Role',
    roles: { viewer: 'Viewer', operator: 'Operator', admin: 'Admin' },
    roleHints: {
      viewer: 'Sees everything, and exports it.',
      operator: 'Sees everything, and acknowledges alarms.',
      admin: 'Does everything in this factory.',
    },
    also: 'Also allowed',
    alsoNone: 'nothing more',
    everything: 'everything',
    permissions: {
      devices: 'Devices',
      rules: 'Rules',
      analytics: 'Analytics',
      reports: 'Reports',
      users: 'Users',
    },
    permissionHints: {
      devices: 'Connect, name and remove devices, say which belong here, and set limits.',
      rules: 'Write the rules that raise alarms.',
      analytics: 'Set up analyses.',
      reports: 'Set up reports, and who gets them.',
      users: 'Invite people, and change what they may do.',
    },

    qr: 'QR code of the link',
    qrHint: 'A telephone reads it with its camera.',
    link: 'Link',
    onlyNow: 'Copy it now: it is not shown again.',
    worksUntil: (until: string) => `It works once, until ${until}.`,
  },
});
