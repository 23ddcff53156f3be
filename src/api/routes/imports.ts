import type { Readable } from 'node:stream';
import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { DELIMITERS, type DelimiterName, type ImportJob, type Imports, TIME_FORMATS } from '../../transfer/transfer.ts';
import { type Route, route } from '../route.ts';
import { idParams, isoTime, isoTimeSchema, listSchema } from '../wire.ts';

const TAG = 'Import';
const ACCESS = { factory: 'admin' } as const;
const count = z.int();
const name = z.string().min(1).max(512);
/** A column: its name in the line of names, or its number from 1. */
const column = name.optional();

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const optionsSchema = z
  .strictObject({
    encoding: z.enum(['utf-8', 'windows-1252']).optional(),
    delimiter: z.enum(Object.keys(DELIMITERS) as [DelimiterName, ...DelimiterName[]]).optional(),
    decimal: z.enum(['point', 'comma']).optional(),
    header: z.boolean().optional().describe('Whether the first line has names'),
    layout: z
      .enum(['long', 'wide'])
      .optional()
      .describe('long: a line for each sample. wide: a line for each instant, a column for each parameter'),
    time_column: column,
    time_format: z.enum(TIME_FORMATS).optional(),
    timezone: z
      .string()
      .max(64)
      .refine(isZone, 'no IANA time zone, such as Europe/Berlin')
      .optional()
      .describe("IANA zone of times without an offset; the factory's when left out"),
    device: z.string().max(64).optional().describe('Key of the device of all samples'),
    device_column: column,
    parameter_column: column,
    value_column: column,
    unit_column: column,
    columns: z
      .array(name)
      .min(1)
      .max(1_000)
      .readonly()
      .optional()
      .describe('wide: the columns to import; all when left out'),
    quoted_text: z.boolean().optional().describe('Whether a value in quotes is text, even "12"'),
    missing: z
      .array(z.string().max(64))
      .max(20)
      .readonly()
      .optional()
      .describe('Cells that mean: no value. An empty one always does'),
    midnight: z
      .enum(['as_written', 'next_day'])
      .optional()
      .describe('next_day: 00:00 ends the day that it is written with'),
  })
  .meta({ id: 'ImportOptions', description: 'How the file is to be read. What is left out is detected' });

const previewSchema = z
  .object({
    detected: z.array(z.object({ option: z.string(), value: z.string(), evidence: z.string() })).readonly(),
    columns: z.array(z.string()).readonly().describe('The first 200'),
    first_rows: z.array(z.array(z.string()).readonly()).readonly().describe('Lines as they were cut up'),
    rows: count,
    samples: count,
    devices: count,
    new_devices: count,
    new_series: count,
    series_count: count,
    series: z
      .array(
        z.object({
          device: z.string(),
          parameter: z.string(),
          kind: z.enum(['number', 'boolean', 'state']),
          unit: z.string().nullable(),
          is_new: z.boolean(),
          samples: count,
        }),
      )
      .readonly()
      .describe('The first 200'),
    chart: z
      .array(
        z.object({
          device: z.string(),
          parameter: z.string(),
          points: z.array(z.tuple([isoTimeSchema, z.number()])),
        }),
      )
      .describe('The first samples of the first series of numbers, in the order of the file'),
    from: isoTimeSchema.nullable(),
    to: isoTimeSchema.nullable(),
    faults_count: count,
    faults: z
      .array(z.object({ line: count, message: z.string() }))
      .readonly()
      .describe('The first of them'),
    suspicions: z
      .array(z.object({ kind: z.string(), count, message: z.string(), remedy: optionsSchema.nullable() }))
      .readonly()
      .describe('What can be imported, and may still be wrong; `remedy`: options that would mend it'),
  })
  .meta({ id: 'ImportPreview' });

const jobFields = {
  id: z.uuid(),
  file_name: z.string(),
  state: z
    .enum(['uploading', 'examining', 'ready', 'running', 'done', 'failed'])
    .describe('`ready`: waits to be started. `failed`: what is stored of it stays; see `error`'),
  options: optionsSchema,
  size_bytes: z.int().describe('Of the file, as much as has come'),
  done_bytes: z.int().describe('Of the file, whose samples are stored'),
  samples: count.describe('Stored so far'),
  skip_faulty: z.boolean(),
  error: z.string().nullable(),
  created_by: z.string(),
  created_at: isoTimeSchema,
  updated_at: isoTimeSchema,
};
const itemSchema = z.object(jobFields).meta({ id: 'ImportItem' });
const jobSchema = z
  .object({ ...jobFields, preview: previewSchema.nullable().describe('null until the file has been examined') })
  .meta({ id: 'Import' });

function itemOf(job: ImportJob): z.input<typeof itemSchema> {
  return {
    id: job.id,
    file_name: job.fileName,
    state: job.state,
    options: job.options,
    size_bytes: job.sizeBytes,
    done_bytes: job.done.offset,
    samples: job.samples,
    skip_faulty: job.skipFaulty,
    error: job.error,
    created_by: job.createdBy,
    created_at: isoTime(job.createdAt),
    updated_at: isoTime(job.updatedAt),
  };
}

function onWire(job: ImportJob): z.input<typeof jobSchema> {
  if (job.examined === null) return { ...itemOf(job), preview: null };
  const { chart, from, to, ...preview } = job.examined.preview;
  return {
    ...itemOf(job),
    preview: {
      ...preview,
      chart: chart.map(({ points, ...series }) => ({ ...series, points: points.map(([t, y]) => [isoTime(t), y]) })),
      from: from === null ? null : isoTime(from),
      to: to === null ? null : isoTime(to),
    },
  };
}

/** CSV files on their way in: made, sent in parts, examined, corrected, started, watched, given up. */
export function importRoutes(imports: Imports): Route[] {
  return [
    route({
      method: 'get',
      path: '/imports',
      access: ACCESS,
      summary: 'Imports of the factory, newest first',
      tag: TAG,
      reply: listSchema(itemSchema),
      handle: ({ scope }) => ({ items: imports.list(scope).map(itemOf), next_cursor: null }),
    }),
    route({
      method: 'post',
      path: '/imports',
      access: ACCESS,
      summary: 'Announce a CSV file; its content comes by `PUT /imports/{id}/content`',
      tag: TAG,
      status: 201,
      body: z.strictObject({ file_name: z.string().min(1).max(255), options: optionsSchema.optional() }),
      reply: jobSchema,
      handle: ({ scope, identity, body }) =>
        onWire(imports.create(scope, { name: body.file_name, createdBy: identity.email }, body.options ?? {})),
    }),
    route({
      method: 'get',
      path: '/imports/:id',
      access: ACCESS,
      summary: 'An import: how far it is, and what it would do',
      tag: TAG,
      params: idParams,
      reply: jobSchema,
      handle: ({ scope, params }) => onWire(imports.get(scope, params.id)),
    }),
    route({
      method: 'put',
      path: '/imports/:id/content',
      access: ACCESS,
      summary:
        'A part of the file, within a minute; `409` says how many bytes are there when the offset is another one',
      tag: TAG,
      params: idParams,
      query: z.strictObject({
        offset: z.coerce.number().int().min(0).default(0).describe('Bytes that have been sent before'),
        last: z.enum(['true', 'false']).default('true').describe('Nothing comes after this part: examine it'),
      }),
      consumes: 'application/octet-stream',
      reply: jobSchema,
      handle: async ({ scope, params, query, ctx }) => {
        if (ctx.request.type === 'application/json') {
          throw new AppError('malformed', 'send the bytes of the file as application/octet-stream or text/csv');
        }
        const content: Readable = ctx.req;
        const upload = { content, offset: query.offset, isLast: query.last === 'true' };
        return onWire(await imports.upload(scope, params.id, upload));
      },
    }),
    route({
      method: 'patch',
      path: '/imports/:id',
      access: ACCESS,
      summary: 'Examine the file anew, as these options say',
      tag: TAG,
      params: idParams,
      body: z.strictObject({ options: optionsSchema }),
      reply: jobSchema,
      handle: ({ scope, params, body }) => onWire(imports.configure(scope, params.id, body.options)),
    }),
    route({
      method: 'post',
      path: '/imports/:id/start',
      access: ACCESS,
      summary: 'Store the samples. A file with faults is refused unless they are to be left out',
      tag: TAG,
      status: 202,
      params: idParams,
      body: z.strictObject({ skip_faulty: z.boolean().default(false) }),
      reply: jobSchema,
      handle: ({ scope, params, body }) => onWire(imports.start(scope, params.id, body.skip_faulty)),
    }),
    route({
      method: 'delete',
      path: '/imports/:id',
      access: ACCESS,
      summary: 'Give an import up, or take it off the list; samples that are stored stay',
      tag: TAG,
      params: idParams,
      reply: 'empty',
      handle: ({ scope, params }) => imports.remove(scope, params.id),
    }),
  ];
}
