import * as z from 'zod';
import type { Factories } from '../../accounts/accounts.ts';
import { isDeviceKey } from '../../core/device-keys.ts';
import type { FactoryScope } from '../../core/scope.ts';
import { ADMISSIONS, type Device, type Devices, type Presence, type Standing } from '../../devices/devices.ts';
import type { LiveDevice, LiveHub, LiveState, Merging, Removal } from '../../telemetry/telemetry.ts';
import { type Route, route } from '../route.ts';
import { idParams, idSchema } from '../wire.ts';
import { deviceReplies, deviceSchema } from './devices.ts';

const TAG = 'Devices';
const access = { factory: 'devices' } as const;

const name = z.string().trim().min(1).max(128);

const admissionSchema = z.object({
  mode: z
    .enum(ADMISSIONS)
    .describe(
      'What becomes of a device that nobody knows. open: it registers itself. approve: what it sends is kept aside until ' +
        'it is approved. closed: it is refused. Whom a device credential names by its key is known',
    ),
});

export interface DeviceStandingRoutesDeps {
  readonly factories: Pick<Factories, 'byNumber' | 'change'>;
  readonly devices: Devices;
  readonly live: LiveState;
  readonly hub: Pick<LiveHub, 'touched'>;
  readonly presence: Presence;
  readonly removal: Removal;
  readonly merging: Merging;
  /** Hears of a device that was taken out of use. */
  readonly retired: (scope: FactoryScope, deviceId: string) => void;
}

/** Which devices belong to a factory: let in, refused, gone, or two that are one. */
export function deviceStandingRoutes(deps: DeviceStandingRoutesDeps): Route[] {
  const { factories, devices, live, hub, presence, removal, merging, retired } = deps;
  const reply = deviceReplies(deps);

  /** The device in memory, as it stands now. */
  const inMemory = (scope: FactoryScope, { id, key, standing }: Device): LiveDevice => {
    const known = live.device(scope.factoryId, key) ?? live.addDevice(scope.factoryId, key, standing);
    known.id = id;
    if (known.standing !== standing) known.terms++;
    known.standing = standing;
    return known;
  };
  const lead = (scope: FactoryScope, id: string, standing: Standing) => {
    const device = devices.setStanding(scope, id, standing);
    const known = inMemory(scope, device);
    if (standing === 'active') {
      hub.touched(new Set([known]));
      presence.seen([known]);
    } else presence.removed(known);
    if (standing === 'retired') retired(scope, id);
    return reply(scope, device);
  };
  const modeOf = ({ factoryId }: FactoryScope) => ({ mode: factories.byNumber(factoryId)?.deviceAdmission ?? 'open' });

  return [
    route({
      method: 'get',
      path: '/device-admission',
      access: { factory: 'viewer' },
      summary: 'Which devices may register by a first message',
      tag: TAG,
      reply: admissionSchema,
      handle: ({ scope }) => modeOf(scope),
    }),
    route({
      method: 'put',
      path: '/device-admission',
      access,
      summary: 'Say which devices may register by a first message; those that are known stay',
      tag: TAG,
      body: z.strictObject(admissionSchema.shape),
      reply: admissionSchema,
      handle: ({ scope, body }) => {
        factories.change(scope.factoryUuid, { deviceAdmission: body.mode });
        return modeOf(scope);
      },
    }),
    route({
      method: 'post',
      path: '/devices',
      access,
      summary: 'Add a device before its first message',
      tag: TAG,
      status: 201,
      body: z.strictObject({
        key: z.string().refine(isDeviceKey, 'a device key has 1 to 64 of A-Z a-z 0-9 . _ -'),
        name: name.optional().describe('The key when left out'),
      }),
      reply: deviceSchema,
      handle: ({ scope, body }) => {
        const device = devices.add(scope, { key: body.key, name: body.name ?? body.key });
        presence.seen([inMemory(scope, device)]);
        return reply(scope, device);
      },
    }),
    route({
      method: 'post',
      path: '/devices/:id/approve',
      access,
      summary: 'Let a pending device in, with all that it has sent since its first message',
      tag: TAG,
      params: idParams,
      reply: deviceSchema,
      handle: ({ scope, params }) => lead(scope, params.id, 'active'),
    }),
    route({
      method: 'post',
      path: '/devices/:id/reject',
      access,
      summary: 'Refuse a pending device: what it has sent is erased, what it sends is refused until it is deleted',
      tag: TAG,
      params: idParams,
      reply: deviceSchema,
      handle: ({ scope, params }) => {
        const { key, name: called } = devices.setStanding(scope, params.id, 'rejected');
        removal.removeDevice(scope, params.id);
        const device = devices.add(scope, { key, name: called }, 'rejected');
        inMemory(scope, device);
        return reply(scope, device);
      },
    }),
    route({
      method: 'post',
      path: '/devices/:id/retire',
      access,
      summary: 'Take a device out of use: its history stays, what it sends is refused',
      tag: TAG,
      params: idParams,
      reply: deviceSchema,
      handle: ({ scope, params }) => lead(scope, params.id, 'retired'),
    }),
    route({
      method: 'post',
      path: '/devices/:id/reinstate',
      access,
      summary: 'Take a retired device back',
      tag: TAG,
      params: idParams,
      reply: deviceSchema,
      handle: ({ scope, params }) => lead(scope, params.id, 'active'),
    }),
    route({
      method: 'post',
      path: '/devices/:id/merge',
      access,
      summary:
        "Make a device a part of another: its history goes on in the other's parameters of the same names and kinds, and " +
        'what comes under its key is the other’s. This cannot be undone',
      tag: TAG,
      params: idParams,
      body: z.strictObject({ into: idSchema.describe('The device that remains') }),
      reply: deviceSchema,
      handle: async ({ scope, params, body }) => reply(scope, await merging.merge(scope, params.id, body.into)),
    }),
  ];
}
