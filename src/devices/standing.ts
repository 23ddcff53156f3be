import { AppError } from '../core/errors.ts';

/**
 * Whether a device belongs here. `pending`: it sends, and nobody has said so yet: what it sends is stored and shown to
 * nobody. `retired`: it is gone, its history stays. `rejected`: it does not belong here, and nothing of it is kept.
 */
export const STANDINGS = ['active', 'pending', 'retired', 'rejected'] as const;
export type Standing = (typeof STANDINGS)[number];

/** Who may register by a first message: everybody; whoever a person lets in; nobody that is not named somewhere. */
export const ADMISSIONS = ['open', 'approve', 'closed'] as const;
export type Admission = (typeof ADMISSIONS)[number];

/** From where a person may lead a device to a standing. */
const WAYS: Readonly<Record<Standing, readonly Standing[]>> = {
  active: ['pending', 'retired'],
  retired: ['active'],
  rejected: ['pending'],
  pending: [],
};

const WORDS: Readonly<Record<Standing, string>> = {
  active: 'takes part already',
  pending: 'waits to be approved: approve or reject it',
  retired: 'is retired: take it back first',
  rejected: 'was rejected: delete it, and its next message makes it anew',
};

/** @throws {AppError} `conflict` when there is no way from one to the other */
export function checkWay(from: Standing, to: Standing): void {
  if (!WAYS[to].includes(from)) throw new AppError('conflict', `the device ${WORDS[from]}`);
}
