export { createDemoSimulators, type DemoSimulators, type DemoSimulatorsParts } from './demo-simulators.ts';
export { createQueryPool, type QueryPool, type QueryPoolOptions } from './query-pool.ts';
export type { TaskName, TaskTable } from './tasks.ts';
export { startWriterThread, type WriterThreadOptions } from './writer-thread.ts';
