/** The face of `transfer/`: history that leaves, and comes, as files. */

export { type Examined, type ExamineTask, examineFile, type Preview } from './examine.ts';
export { createExporter, type ExportedFile, type Exporter, type ExportFormat, type ExportRequest } from './export.ts';
export { archiveFactory } from './factory-archive.ts';
export type { ImportJob } from './import-rows.ts';
export { checkImportable, createImports, type Imports } from './imports.ts';
export { DELIMITERS, type DelimiterName, type ImportOptions } from './plan.ts';
export { type ReadPage, type ReadPageTask, readPage } from './read-page.ts';
export { runImport } from './run-import.ts';
export { TIME_FORMATS } from './time-format.ts';
