import type { Command } from 'commander';
import { type Config, loadConfig } from '../config/config.ts';

/** What every command takes. */
export interface CommonOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly httpPort?: string;
  readonly mqttPort?: string;
  readonly httpsPort?: string;
  readonly mqttsPort?: string;
}

/** Adds `--config` and `--data-dir`, which every command takes, so that one set of flags fits all. */
export const withCommonOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file (default: factoryops.config.json, if there is one)')
    .option('--data-dir <dir>', 'directory that holds everything the appliance writes');

/** Adds the flags of the four ports. */
export const withPorts = (command: Command): Command =>
  command
    .option('--http-port <n>', 'port of the API; 0 takes any free one')
    .option('--mqtt-port <n>', 'port of the MQTT broker; 0 takes any free one')
    .option('--https-port <n>', 'port of the API over TLS (default: 8443)')
    .option('--mqtts-port <n>', 'port of the MQTT broker over TLS (default: 8883)');

/** Text that is a number becomes one; anything else is left for the schema to refuse. */
const number = (text: string | undefined): unknown => (text !== undefined && /^\d+$/.test(text) ? Number(text) : text);

/** Configuration from file, environment and the command's flags. Throws `config_invalid`. */
export const configFrom = (options: CommonOptions): Config =>
  loadConfig({
    file: options.config,
    environment: process.env,
    flags: {
      data_dir: options.dataDir,
      'http.port': number(options.httpPort),
      'mqtt.port': number(options.mqttPort),
      'http.https_port': number(options.httpsPort),
      'mqtt.tls_port': number(options.mqttsPort),
    },
  });

/**
 * Threads do not start in a working directory that is gone, be it before the start or a month later; and a stick that the
 * program was started on can be pulled. To be called once the configuration is read: nothing is relative from then on.
 */
export const leaveWorkingDirectory = (): void => process.chdir('/');
