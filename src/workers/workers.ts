export { createDemoSimulators, type DemoSimulators, type DemoSimulatorsParts } from './demo-simulators.ts';
export { createQueryPool, type QueryPool, type QueryPoolOptions } from './query-pool.ts';
export { startRulesThread } from './rules-thread.ts';
export { type TaskProgress, taskProgress } from './task-progress.ts';
export type { TaskName, TaskTable } from './tasks.ts';
export { startWriterThread, type WriterThreadOptions } from './writer-thread.ts';
