import { Command } from 'commander';
import { registerConfig } from './commands/config.ts';
import { registerDemo } from './commands/demo.ts';
import { reportFailure } from './commands/run.ts';
import { registerSeed } from './commands/seed.ts';
import { registerServe } from './commands/serve.ts';
import { registerSetup } from './commands/setup.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerVersion } from './commands/version.ts';

// What the appliance writes is its owner's alone.
process.umask(0o077);

const program = new Command('factoryops')
  .description('Industrial IoT appliance: MQTT broker, durable historian, live values and API in one program')
  .exitOverride()
  .showHelpAfterError('(run with --help to see what there is)');

for (const register of [
  registerServe,
  registerSetup,
  registerSeed,
  registerDemo,
  registerSimulate,
  registerConfig,
  registerVersion,
]) {
  register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
