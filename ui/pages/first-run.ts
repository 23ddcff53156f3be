/** One chunk: what is needed once, when the appliance is new or a device is connected. */
export { Connect } from './connect/connect.tsx';
export { NoFactory } from './no-factory/no-factory.tsx';
export { Setup } from './setup/setup.tsx';
