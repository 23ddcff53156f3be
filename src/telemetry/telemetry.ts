/** The face of `telemetry/`: from a payload to a durable sample, and from there to live values. */
export type { Sender, WatchedBatch } from './batch.ts';
export type { ConnectionEvent, ConnectionQuery, ConnectionRow } from './connection-log.ts';
export { CONNECTION_KINDS, type ConnectionKind, kindOf, remedyOf } from './connection-reasons.ts';
export type { Refusal, RefusalReason } from './decode.ts';
export { createLiveHub, type LiveHub, type LiveValue, type ValuesEvent } from './hub.ts';
export { createIngest, type Ingest, type IngestState } from './ingest.ts';
export { createLiveState, type LiveDevice, type LiveSeries, type LiveState, restoreLiveState } from './live.ts';
export { createMerging, type Merging } from './merging.ts';
export { createCommitPace } from './pace.ts';
export { createRateMeter, type RateMeter } from './rate.ts';
export { createRefusals, type RefusalRow, type Refusals } from './refusals.ts';
export { createRemoval, type Removal } from './removal.ts';
export type { ImportedRows } from './take.ts';
