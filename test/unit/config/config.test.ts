import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { configJsonSchema, loadConfig } from '../../../src/config/config.ts';
import type { AppError } from '../../../src/core/errors.ts';
import { temporaryDirectory } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';

function configFile(content: unknown) {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'config.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { file, directory: directory.path, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

const pointersOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    withCode('config_invalid')(error);
    return (error as AppError).faults.map((fault) => fault.pointer).sort();
  }
  return assert.fail('accepted');
};

test('without a file everything has its default, and the data directory is absolute', () => {
  const config = loadConfig();
  assert.equal(config.http.port, 8000);
  assert.equal(config.mqtt.port, 1883);
  assert.equal(config.mqtt.anonymous, 'loopback');
  assert.equal(config.data_dir, resolve('./data'));
});

test('tables of recent telemetry that do not divide a day are refused', () => {
  const flags = { 'historian.bucket_s': 420 };
  assert.deepEqual(
    pointersOf(() => loadConfig({ flags })),
    ['historian.bucket_s'],
  );
  assert.equal(loadConfig({ flags: { 'historian.bucket_s': 3_600 } }).historian.bucket_s, 3_600);
});

test('a flag beats the environment, the environment beats the file, the file beats the default', () => {
  using it = configFile({ http: { port: 1001, max_streams: 7 }, mqtt: { port: 1001 }, log: { level: 'warn' } });
  const environment = { FACTORYOPS_HTTP_PORT: '1002', FACTORYOPS_MQTT__PORT: '1002', FACTORYOPS_DATA_DIR: '/tmp/env' };
  const config = loadConfig({ file: it.file, environment, flags: { 'http.port': 1003 } });
  assert.deepEqual([config.http.port, config.mqtt.port], [1003, 1002]);
  assert.deepEqual([config.http.max_streams, config.log.level, config.data_dir], [7, 'warn', '/tmp/env']);
  assert.equal(config.http.max_body_bytes, 1_048_576);
});

test('an unset flag and an empty variable change nothing; other variables are not ours', () => {
  const environment = { FACTORYOPS_HTTP_PORT: '', PORT: '1', FACTORY: 'x' };
  assert.equal(loadConfig({ environment, flags: { 'http.port': undefined } }).http.port, 8000);
});

test('variables carry lists and texts', () => {
  const environment = { FACTORYOPS_HTTP__METRICS_ALLOW: '["10.0.0.1"]', FACTORYOPS_LOG__LEVEL: 'debug' };
  const config = loadConfig({ environment });
  assert.deepEqual([config.http.metrics_allow, config.log.level], [['10.0.0.1'], 'debug']);
});

test('a data directory that looks like a number is still a directory', () => {
  assert.equal(loadConfig({ environment: { FACTORYOPS_DATA_DIR: '2026' } }).data_dir, resolve('2026'));
});

test('all faults are told at once, each with its path, unknown keys included', () => {
  using it = configFile({ http: { port: 70_000, prot: 1 }, mqtt: { anonymous: 'maybe' }, htttp: {} });
  const environment = { FACTORYOPS_LOG__LEVEL: 'loud', FACTORYOPS_NONSENSE: '1' };
  assert.deepEqual(
    pointersOf(() => loadConfig({ file: it.file, environment })),
    ['http.port', 'http.prot', 'htttp', 'log.level', 'mqtt.anonymous', 'nonsense'],
  );
});

test('a file that is named and cannot be read, or is not JSON, is refused by name', () => {
  assert.throws(() => loadConfig({ file: '/nowhere/config.json' }), withCode('config_invalid'));
  for (const content of ['{', '[]', '7', 'null']) {
    using it = configFile(content);
    assert.throws(() => loadConfig({ file: it.file }), withCode('config_invalid'), content);
  }
});

test('a secret may stand in the environment or in a file', () => {
  using secret = configFile('warn\n');
  using it = configFile({ log: { level: { file: secret.file } }, data_dir: { env: 'WHERE' } });
  const config = loadConfig({ file: it.file, environment: { WHERE: '/tmp/where' } });
  assert.deepEqual([config.log.level, config.data_dir], ['warn', '/tmp/where']);
});

test('a secret that is missing where it is said to be is a fault, not a default', () => {
  using it = configFile({ log: { level: { env: 'MISSING' } } });
  assert.deepEqual(
    pointersOf(() => loadConfig({ file: it.file, environment: {} })),
    ['log.level'],
  );
  using other = configFile({ log: { level: { file: '/nowhere/secret' } } });
  assert.deepEqual(
    pointersOf(() => loadConfig({ file: other.file })),
    ['log.level'],
  );
});

test('the JSON Schema names every section', () => {
  const { properties = {} } = configJsonSchema();
  for (const section of ['data_dir', 'http', 'mqtt', 'ingest', 'historian', 'accounts']) {
    assert.ok(section in properties, section);
  }
});
