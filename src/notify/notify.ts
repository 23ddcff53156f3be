/** The face of `notify/`: messages that leave the appliance. */

export { inviteMail } from './invite-mail.ts';
export { createMailer, type Mail, type Mailer } from './mailer.ts';
