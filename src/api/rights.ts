import * as z from 'zod';
import { PERMISSIONS, ROLES } from '../accounts/accounts.ts';

/** What somebody may do in a factory, as it looks on the wire; spread it into the route's own object. */
export const rights = {
  role: z.enum(ROLES).describe('Each includes the ones before it'),
  permissions: z
    .array(z.enum(PERMISSIONS))
    .max(PERMISSIONS.length)
    .describe('Granted on top of the role; an admin has all of them'),
};

export const emailSchema = z
  .string()
  .min(3)
  .max(254)
  .meta({ examples: ['operator@example.com'] });

/** A password that somebody chooses; how long it has to be, the accounts say. */
export const passwordSchema = z
  .string()
  .min(1)
  .max(1_024)
  .meta({ examples: ['four words to remember'] });

/** Of a second factor. */
export const codeSchema = z
  .string()
  .min(1)
  .max(64)
  .describe('A code of the authenticator app, or a recovery code')
  .meta({ examples: ['492039'] });

/** The secret of a link that works once. */
export const tokenSchema = z
  .string()
  .min(1)
  .max(128)
  .describe('What stands behind the # of the link')
  .meta({ examples: ['kq0Y5TzPzY2mYVgB0mYk0o3xVwqkZ2mH1c8nJ5dQ4rE'] });
