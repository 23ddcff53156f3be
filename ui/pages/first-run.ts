/** One chunk: what is seldom needed: when the appliance is new, a device is connected, or something is set. */
export { Connect } from './connect/connect.tsx';
export { NoFactory } from './no-factory/no-factory.tsx';
export { StorageSettings } from './settings/storage.tsx';
export { ImportPage } from './settings/transfer/import-page.tsx';
export { TransferSettings } from './settings/transfer/transfer.tsx';
export { Setup } from './setup/setup.tsx';
