/** The face of `transfer/`: history that leaves, and comes, as files. */
export { createExporter, type ExportedFile, type Exporter, type ExportFormat, type ExportRequest } from './export.ts';
