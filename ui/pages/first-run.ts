/** One chunk: what is seldom needed: when the appliance is new, a device is connected, somebody comes, or something is set. */
export { Connect } from './connect/connect.tsx';
export { Invite } from './link/invite.tsx';
export { ResetPassword } from './link/reset-password.tsx';
export { NoFactory } from './no-factory/no-factory.tsx';
export { Profile } from './profile/profile.tsx';
export { AuditSettings } from './settings/audit/audit.tsx';
export { CertificatesSettings } from './settings/certificates/certificates.tsx';
export { ConnectionsSettings } from './settings/connections/connections.tsx';
export { FactoriesSettings } from './settings/factories/factories.tsx';
export { KeysSettings } from './settings/keys/keys.tsx';
export { LoginsSettings } from './settings/logins/logins.tsx';
export { StorageSettings } from './settings/storage.tsx';
export { ImportPage } from './settings/transfer/import-page.tsx';
export { TransferSettings } from './settings/transfer/transfer.tsx';
export { UsersSettings } from './settings/users/users.tsx';
export { Setup } from './setup/setup.tsx';
