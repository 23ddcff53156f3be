import { Command } from 'commander';

// What the appliance writes is its owner's alone.
process.umask(0o077);

/** One file for each command; only the one that was asked for is loaded, or all of them for the list. */
const COMMANDS: Readonly<Record<string, () => Promise<{ register: (program: Command) => void }>>> = {
  serve: () => import('./commands/serve.ts'),
  setup: () => import('./commands/setup.ts'),
  seed: () => import('./commands/seed.ts'),
  demo: () => import('./commands/demo.ts'),
  user: () => import('./commands/user.ts'),
  simulate: () => import('./commands/simulate.ts'),
  import: () => import('./commands/import.ts'),
  export: () => import('./commands/export.ts'),
  config: () => import('./commands/config.ts'),
  doctor: () => import('./commands/doctor.ts'),
  unpack: () => import('./commands/unpack.ts'),
  version: () => import('./commands/version.ts'),
};

/** Runs the command that the command line names; its failure is a line on stderr and an exit code. */
export async function main(): Promise<void> {
  const program = new Command('factoryops')
    .description('Industrial IoT appliance: MQTT broker, durable historian, live values and API in one program')
    .exitOverride()
    .showHelpAfterError('(run with --help to see what there is)');

  const asked = Object.hasOwn(COMMANDS, process.argv[2] ?? '')
    ? [COMMANDS[process.argv[2] ?? '']]
    : Object.values(COMMANDS);
  for (const load of asked) (await load?.())?.register(program);

  // Whoever reads may have enough (`… | head -1`): that ends nothing.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  try {
    await program.parseAsync();
  } catch (error) {
    const { reportFailure } = await import('./commands/run.ts');
    process.exitCode = reportFailure(error);
  }
}
