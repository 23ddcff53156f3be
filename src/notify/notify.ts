/** The face of `notify/`: messages that leave the appliance. */

export type { Resolve } from './address-guard.ts';
export { CHANNEL_KINDS, type Channel, type ChannelKind, type Way } from './channel.ts';
export { CONFIG_SCHEMAS, channelShape, SECRET_SCHEMAS } from './channel-config.ts';
export { type ChannelDraft, type Channels, createChannels } from './channels.ts';
export type { ChartData } from './chart-image.ts';
export { type BrowserNotice, isMeant } from './delivery.ts';
export { inviteMail } from './invite-mail.ts';
export { certificatesIn } from './mail-server-ca.ts';
export { createMailer, type Mail, type Mailer } from './mailer.ts';
export type { ToldAlarm } from './message.ts';
export { createNotifications, type Notifications, type TestOutcome } from './notifications.ts';
export { NOTIFICATION_KINDS, NOTIFICATION_STATES, type NotificationRow } from './outbox-rows.ts';
export { sealAddresses } from './seal-addresses.ts';
