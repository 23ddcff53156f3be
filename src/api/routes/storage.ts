import * as z from 'zod';
import type { Factory } from '../../accounts/accounts.ts';
import type {
  DiskUse,
  FaultList,
  LevelStock,
  Retention,
  Stock,
  StockReport,
  Verifier,
} from '../../historian/historian.ts';
import type { RateMeter } from '../../telemetry/telemetry.ts';
import { type Route, route } from '../route.ts';
import { isoTime, isoTimeSchema } from '../wire.ts';
import { retentionReply, retentionSchema } from './retention.ts';
import { verificationReply, verificationSchema } from './verification.ts';

const TAG = 'Storage';
/** What a sample takes without compression: its stamp and its value, 8 bytes each. */
const PLAIN_BYTES = 16;

const count = z.int();
const level = z.enum(['raw', '1m', '15m']);

const levelSchema = z.object({
  level: level.describe('Samples, or what was rolled up by the minute or the quarter of an hour'),
  bytes: z.int(),
  rows: count.describe('Samples, or steps of a rollup'),
  segments: count,
  oldest: isoTimeSchema.nullable().describe('Start of the first file'),
  newest: isoTimeSchema.nullable().describe('End of the last file'),
});

const factoryStorageSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    levels: z.array(levelSchema),
    recent: z
      .object({ samples: count, oldest: isoTimeSchema.nullable(), newest: isoTimeSchema.nullable() })
      .nullable()
      .describe('What is not in files yet; null: still being counted'),
    bytes: z.int().describe('Of all levels; recent telemetry of all factories lies in one database'),
    samples: count.describe('Sealed and recent ones'),
    segments: count,
    bytes_per_sample: z.number().nullable().describe('Rollups included; null: nothing is sealed yet'),
    compression: z.number().nullable().describe(`How often less than ${PLAIN_BYTES} bytes a sample`),
    oldest: isoTimeSchema.nullable(),
    newest: isoTimeSchema.nullable(),
    samples_per_second: z.number().nullable().describe('Mean of the last seven days, or of what there is'),
    bytes_per_day: z.number().nullable().describe('As the samples, in files; null: too little is known'),
    quarantined: count,
    kept: retentionSchema,
  })
  .meta({ id: 'FactoryStorage' });

const storageSchema = z.object({
  factories: z.array(factoryStorageSchema).describe('All for an owner of the appliance, else the selected one'),
  appliance: z
    .object({
      bytes: z.int(),
      segment_bytes: z.int(),
      recent_bytes: z.int().describe('The database of recent telemetry, of all factories'),
      control_bytes: z.int().describe('The database of everything else'),
      samples_per_second: z.number().describe('Mean of the last ten seconds'),
      bytes_per_day: z.number().nullable(),
    })
    .describe('All factories together'),
  disk: z
    .object({ total_bytes: z.int(), free_bytes: z.int() })
    .nullable()
    .describe('The disk that the data lies on; null: the system does not say'),
  days_left: z
    .number()
    .nullable()
    .describe('Until the disk, or the budget, is spent at this rate, and the oldest samples go; null: not known yet'),
  waiting: z
    .object({ buckets: count, since: isoTimeSchema.nullable() })
    .describe('Recent telemetry that is over and not in a file yet'),
  verification: verificationSchema.nullable().describe('The last one on demand; null: none since the start'),
  quarantined: z
    .array(
      z.object({
        id: z.string(),
        factory_id: z.uuid(),
        level,
        file: z.string().describe('Where it belongs, below the data directory'),
        from: isoTimeSchema,
        to: isoTimeSchema,
        samples: count.describe('Or steps of a rollup'),
        bytes: z.int(),
        reason: z.string(),
        quarantined_at: isoTimeSchema,
      }),
    )
    .describe('Files that are damaged or missing, and out of the answers'),
  budget_bytes: z.int().nullable().describe('What the appliance may take; null: what the disk has room for'),
  removed: z
    .array(
      z.object({
        factory_id: z.uuid(),
        level,
        reason: z.enum(['age', 'budget']),
        segments: count,
        samples: count.describe('Or steps of a rollup'),
        bytes: z.int(),
        until: isoTimeSchema.describe('The newest that is gone'),
        removed_at: isoTimeSchema.describe('The last time'),
      }),
    )
    .describe('What retention has removed, since the beginning'),
  errors: z
    .array(z.object({ at: isoTimeSchema, work: z.enum(['sealing', 'compaction', 'verification']), reason: z.string() }))
    .describe('The last twenty since the start, the latest first; each is tried again'),
});

export interface StorageRoutesDeps {
  readonly factories: () => readonly Factory[];
  readonly stock: Stock;
  /** Bytes on disk. */
  readonly sizes: () => DiskUse;
  readonly retention: Pick<Retention, 'removed' | 'days' | 'daysOf'>;
  /** Bytes; null: what the disk has room for. */
  readonly budget: number | null;
  readonly faults: FaultList;
  readonly verifier: Verifier;
  readonly rate: RateMeter;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const isoOrNull = (ms: number | undefined): string | null =>
  ms === undefined || !Number.isFinite(ms) ? null : isoTime(ms);

function levelReply(name: z.output<typeof level>, stock: LevelStock | undefined): z.input<typeof levelSchema> {
  const { bytes = 0, rows = 0, segments = 0, fromTs, toTs } = stock ?? {};
  return { level: name, bytes, rows, segments, oldest: isoOrNull(fromTs), newest: isoOrNull(toTs) };
}

function factoryReply(
  { scope, name }: Factory,
  { levels, growth, recent }: StockReport,
  quarantined: number,
  retention: Pick<Retention, 'days' | 'daysOf'>,
): z.input<typeof factoryStorageSchema> {
  const own = levels.filter(({ factoryId }) => factoryId === scope.factoryId);
  const raw = own.find((one) => one.level === 'raw');
  const hot = recent?.get(scope.factoryId);
  const bytes = sum(own.map((one) => one.bytes));
  const sealed = raw?.rows ?? 0;
  const grown = growth.get(scope.factoryId);
  return {
    id: scope.factoryUuid,
    name,
    slug: scope.slug,
    levels: level.options.map((each) =>
      levelReply(
        each,
        own.find((one) => one.level === each),
      ),
    ),
    recent:
      recent === null
        ? null
        : { samples: hot?.samples ?? 0, oldest: isoOrNull(hot?.oldest), newest: isoOrNull(hot?.newest) },
    bytes,
    samples: sealed + (hot?.samples ?? 0),
    segments: sum(own.map(({ segments }) => segments)),
    bytes_per_sample: sealed === 0 ? null : bytes / sealed,
    compression: sealed === 0 ? null : (PLAIN_BYTES * sealed) / bytes,
    oldest: isoOrNull(Math.min(...own.map(({ fromTs }) => fromTs), hot?.oldest ?? Number.POSITIVE_INFINITY)),
    newest: isoOrNull(hot?.newest ?? raw?.toTs),
    samples_per_second: grown?.samplesPerSecond ?? null,
    bytes_per_day: grown?.bytesPerDay ?? null,
    quarantined,
    kept: retentionReply(retention, scope.factoryId),
  };
}

/** What is stored, how long the disk will do, and whether all of it is whole. */
export function storageRoutes(deps: StorageRoutesDeps): Route[] {
  const { stock, sizes, faults, retention, budget, verifier, rate } = deps;
  return [
    route({
      method: 'get',
      path: '/storage',
      access: { factory: 'admin' },
      summary: 'What is stored, how fast it grows, how long the disk will do, and which files are damaged',
      tag: TAG,
      reply: storageSchema,
      handle: async ({ identity, scope }) => {
        const report = await stock.report();
        const shown = deps
          .factories()
          .filter((factory) => identity.isSuperAdmin || factory.scope.factoryId === scope.factoryId);
        const uuids = new Map(shown.map((factory) => [factory.scope.factoryId, factory.scope.factoryUuid]));
        const ofShown = <T extends { readonly factoryId: number }>(list: readonly T[]) =>
          list.flatMap((item) => {
            const factoryUuid = uuids.get(item.factoryId);
            return factoryUuid === undefined ? [] : [{ ...item, factoryUuid }];
          });
        const quarantined = ofShown(verifier.quarantined());
        const { all, segments, recent, control } = sizes();
        const growths = [...report.growth.values()];
        return {
          factories: shown.map((factory) =>
            factoryReply(
              factory,
              report,
              quarantined.filter(({ factoryUuid }) => factoryUuid === factory.scope.factoryUuid).length,
              retention,
            ),
          ),
          appliance: {
            bytes: all,
            segment_bytes: segments,
            recent_bytes: recent,
            control_bytes: control,
            samples_per_second: rate.perSecond().points,
            bytes_per_day: growths.length === 0 ? null : sum(growths.map(({ bytesPerDay }) => bytesPerDay)),
          },
          disk:
            report.disk === null ? null : { total_bytes: report.disk.totalBytes, free_bytes: report.disk.freeBytes },
          days_left: report.daysLeft,
          waiting: { buckets: report.waiting.buckets, since: isoOrNull(report.waiting.since ?? undefined) },
          verification: verifier.progress === null ? null : verificationReply(verifier.progress),
          quarantined: quarantined.map((segment) => ({
            id: segment.id,
            factory_id: segment.factoryUuid,
            level: segment.level,
            file: segment.file,
            from: isoTime(segment.fromTs),
            to: isoTime(segment.toTs),
            samples: segment.rows,
            bytes: segment.sizeBytes,
            reason: segment.reason,
            quarantined_at: isoTime(segment.quarantinedAt),
          })),
          budget_bytes: budget,
          removed: ofShown(retention.removed()).map((removed) => ({
            factory_id: removed.factoryUuid,
            level: removed.level,
            reason: removed.reason,
            segments: removed.segments,
            samples: removed.samples,
            bytes: removed.sizeBytes,
            until: isoTime(removed.untilTs),
            removed_at: isoTime(removed.removedAt),
          })),
          errors: faults
            .list()
            .filter(({ factoryId }) => factoryId === null || uuids.has(factoryId))
            .map(({ at, work, reason }) => ({ at: isoTime(at), work, reason })),
        };
      },
    }),
  ];
}
