import * as z from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Catalogue, CataloguedDevice } from '../../devices/devices.ts';
import { type ExportSeries, idsOf } from '../../historian/historian.ts';
import type { Exporter } from '../../transfer/transfer.ts';
import { type Looking, shownDevice } from '../device-access.ts';
import { type Route, rawReply, route } from '../route.ts';
import { deviceIdsSchema, samplesQuery } from '../wire.ts';
import { seriesOf } from './history.ts';

const DAY_MS = 86_400_000;
const MOST_DEVICES = 100;

const exportQuery = z.strictObject({
  devices: deviceIdsSchema(MOST_DEVICES)
    .optional()
    .describe(`Device ids, separated by commas, at most ${MOST_DEVICES}; all of the factory when left out`),
  ...samplesQuery,
  format: z.enum(['csv', 'parquet']).default('csv'),
  layout: z
    .enum(['long', 'wide'])
    .default('long')
    .describe('CSV. long: `device,parameter,unit,t,value`. wide: `t`, and a column `device/parameter` for each series'),
});

export interface ExportRoutesDeps {
  readonly catalogue: Catalogue;
  readonly exporter: Exporter;
  readonly clock: Clock;
}

/** Samples as a file of any size. */
export function exportRoutes({ catalogue, exporter, clock }: ExportRoutesDeps): Route[] {
  const devicesOf = (looking: Looking, ids: readonly string[] | undefined): readonly CataloguedDevice[] => {
    // What is retired has a history too.
    if (ids === undefined) return catalogue.all(looking.scope).filter(({ standing }) => standing !== 'pending');
    const found = ids.map((id) => [id, shownDevice(catalogue, looking, id)] as const);
    const faults = found
      .filter(([, device]) => device === undefined)
      .map(([id]) => ({ pointer: '/devices', message: `there is no device ${JSON.stringify(id)}` }));
    if (faults.length > 0) throw new AppError('invalid_input', 'a device is unknown', { faults });
    return found.flatMap(([, device]) => (device === undefined ? [] : [device]));
  };

  const selected = (looking: Looking, asked: z.output<typeof exportQuery>): ExportSeries[] => {
    const devices = devicesOf(looking, asked.devices);
    const units = new Map(
      devices.flatMap(({ id, parameters }) => parameters.map(({ name, unit }) => [`${id}/${name}`, unit] as const)),
    );
    return seriesOf(devices, asked.parameters).flatMap(({ device, series: { parameter, kind, ...series } }) =>
      idsOf(series).map((seriesId) => {
        const unit = units.get(`${device.id}/${parameter}`) ?? null;
        return { seriesId, parameter, kind, device: device.key, unit };
      }),
    );
  };

  return [
    route({
      method: 'get',
      path: '/history/export',
      isHeavy: true,
      access: { factory: 'viewer' },
      summary: 'Samples as they are stored, as a file of any size: CSV or Parquet',
      tag: 'History',
      query: exportQuery,
      reply: 'text',
      alsoProduces: ['text/csv', 'application/vnd.apache.parquet'],
      handle: async ({ scope, identity, query: asked, ctx }) => {
        const left = new AbortController();
        ctx.res.once('close', () => left.abort());
        const to = asked.to === undefined ? clock.now() + 1 : Date.parse(asked.to);
        const from = asked.from === undefined ? to - DAY_MS : Date.parse(asked.from);
        const { format, layout } = asked;
        const request = { series: selected({ scope, identity }, asked), from, to, format, layout };
        const { mediaType, fileName, content } = await exporter.open(scope, request, left.signal);
        ctx.set('Content-Disposition', `attachment; filename="${fileName}"`);
        return rawReply(mediaType, content);
      },
      act: ({ query }) => ({
        action: 'history.export',
        target: { kind: 'history', id: '', name: '' },
        details: { ...query, devices: query.devices ?? 'all' },
      }),
    }),
  ];
}
