import type { Command } from 'commander';
import { unpackRuntime } from '../core/runtime.ts';

/** `unpack`: what the executable calls itself with at its first start; nobody else needs it. */
export function register(program: Command): void {
  program
    .command('unpack', { hidden: true })
    .argument('<dir>', 'runtime directory')
    .action((root: string) => unpackRuntime(root));
}
