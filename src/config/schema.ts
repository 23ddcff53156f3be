import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { isCertifiable } from '../core/host-names.ts';

const port = (preset: number, what: string) =>
  z.int().min(0).max(65_535).default(preset).describe(`TCP port of ${what}; 0 takes any free one`);
const securePort = (preset: number, what: string) =>
  z
    .int()
    .min(0)
    .max(65_535)
    .nullable()
    .default(null)
    .describe(
      `TCP port of ${what}; 0 takes any free one. null: ${preset}, or any free one where the plain port is 0, or where ` +
        'another program has it while only this machine is listened to',
    );
const seconds = (preset: number, what: string) => z.number().positive().default(preset).describe(`${what} (s)`);
const days = (preset: number | null, what: string) => z.int().positive().nullable().default(preset).describe(what);
const count = (preset: number, what: string) => z.int().positive().default(preset).describe(what);

/** A topic filter (MQTT 3.1.1, 4.7) of nothing below `factories` or `$`. */
const sharedFilter = z
  .string()
  .max(200)
  .regex(
    /^(?!\$|factories(\/|$))(#|(\+|[^+#/\0]*)(\/(\+|[^+#/\0]*))*(\/#)?)$/,
    'a shared topic is an MQTT topic filter, and not below factories/ or $',
  )
  .refine((filter) => filter !== '', 'a topic filter is not empty');

/** A section whose keys all have defaults, so that it may be left out whole. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const object = z.strictObject(shape);
  return object.prefault({} as z.input<typeof object>);
};

function absolute(dir: string, context: z.RefinementCtx): string {
  try {
    return isAbsolute(dir) ? dir : resolve(dir);
  } catch {
    context.addIssue('the working directory is gone: name an absolute path');
    return z.NEVER;
  }
}

/** Every key, default, unit and meaning of `factoryops.config.json`. Unknown keys are refused. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds the schema; not used by the appliance'),
  data_dir: z
    .string()
    .min(1)
    .default('./data')
    .transform(absolute)
    .describe('Directory that holds everything the appliance writes'),
  log: section({
    level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info').describe('Least level logged'),
  }),
  network: section({
    listen: z
      .enum(['loopback', 'lan'])
      .default('loopback')
      .describe(
        'Who is listened to: this machine alone; or the network, by HTTPS and MQTTS, with HTTP leading to HTTPS',
      ),
  }),
  tls: section({
    names: z
      .array(z.string().refine(isCertifiable, 'not an address, nor a name that can stand in a certificate'))
      .max(50)
      .default([])
      .describe(
        "Names and addresses that clients reach the appliance by, beside the machine's own: they stand in its certificate",
      ),
    cert_file: z
      .string()
      .min(1)
      .transform(absolute)
      .nullable()
      .default(null)
      .describe("Certificate to be used instead of the appliance's own (PEM, its chain behind it); goes with key_file"),
    key_file: z
      .string()
      .min(1)
      .transform(absolute)
      .nullable()
      .default(null)
      .describe('Its private key (PEM, not encrypted); both are read again when they change'),
    handshake_timeout_s: seconds(10, 'Time a TLS handshake has to be done'),
    max_handshakes: count(512, 'TLS handshakes that are not done, of all addresses together'),
    max_handshakes_per_address: count(
      128,
      'TLS handshakes that are not done of one address, or one IPv6 network (/64)',
    ),
  }).refine(({ cert_file, key_file }) => (cert_file === null) === (key_file === null), {
    message: 'cert_file and key_file go together',
  }),
  http: section({
    port: port(8000, 'the API and the user interface'),
    https_port: securePort(8443, 'the API and the user interface over TLS'),
    max_body_bytes: count(1_048_576, 'Largest request body (bytes)'),
    max_streams: count(100, 'Open event streams of all factories together; one more is answered 429'),
    max_streams_per_session: count(20, 'Open event streams of one signed-in session, which are the tabs of a browser'),
    public_url: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe('Where people reach the user interface, for links in e-mails; without it none are sent'),
    cors_origins: z
      .array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))
      .default([])
      .describe(
        'Sites whose pages may call the API with a key of their own, such as https://grafana.example; none by default',
      ),
    metrics_allow: z
      .array(z.string())
      .default([])
      .describe('Addresses, beside loopback, that may read /api/v1/metrics without signing in'),
  }),
  mqtt: section({
    port: port(1883, 'the MQTT broker'),
    tls_port: securePort(8883, 'the MQTT broker over TLS'),
    plain_on_lan: z
      .boolean()
      .default(false)
      .describe(
        'Whether plain MQTT is open to the network too, with network.listen "lan": for devices that cannot do TLS, whose ' +
          'passwords and telemetry anybody on the way can read then',
      ),
    client_certificates: z
      .enum(['off', 'optional', 'required'])
      .default('off')
      .describe(
        "Whether MQTT clients over TLS show certificates of the appliance's device CA: not asked for; instead of a " +
          'password; or no client without one, which closes MQTT over secure WebSocket too',
      ),
    anonymous: z
      .enum(['loopback', 'never', 'lan'])
      .default('loopback')
      .describe('Who may publish telemetry without a credential: programs on this machine, nobody, or anyone'),
    max_connections: count(1_000, 'Open MQTT connections; further ones are closed at once'),
    connect_timeout_s: seconds(10, 'Time a new connection has to send its CONNECT'),
    frame_timeout_s: seconds(30, 'Time a started MQTT packet has to arrive whole'),
    max_connect_bytes: count(4_096, 'Largest CONNECT packet (bytes)'),
    max_frame_bytes: count(266_240, 'Largest MQTT packet of a connected client (bytes): payload, topic and header'),
    max_payload_bytes: count(262_144, 'Largest telemetry payload (bytes); a larger one is listed as refused'),
    max_subscriptions: count(50, 'Subscriptions of one connection; a further one is answered 0x80'),
    max_sessions: count(
      1_000,
      'Persistent sessions of one factory, and of anonymous clients, that are kept; the one away for the longest goes first',
    ),
    session_expiry_days: count(30, 'A persistent session of a client that is away for longer goes (days)'),
    max_queued_messages: count(1_000, 'Messages kept for one persistent session; the oldest goes first'),
    max_queued_bytes: count(
      33_554_432,
      'Bytes queued for all clients of one factory; at the bound nothing more is queued',
    ),
    max_retained_messages: count(
      1_000,
      'Retained messages of one factory, and of shared topics; a further one is passed on and not kept',
    ),
    max_retained_bytes: count(
      16_777_216,
      'Bytes of retained messages of one factory, and of shared topics; what goes beyond is not kept',
    ),
    factory_bus: z
      .boolean()
      .default(false)
      .describe(
        'Whether clients of a factory may publish and subscribe to factories/{slug}/bus/… among themselves; ' +
          'no other factory can',
      ),
    shared_topics: z
      .array(sharedFilter)
      .max(50)
      .default([])
      .describe(
        'Topic filters of messages among clients, for whoever may connect: they are common to all factories of the ' +
          'appliance. None can lie below factories/ or $; # and + at the first level mean all others',
      ),
  }),
  ingest: section({
    max_pending_bytes: count(
      33_554_432,
      'Bytes of messages waiting for the disk; beyond it, sockets are no longer read',
    ),
    commit_interval_ms: z
      .number()
      .min(0)
      .max(1_000)
      .default(10)
      .describe(
        'Telemetry is written to the disk at most so often (ms), unless much is waiting: less often wears a flash disk less',
      ),
    max_ahead_s: seconds(300, 'A sample stamped further ahead of a trusted clock is refused'),
    max_devices: count(2_000, 'Devices of one factory; telemetry of a further one is refused'),
    max_pending_devices: count(
      100,
      'Devices of one factory that wait to be approved; telemetry of a further one is refused',
    ),
    max_parameters: count(1_000, 'Parameters of one device; a further one is refused'),
    max_series: count(
      200_000,
      'Series of the whole appliance, all of which are in memory: parameters of all devices, once for each kind they ' +
        'have had; a further one is refused',
    ),
  }),
  historian: section({
    bucket_s: z
      .int()
      .min(60)
      .max(86_400)
      .refine((seconds) => 86_400 % seconds === 0, 'a day must be a whole number of tables: take 60, 300, 600, 3600, …')
      .default(600)
      .describe('Span of one table of recent telemetry (s); fixed when the data directory is first used'),
    lateness_s: seconds(
      120,
      'A table of recent telemetry is sealed when its span has been over, and quiet, for so long',
    ),
    raw_days: count(90, 'Single samples are accepted, and kept, up to this age (days)'),
    minute_days: days(730, 'What is rolled up by the minute is kept for so long (days); null for ever'),
    quarter_days: days(null, 'What is rolled up by the quarter of an hour is kept for so long (days); null for ever'),
    budget_bytes: z
      .int()
      .min(134_217_728)
      .nullable()
      .default(null)
      .describe(
        'Bytes that the appliance may take on disk; beyond them the oldest single samples go. null: four fifths of the disk',
      ),
    query_threads: count(1, 'Worker threads that answer history queries'),
    query_queue: count(64, 'History queries waiting for a thread; a further one is answered 503'),
    query_timeout_s: seconds(30, 'A history query that takes longer is given up'),
  }),
  rules: section({
    snapshot_interval_s: seconds(
      300,
      'How far each rule is, is written down so often: after a kill, the samples since then are read again',
    ),
    grace_ms: z
      .int()
      .min(0)
      .max(60_000)
      .default(2_000)
      .describe(
        'So long after its time (ms) a rule goes on without a sample, as one that waits or looks for silence does: samples that are on their way may still come',
      ),
    return_s: z
      .int()
      .min(0)
      .max(3_600)
      .default(30)
      .describe(
        'After a start devices have so long (s) to come back: before, a rule decides nothing about one that has not sent yet',
      ),
    max_queue_rows: count(
      200_000,
      'Samples on their way to the rules; beyond them the rules read what they have missed from disk',
    ),
  }),
  limits: section({
    user_requests_per_s: count(100, "Requests of one user, or API key, to the API (1/s); ten seconds' worth at once"),
    user_heavy_queries: count(16, 'History queries and exports of one user, or API key, at the same time'),
    factory_requests_per_s: count(
      300,
      'Requests of all users and keys of one factory (1/s), unless it has its own limit',
    ),
    factory_streams: count(50, 'Open event streams of one factory, unless it has its own limit'),
    factory_heavy_queries: count(
      32,
      'History queries and exports of one factory at the same time, unless it has its own limit',
    ),
    address_requests_per_s: count(
      20,
      "Requests of one address without a sign-in (1/s), but for this machine; ten seconds' worth at once",
    ),
  }),
  smtp: section({
    host: z.string().min(1).nullable().default(null).describe('Mail server that invites are sent by; null: none'),
    port: z.int().min(1).max(65_535).default(587).describe('TCP port of the mail server'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('TLS begun by STARTTLS, and demanded; from the first byte; or none, for a server on this machine'),
    user: z.string().nullable().default(null).describe('User name at the mail server; null: no sign-in'),
    password: z.string().nullable().default(null).describe('Password there: {"file": "path"} or {"env": "NAME"}'),
    from: z.string().default('FactoryOps <factoryops@localhost>').describe('Sender of all mails'),
    ca_file: z
      .string()
      .min(1)
      .transform(absolute)
      .nullable()
      .default(null)
      .describe("File (PEM) with the certificate of a company's own CA that vouches for the mail server; null: none"),
  }),
  notify: section({
    allow_local_webhooks: z
      .boolean()
      .default(false)
      .describe(
        "Whether a factory's channels (webhooks, their own mail servers) may lead to this machine itself and to " +
          'link-local addresses; other machines of the local network they may always reach',
      ),
    allowed_hosts: z
      .array(z.string().min(1))
      .nullable()
      .default(null)
      .describe(
        'Hosts, by name or address, that alone channels may reach; null: any. [] sends nothing by webhook or Twilio',
      ),
    timeout_s: seconds(10, 'Time that the other side has to take a message'),
    max_attempts: count(12, 'Attempts to send a message, after which it is given up'),
    retry_base_s: seconds(5, 'Longest wait before the second attempt; it doubles with each, up to three hours'),
    gather_s: seconds(5, 'How long messages that are too many for a channel are gathered for one digest'),
    digest_every_s: seconds(60, 'Time between one digest of a flood and the next'),
    twilio_url: z
      .url({ protocol: /^https?$/ })
      .default('https://api.twilio.com')
      .describe('Where SMS and WhatsApp messages are handed to; another one only for tests, or behind a relay'),
  }),
  imports: section({
    max_bytes: count(4_294_967_296, 'Largest file that may be uploaded to be imported (bytes)'),
    min_free_bytes: count(
      536_870_912,
      'What stays free on the disk while a file is uploaded, beyond what history would have to go for (bytes)',
    ),
  }),
  devices: section({
    stale_after_s: seconds(60, 'A device silent for longer is stale'),
    offline_after_s: seconds(300, 'A device silent for longer is offline'),
  }),
  audit: section({
    retention_days: count(730, 'What was done by whom is kept for so long (days)'),
    max_entries: z
      .int()
      .min(1_000)
      .default(200_000)
      .describe('Entries of the audit; beyond them the oldest go, however young they are'),
  }),
  accounts: section({
    access_token_s: seconds(600, 'Life of an access token'),
    refresh_token_s: seconds(30 * 86_400, 'Life of a session that is not used'),
    setup_code_s: seconds(86_400, 'Life of the setup code; a restart makes a new one'),
  }),
});

/** The configuration after defaults: what every module is handed its part of. */
export type Config = z.output<typeof configSchema>;

/** The JSON Schema of the configuration file, for editors and for `config schema`. */
export const configJsonSchema = () => z.toJSONSchema(configSchema, { io: 'input' });
