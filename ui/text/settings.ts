import { catalogue } from './catalogue.ts';

/** The parts of the settings, and what stands where one of them is not the person's. */
export const text = catalogue({
  en: {
    parts: 'Parts of the settings',
    storage: 'Storage',
    transfer: 'Import and export',
    credentials: 'Device credentials',
    connections: 'MQTT connections',
    users: 'Users',
    keys: 'API keys',
    channels: 'Channels',
    certificates: 'Certificates',
    factories: 'Factories',
    logins: 'Logins',
    audit: 'Audit',
    ofFactory: (name: string) => `of ${name}`,
    ofAppliance: 'of the appliance',
    notAllowed: 'You may not see this',
    notAllowedBody: {
      credentials: 'It takes the permission for devices. Ask an admin of this factory for it.',
      connections: 'It takes the permission for devices. Ask an admin of this factory for it.',
      users: 'It takes the permission to manage users. Ask an admin of this factory for it.',
      keys: 'Only an admin of this factory makes and removes API keys.',
      channels: 'It takes the permission for rules. Ask an admin of this factory for it.',
      certificates: 'It takes the permission for devices. Ask an admin of this factory for it.',
      factories: 'Only an owner of the appliance manages its factories.',
      logins: 'Only an owner of the appliance manages its logins.',
      audit: 'Only an admin of this factory, or an owner of the appliance, sees who did what.',
    },
  },
});
