import { allows, type FactoryAccess } from '../accounts/accounts.ts';
import { AppError } from '../core/errors.ts';
import type { FactoryScope } from '../core/scope.ts';
import type { Catalogue, CataloguedDevice, Standing } from '../devices/devices.ts';

/** Who asks, with what they may do in the factory. */
export interface Looking {
  readonly scope: FactoryScope;
  readonly identity: { readonly factory: FactoryAccess };
}

/** Devices that wait to be approved, or were rejected, are the business of those who decide on them. */
export const mayLookAt = ({ identity }: Pick<Looking, 'identity'>, standing: Standing): boolean =>
  standing === 'active' || standing === 'retired' || allows(identity.factory, 'devices');

/** A device that the caller may look at; undefined for any other, as if it was not there. */
export function shownDevice(
  catalogue: Pick<Catalogue, 'device'>,
  looking: Looking,
  id: string,
): CataloguedDevice | undefined {
  const device = catalogue.device(looking.scope, id);
  return device !== undefined && mayLookAt(looking, device.standing) ? device : undefined;
}

/** @throws {AppError} `not_found` for a device that the caller may not look at, as for one that is not there */
export function refuseHidden(looking: Looking, { standing }: { readonly standing: Standing }): void {
  if (!mayLookAt(looking, standing)) throw new AppError('not_found', 'not found');
}
