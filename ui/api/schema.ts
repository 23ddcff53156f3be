/* Made by build/api-types.ts out of /api/openapi.json: do not edit, run "npm run build:api-types". */

export type Problem = {
  /** `urn:factoryops:problem:` and a stable code */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request id, as in the log */
  readonly instance: string;
  readonly errors: readonly {
    /** JSON pointer (RFC 6901) */
    readonly pointer: string;
    readonly message: string;
  }[];
};

export type SignedInUser = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: boolean;
  /** The password stands in the documentation and must be changed */
  readonly password_is_public: boolean;
  readonly theme: 'system' | 'light' | 'dark';
  readonly language: 'en';
  /** In which units values are shown to them; null: as the factory says */
  readonly units: 'as_sent' | 'metric' | 'imperial' | null;
  readonly has_second_factor: boolean;
};

export type FactoryAccess = {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly timezone: string;
  /** In which units the pages show values; the API has them as they are sent */
  readonly units: 'as_sent' | 'metric' | 'imperial';
  /** Each includes the ones before it */
  readonly role: 'viewer' | 'operator' | 'admin';
  /** Granted on top of the role; an admin has all of them */
  readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
  /** Its machines are simulated, and the owner may remove it */
  readonly is_demo: boolean;
};

export type Session = {
  readonly id: string;
  /** The one that asks */
  readonly is_current: boolean;
  /** Where it was signed in from */
  readonly address: string;
  /** What it was signed in with */
  readonly user_agent: string;
  readonly created_at: string;
  /** When its tokens were last renewed */
  readonly used_at: string;
  /** When it ends if it is not used */
  readonly expires_at: string;
};

export type Factory = {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly timezone: string;
  /** In which units the pages show values */
  readonly units: 'as_sent' | 'metric' | 'imperial';
  /** Its machines are simulated */
  readonly is_demo: boolean;
  readonly created_at: string;
  /** Out of use since then: nobody enters it, nothing is stored for it, and all that it has is kept */
  readonly archived_at: string | null;
};

export type FactoryLimits = {
  readonly devices: number | null;
  /** Of all its people and keys; ten seconds’ worth at once */
  readonly requests_per_s: number | null;
  /** Open event streams */
  readonly streams: number | null;
  /** Questions to the history, and exports, at the same time */
  readonly heavy_queries: number | null;
  readonly configured: {
    readonly devices: number;
    readonly requests_per_s: number;
    readonly streams: number;
    readonly heavy_queries: number;
  };
};

export type Member = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** Each includes the ones before it */
  readonly role: 'viewer' | 'operator' | 'admin';
  /** Granted on top of the role; an admin has all of them */
  readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
  /** May enter this factory */
  readonly is_active: boolean;
  /** An owner of the appliance, whom no factory bars */
  readonly is_super_admin: boolean;
  readonly has_second_factor: boolean;
  readonly added_at: string;
  /** When they last came into this factory */
  readonly last_sign_in_at: string | null;
};

export type Link = {
  /** Of the page that the link opens, below the address of the appliance; works once */
  readonly path: string;
  readonly expires_at: string;
};

export type Invite = {
  readonly id: string;
  readonly email: string;
  /** Each includes the ones before it */
  readonly role: 'viewer' | 'operator' | 'admin';
  /** Granted on top of the role; an admin has all of them */
  readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
  /** Name */
  readonly invited_by: string;
  readonly created_at: string;
  readonly expires_at: string;
};

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  /** Each includes the ones before it */
  readonly role: 'viewer' | 'operator' | 'admin';
  /** Granted on top of the role; an admin has all of them */
  readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
  /** E-mail address; the key acts for them */
  readonly made_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  /** To the minute */
  readonly last_used_at: string | null;
  /** Address */
  readonly last_used_from: string | null;
  /** Why it does not work: its time is over, or its maker may not enter the factory any more */
  readonly stopped: 'expired' | 'maker_gone' | null;
};

export type Login = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly is_super_admin: boolean;
  readonly is_active: boolean;
  readonly password_is_public: boolean;
  readonly has_second_factor: boolean;
  readonly created_at: string;
  readonly last_sign_in_at: string | null;
  readonly memberships: readonly {
    readonly factory_id: string;
    readonly factory_name: string;
    /** Each includes the ones before it */
    readonly role: 'viewer' | 'operator' | 'admin';
    /** Granted on top of the role; an admin has all of them */
    readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
    readonly is_active: boolean;
  }[];
};

export type DeviceCredential = {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly devices: readonly string[];
  readonly created_at: string;
  /** When it got its present password */
  readonly rotated_at: string | null;
  /** Until when the password before is taken too; null: it is not */
  readonly old_valid_until: string | null;
  /** When it last signed in, to the minute */
  readonly used_at: string | null;
};

export type FactoryStorage = {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly levels: readonly {
    /** Samples, or what was rolled up by the minute or the quarter of an hour */
    readonly level: 'raw' | '1m' | '15m';
    readonly bytes: number;
    /** Samples, or steps of a rollup */
    readonly rows: number;
    readonly segments: number;
    /** Start of the first file */
    readonly oldest: string | null;
    /** End of the last file */
    readonly newest: string | null;
  }[];
  /** What is not in files yet; null: still being counted */
  readonly recent: {
    readonly samples: number;
    readonly oldest: string | null;
    readonly newest: string | null;
  } | null;
  /** Of all levels; recent telemetry of all factories lies in one database */
  readonly bytes: number;
  /** Sealed and recent ones */
  readonly samples: number;
  readonly segments: number;
  /** Rollups included; null: nothing is sealed yet */
  readonly bytes_per_sample: number | null;
  /** How often less than 16 bytes a sample */
  readonly compression: number | null;
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Mean of the last seven days, or of what there is */
  readonly samples_per_second: number | null;
  /** As the samples, in files; null: too little is known */
  readonly bytes_per_day: number | null;
  readonly quarantined: number;
  readonly kept: Retention;
};

export type Retention = {
  readonly raw_days: number | null;
  readonly minute_days: number | null;
  readonly quarter_days: number | null;
  /** Said of this factory; else it is what the configuration says of all */
  readonly is_own: boolean;
  /** What the configuration says of all */
  readonly configured: {
    readonly raw_days: number | null;
    readonly minute_days: number | null;
    readonly quarter_days: number | null;
  };
};

export type Verification = {
  readonly state: 'running' | 'done' | 'failed';
  readonly started_at: string;
  readonly finished_at: string | null;
  /** Looked at so far */
  readonly files: number;
  readonly total_files: number;
  readonly bytes: number;
  readonly total_bytes: number;
  /** Found damaged or missing, those in quarantine included */
  readonly damaged: number;
  /** Found whole again, and taken back into the answers */
  readonly returned: number;
  /** Why it failed */
  readonly reason: string | null;
};

export type AuditEntry = {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: {
    /** `nobody`: who has not said who they are; `system`: the appliance by itself */
    readonly kind: 'user' | 'api_key' | 'device' | 'command_line' | 'system' | 'nobody';
    readonly id: string;
    readonly name: string;
  };
  /** Where it came from; empty for what the appliance does by itself */
  readonly address: string;
  /** As in the log and in the answer */
  readonly request_id: string;
  readonly target: {
    readonly kind: string;
    readonly id: string;
    readonly name: string;
  };
  /** The first one is that of `target` */
  readonly changes: readonly {
    readonly kind: string;
    readonly id: string;
    readonly name: string;
    /** Of a change, only what differs; null: it was not there */
    readonly before: Readonly<Record<string, unknown>> | null;
    /** null: it is gone. Secrets are only said to be set or changed */
    readonly after: Readonly<Record<string, unknown>> | null;
  }[];
  /** Further changes that are not told one by one, by kind */
  readonly more: Readonly<Record<string, number>>;
  /** Of an act that changes nothing: what was asked for */
  readonly details: Readonly<Record<string, unknown>> | null;
};

export type ApplianceAuditEntry = {
  /** Its number in the audit of the whole appliance */
  readonly seq: number;
  /** Slug of the factory, which may be gone; null: of the appliance */
  readonly factory: string | null;
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: {
    /** `nobody`: who has not said who they are; `system`: the appliance by itself */
    readonly kind: 'user' | 'api_key' | 'device' | 'command_line' | 'system' | 'nobody';
    readonly id: string;
    readonly name: string;
  };
  /** Where it came from; empty for what the appliance does by itself */
  readonly address: string;
  /** As in the log and in the answer */
  readonly request_id: string;
  readonly target: {
    readonly kind: string;
    readonly id: string;
    readonly name: string;
  };
  /** The first one is that of `target` */
  readonly changes: readonly {
    readonly kind: string;
    readonly id: string;
    readonly name: string;
    /** Of a change, only what differs; null: it was not there */
    readonly before: Readonly<Record<string, unknown>> | null;
    /** null: it is gone. Secrets are only said to be set or changed */
    readonly after: Readonly<Record<string, unknown>> | null;
  }[];
  /** Further changes that are not told one by one, by kind */
  readonly more: Readonly<Record<string, number>>;
  /** Of an act that changes nothing: what was asked for */
  readonly details: Readonly<Record<string, unknown>> | null;
  /** Over this entry and the one before (HMAC-SHA-256, hexadecimal) */
  readonly hash: string;
};

export type AuditVerification = {
  readonly checked_at: string;
  readonly entries: number;
  /** The oldest entry that is kept */
  readonly first_seq: number;
  readonly last_seq: number;
  /** Hash of the newest entry: noted elsewhere, it shows later that nothing was put back */
  readonly head: string;
  /** What is not as the appliance wrote it, at most some; none: all of it is */
  readonly faults: readonly {
    readonly from_seq: number;
    readonly to_seq: number;
    readonly reason: 'altered' | 'missing' | 'added' | 'ends_altered' | 'put_back' | 'noted';
    readonly message: string;
  }[];
};

export type Clock = {
  readonly trusted: boolean;
  /** What the machine's clock says */
  readonly now: string;
  /** The time that the appliance goes on with: the same, unless the clock is in doubt */
  readonly used: string;
  /** Why it is in doubt; null when it is trusted */
  readonly reason: 'before_build' | 'jumped_ahead' | 'jumped_back' | 'ahead_of_last_run' | 'behind_last_run' | null;
  readonly since: string | null;
  /** How far the clock is from what was expected (ms); negative: behind */
  readonly jump_ms: number;
  /** False when there is no doubt, and before the build date: set the clock first */
  readonly can_confirm: boolean;
  /** In which the clock was not trusted, newest first, at most 1,000 */
  readonly periods: readonly {
    /** Arrival stamps of what came in this period begin here */
    readonly began_at: string;
    /** … and end here; null while it lasts */
    readonly ended_at: string | null;
    readonly reason: 'before_build' | 'jumped_ahead' | 'jumped_back' | 'ahead_of_last_run' | 'behind_last_run';
    /** How far the clock is from what was expected (ms); negative: behind */
    readonly jump_ms: number;
    readonly ended_by: 'clock' | 'person' | null;
  }[];
};

export type OverviewDevice = {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly status: 'online' | 'stale' | 'offline';
  readonly last_seen_at: string | null;
  readonly parameters_count: number;
  /** The worst of its status and of its newest values; silence does not mend a value */
  readonly state: 'out_of_limits' | 'offline' | 'stale' | 'normal';
  /** At most 4: those outside their limits, KPIs with limits, other KPIs; each by name */
  readonly values: readonly OverviewValue[];
};

export type OverviewValue = {
  readonly parameter: string;
  readonly display_name: string | null;
  readonly kind: 'number' | 'boolean' | 'state';
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly low_limit: number | null;
  readonly high_limit: number | null;
  readonly value: number | boolean | string;
  readonly timestamp: string;
  /** low: below low_limit; high: above high_limit */
  readonly limit_state: 'low' | 'high' | 'normal';
};

export type PendingDevice = {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly last_seen_at: string | null;
  readonly parameters_count: number;
  /** At most 4: those outside their limits, KPIs with limits, other KPIs; each by name */
  readonly values: readonly OverviewValue[];
  /** When its first message came */
  readonly first_seen_at: string;
};

export type Sparkline = {
  readonly device_id: string;
  /** null: the device has no number */
  readonly parameter: string | null;
  readonly from: string;
  /** The end of the minute that is under way */
  readonly to: string;
  /** Averages by the minute; null is a gap */
  readonly points: readonly (number | null)[];
};

export type ImportItem = {
  readonly id: string;
  readonly file_name: string;
  /** `ready`: waits to be started. `failed`: what is stored of it stays; see `error` */
  readonly state: 'uploading' | 'examining' | 'ready' | 'running' | 'done' | 'failed';
  readonly options: ImportOptions;
  /** Of the file, as much as has come */
  readonly size_bytes: number;
  /** Of the file, whose samples are stored */
  readonly done_bytes: number;
  /** Stored so far */
  readonly samples: number;
  readonly skip_faulty: boolean;
  readonly error: string | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
};

export type ImportOptions = {
  readonly encoding?: 'utf-8' | 'windows-1252';
  readonly delimiter?: 'comma' | 'semicolon' | 'tab' | 'pipe';
  readonly decimal?: 'point' | 'comma';
  /** Whether the first line has names */
  readonly header?: boolean;
  /** long: a line for each sample. wide: a line for each instant, a column for each parameter */
  readonly layout?: 'long' | 'wide';
  readonly time_column?: string;
  readonly time_format?: 'iso' | 'dmy' | 'mdy' | 'epoch_s' | 'epoch_ms';
  /** IANA zone of times without an offset; the factory's when left out */
  readonly timezone?: string;
  /** Key of the device of all samples */
  readonly device?: string;
  readonly device_column?: string;
  readonly parameter_column?: string;
  readonly value_column?: string;
  readonly unit_column?: string;
  /** wide: the columns to import; all when left out */
  readonly columns?: readonly string[];
  /** Whether a value in quotes is text, even "12" */
  readonly quoted_text?: boolean;
  /** Cells that mean: no value. An empty one always does */
  readonly missing?: readonly string[];
  /** next_day: 00:00 ends the day that it is written with */
  readonly midnight?: 'as_written' | 'next_day';
};

export type Import = {
  readonly id: string;
  readonly file_name: string;
  /** `ready`: waits to be started. `failed`: what is stored of it stays; see `error` */
  readonly state: 'uploading' | 'examining' | 'ready' | 'running' | 'done' | 'failed';
  readonly options: ImportOptions;
  /** Of the file, as much as has come */
  readonly size_bytes: number;
  /** Of the file, whose samples are stored */
  readonly done_bytes: number;
  /** Stored so far */
  readonly samples: number;
  readonly skip_faulty: boolean;
  readonly error: string | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** null until the file has been examined */
  readonly preview: ImportPreview | null;
};

export type ImportPreview = {
  readonly detected: readonly {
    readonly option: string;
    readonly value: string;
    readonly evidence: string;
  }[];
  /** The first 200 */
  readonly columns: readonly string[];
  /** Lines as they were cut up */
  readonly first_rows: readonly (readonly string[])[];
  readonly rows: number;
  readonly samples: number;
  readonly devices: number;
  readonly new_devices: number;
  readonly new_series: number;
  readonly series_count: number;
  /** The first 200 */
  readonly series: readonly {
    readonly device: string;
    readonly parameter: string;
    readonly kind: 'number' | 'boolean' | 'state';
    readonly unit: string | null;
    readonly is_new: boolean;
    readonly samples: number;
  }[];
  /** The first samples of the first series of numbers, in the order of the file */
  readonly chart: readonly {
    readonly device: string;
    readonly parameter: string;
    readonly points: readonly (readonly [string, number])[];
  }[];
  readonly from: string | null;
  readonly to: string | null;
  readonly faults_count: number;
  /** The first of them */
  readonly faults: readonly {
    readonly line: number;
    readonly message: string;
  }[];
  /** What can be imported, and may still be wrong; `remedy`: options that would mend it */
  readonly suspicions: readonly {
    readonly kind: string;
    readonly count: number;
    readonly message: string;
    readonly remedy: ImportOptions | null;
  }[];
};

export type Device = {
  readonly id: string;
  /** The device key in its topics */
  readonly key: string;
  readonly name: string;
  readonly status: 'online' | 'stale' | 'offline';
  /** pending: waits to be approved; retired: gone, its history stays; rejected: does not belong here */
  readonly standing: 'active' | 'pending' | 'retired' | 'rejected';
  readonly last_seen_at: string | null;
  readonly parameters_count: number;
  readonly created_at: string;
};

export type DeviceDetail = {
  readonly id: string;
  /** The device key in its topics */
  readonly key: string;
  readonly name: string;
  readonly status: 'online' | 'stale' | 'offline';
  /** pending: waits to be approved; retired: gone, its history stays; rejected: does not belong here */
  readonly standing: 'active' | 'pending' | 'retired' | 'rejected';
  readonly last_seen_at: string | null;
  readonly parameters_count: number;
  readonly created_at: string;
  /** Keys of devices that have become a part of it: what comes under them is its own */
  readonly aliases: readonly string[];
};

export type Parameter = {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'state';
  readonly display_name: string | null;
  readonly unit: string | null;
  readonly decimals: number | null;
  readonly low_limit: number | null;
  readonly high_limit: number | null;
  /** Shown first on the device page */
  readonly is_kpi: boolean;
};

export type ConnectionInfo = {
  readonly mqtt: {
    /** Of plain MQTT, as it is really bound */
    readonly port: number;
    /** Whether other machines reach the port of plain MQTT */
    readonly plain_on_lan: boolean;
    /** Of MQTT over TLS, as it is really bound */
    readonly tls_port: number | null;
    /** Who may publish telemetry without a credential: programs on this machine, nobody, or anyone */
    readonly anonymous: 'loopback' | 'never' | 'lan';
    /** Whether clients over TLS may, or must, show a certificate instead of a password */
    readonly client_certificates: 'off' | 'optional' | 'required';
    /** MQTT over WebSocket on the HTTP(S) port; always with a credential */
    readonly websocket_path: '/mqtt';
  };
  /** Who reaches the appliance at all: this machine, or the network */
  readonly listen: 'loopback' | 'lan';
  /** Names and addresses that stand in the server's certificate */
  readonly hosts: readonly string[];
  /** Whether clients have to be given the CA of the appliance, `GET /tls/ca.crt` */
  readonly own_ca: boolean;
  /** Telemetry goes to factories/{factory_slug}/devices/{key}/telemetry */
  readonly factory_slug: string;
};

export type Tls = {
  /** Made by the appliance, or brought: `tls.cert_file` */
  readonly source: 'appliance' | 'files';
  /** The server's */
  readonly certificate: Certificate;
  /** When it is made anew by itself; null for one that was brought */
  readonly renews_at: string | null;
  /** What clients are to trust; null where the certificate was brought */
  readonly ca: Certificate | null;
  /** What is wrong with the certificate, and what to do; null when nothing is */
  readonly fault: string | null;
  /** `mqtt.client_certificates` */
  readonly client_certificates: 'off' | 'optional' | 'required';
  /** Signs devices' certificates; null until one was wanted */
  readonly device_ca: Certificate | null;
};

export type Certificate = {
  readonly subject: string;
  readonly issuer: string;
  /** `AB:CD:…`, for people to compare */
  readonly fingerprint_sha256: string;
  /** Names and addresses that it is good for */
  readonly names: readonly string[];
  readonly valid_from: string;
  readonly valid_until: string;
};

export type DeviceCertificate = {
  readonly id: string;
  readonly name: string;
  /** Hexadecimal */
  readonly serial: string;
  readonly fingerprint_sha256: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly revoked_at: string | null;
};

export type Refusal = {
  /** Empty when the topic names no valid device */
  readonly device_key: string;
  readonly reason: string;
  /** The refused metric; null when the whole message was refused */
  readonly parameter: string | null;
  readonly detail: string;
  /** The first 512 bytes of the newest one, as text */
  readonly payload: string;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
};

export type Connection = {
  /** Of this connection: it ends with it */
  readonly id: string;
  /** Empty when the client has left it to the broker */
  readonly client_id: string;
  /** As it was given, right or wrong; null without one */
  readonly username: string | null;
  readonly kind: 'device' | 'api_key' | 'anonymous';
  /** Name of its credential or API key */
  readonly credential: string | null;
  readonly address: string;
  readonly transport: 'tcp' | 'tls' | 'websocket' | 'secure_websocket';
  readonly tls_version: string | null;
  readonly clean_session: boolean;
  /** 0: none */
  readonly keepalive_s: number;
  readonly connected_at: string;
  readonly received: {
    readonly messages: number;
    /** Of their payloads */
    readonly bytes: number;
    /** Average of the last minute */
    readonly messages_per_second: number;
    readonly bytes_per_second: number;
  };
  readonly sent: {
    readonly messages: number;
    /** Of their payloads */
    readonly bytes: number;
    /** Average of the last minute */
    readonly messages_per_second: number;
    readonly bytes_per_second: number;
  };
  readonly subscriptions: readonly {
    readonly filter: string;
    readonly qos: number;
  }[];
  /** What is published when it breaks off */
  readonly will: {
    readonly topic: string;
    readonly qos: number;
    readonly retain: boolean;
    readonly bytes: number;
  } | null;
  /** That it has sent for within an hour, the latest first */
  readonly devices: readonly {
    readonly key: string;
    /** null for one that is not registered */
    readonly id: string | null;
  }[];
  /** An anonymous client that sends for other factories too */
  readonly is_shared: boolean;
};

export type ConnectionEvent = {
  readonly kind: 'refused' | 'dropped' | 'connected' | 'disconnected';
  /** The peer's address */
  readonly source: string;
  readonly client_id: string;
  /** As it was given, right or wrong; null without one */
  readonly username: string | null;
  readonly reason: string;
  readonly detail: string;
  /** What helps, where something does */
  readonly remedy: string | null;
  /** That it sent for, or is about */
  readonly devices: readonly {
    readonly key: string;
    /** null for one that is not registered */
    readonly id: string | null;
  }[];
  /** The first 512 bytes of the newest one, as text */
  readonly payload: string | null;
  /** How often the same has happened */
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
};

export type DeviceCommand = {
  readonly id: string;
  readonly device_id: string;
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** queued: no connected client takes commands of the device; sent: one was sent it; delivered: it has acknowledged the message; accepted, done, failed: as the device says; expired: its time was over before that; cancelled: taken back while queued */
  readonly status: 'queued' | 'sent' | 'delivered' | 'accepted' | 'done' | 'failed' | 'expired' | 'cancelled';
  /** What the device says of it */
  readonly message: string | null;
  readonly issued_by: string;
  readonly issued_at: string;
  /** It is not delivered from then on */
  readonly expires_at: string;
  /** When it came to its status */
  readonly changed_at: string;
};

export interface Operations {
  /** Sign in; 401 of the type `second_factor_required` when the password is right and a one-time code is wanted too */
  'POST /auth/login': {
    readonly body: {
      readonly email: string;
      readonly password: string;
      /** A code of the authenticator app, or a recovery code */
      readonly code?: string;
    };
    readonly reply: {
      readonly access_token: string;
      readonly token_type: 'bearer';
      /** Life of the access token (s) */
      readonly expires_in: number;
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** Exchange the refresh cookie for new tokens; using one twice ends the session */
  'POST /auth/refresh': {
    readonly reply: {
      readonly access_token: string;
      readonly token_type: 'bearer';
      /** Life of the access token (s) */
      readonly expires_in: number;
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** End the session, at once and everywhere it is used; works with an expired access token too */
  'POST /auth/logout': {
    readonly reply: undefined;
  };
  /** Who is signed in, and where they may go */
  'GET /auth/me': {
    readonly reply: {
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** Select a factory for this session */
  'POST /auth/switch-factory': {
    readonly body: {
      readonly factory_id: string;
    };
    readonly reply: {
      readonly access_token: string;
      readonly token_type: 'bearer';
      /** Life of the access token (s) */
      readonly expires_in: number;
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** Change one's own password; other sessions end */
  'POST /auth/change-password': {
    readonly body: {
      readonly current_password: string;
      readonly new_password: string;
    };
    readonly reply: undefined;
  };
  /** Says that the appliance is waiting for its owner */
  'GET /setup': {
    readonly reply: {
      /** null when it has expired: a restart makes a new one */
      readonly code_expires_at: string | null;
      /** The zone of this machine, as a preset */
      readonly timezone: string;
    };
  };
  /** Make the owner and the first factory, and sign in */
  'POST /setup': {
    readonly body: {
      /** Stands in the line that the appliance prints at start */
      readonly setup_code: string;
      readonly email: string;
      readonly password: string;
      readonly name?: string;
      readonly factory_name?: string;
      readonly factory_slug?: string;
      /** IANA zone; this machine's when left out */
      readonly timezone?: string;
      /** Instead of factory_name and factory_slug: the factory `demo`, with simulated machines */
      readonly demo?: true;
    };
    readonly reply: {
      readonly access_token: string;
      readonly token_type: 'bearer';
      /** Life of the access token (s) */
      readonly expires_in: number;
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** Say whether a setup code is right, before a form is filled in */
  'POST /setup/check-code': {
    readonly body: {
      /** Stands in the line that the appliance prints at start */
      readonly setup_code: string;
    };
    readonly reply: undefined;
  };
  /** Change one's own name, and how the pages look */
  'PATCH /profile': {
    readonly body: {
      readonly name?: string;
      readonly theme?: 'system' | 'light' | 'dark';
      readonly language?: 'en';
      readonly units?: 'as_sent' | 'metric' | 'imperial' | null;
    };
    readonly reply: {
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** One's own live sessions, the newest use first */
  'GET /profile/sessions': {
    readonly reply: {
      readonly items: readonly Session[];
    };
  };
  /** End all of one's own sessions but the one that asks */
  'DELETE /profile/sessions': {
    readonly reply: {
      /** How many */
      readonly ended: number;
    };
  };
  /** End one of one's own sessions, at once */
  'DELETE /profile/sessions/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Begin a second factor (TOTP, RFC 6238): what the authenticator app is given; it counts once confirmed */
  'POST /profile/second-factor': {
    readonly body: {
      readonly current_password: string;
    };
    readonly reply: {
      /** Base32, to be typed */
      readonly secret: string;
      /** `otpauth://…`, to be shown as a QR code */
      readonly uri: string;
    };
  };
  /** Turn the second factor on with a first code; the recovery codes are shown this once */
  'POST /profile/second-factor/confirm': {
    readonly body: {
      /** A code of the authenticator app, or a recovery code */
      readonly code: string;
    };
    readonly reply: {
      readonly recovery_codes: readonly string[];
    };
  };
  /** Turn the second factor off */
  'POST /profile/second-factor/remove': {
    readonly body: {
      readonly current_password: string;
    };
    readonly reply: undefined;
  };
  /** All factories, by slug */
  'GET /factories': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly Factory[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Add a factory */
  'POST /factories': {
    readonly body: {
      readonly name: string;
      readonly slug: string;
      readonly timezone: string;
    };
    readonly reply: Factory;
  };
  /** Rename a factory, or set the zone of its calendar or the units of its pages; its slug stays, as it stands in the topics of devices */
  'PATCH /factories/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string;
      readonly timezone?: string;
      readonly units?: 'as_sent' | 'metric' | 'imperial';
    };
    readonly reply: Factory;
  };
  /** Remove a factory with everything in it, for good; logins that belong to nothing any more go too */
  'DELETE /factories/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly confirm: string;
    };
    readonly reply: undefined;
  };
  /** What a factory may take of the appliance */
  'GET /factories/{id}/limits': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: FactoryLimits;
  };
  /** Set what a factory may take of the appliance; null: as configured */
  'PUT /factories/{id}/limits': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly devices: number | null;
      /** Of all its people and keys; ten seconds’ worth at once */
      readonly requests_per_s: number | null;
      /** Open event streams */
      readonly streams: number | null;
      /** Questions to the history, and exports, at the same time */
      readonly heavy_queries: number | null;
    };
    readonly reply: FactoryLimits;
  };
  /** The people of the factory, by address */
  'GET /users': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly q?: string;
    };
    readonly reply: {
      readonly items: readonly Member[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** One of the people of the factory */
  'GET /users/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Member;
  };
  /** Change what somebody may do in the factory; it holds at once. Nobody gives more than they have, or changes themselves */
  'PATCH /users/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** Each includes the ones before it */
      readonly role?: 'viewer' | 'operator' | 'admin';
      /** Granted on top of the role; an admin has all of them */
      readonly permissions?: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
      readonly is_active?: boolean;
    };
    readonly reply: Member;
  };
  /** Take somebody out of the factory; a login that belongs to no factory then goes too */
  'DELETE /users/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Make a link with which somebody sets a new password (24 h, once); 403 for logins that are not of this factory alone */
  'POST /users/{id}/reset-password': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Link;
  };
  /** Set a new password with a link; all sessions of the login end */
  'POST /auth/reset-password': {
    readonly body: {
      /** What stands behind the # of the link */
      readonly token: string;
      readonly new_password: string;
    };
    readonly reply: undefined;
  };
  /** Invites that still work, by address */
  'GET /invites': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly Invite[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Invite somebody by a link (48 h, once), shown this once and sent by e-mail where that is configured; a second one for the same address replaces the first */
  'POST /invites': {
    readonly body: {
      readonly email: string;
      /** Each includes the ones before it */
      readonly role: 'viewer' | 'operator' | 'admin';
      /** Granted on top of the role; an admin has all of them */
      readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
    };
    readonly reply: {
      readonly invite: Invite;
      readonly link: Link;
      /** null: no mail server is configured */
      readonly email: {
        readonly sent: boolean;
        /** Why it could not be sent */
        readonly detail: string | null;
      } | null;
    };
  };
  /** Take an invite back: its link does not work any more */
  'DELETE /invites/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** What a link leads to */
  'POST /invites/look-up': {
    readonly body: {
      /** What stands behind the # of the link */
      readonly token: string;
    };
    readonly reply: {
      readonly email: string;
      readonly factory_name: string;
      /** Each includes the ones before it */
      readonly role: 'viewer' | 'operator' | 'admin';
      /** Granted on top of the role; an admin has all of them */
      readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
      readonly invited_by: string;
      readonly expires_at: string;
      /** The address has a login already: its password is wanted, and no new one */
      readonly has_login: boolean;
    };
  };
  /** Come in by a link: with a new password, or with that of the login which the address has; and sign in */
  'POST /invites/accept': {
    readonly body: {
      /** What stands behind the # of the link */
      readonly token: string;
      /** Of a new login */
      readonly name?: string;
      readonly password: string;
      /** A code of the authenticator app, or a recovery code */
      readonly code?: string;
    };
    readonly reply: {
      readonly access_token: string;
      readonly token_type: 'bearer';
      /** Life of the access token (s) */
      readonly expires_in: number;
      readonly user: SignedInUser;
      /** The selected factory */
      readonly factory: FactoryAccess | null;
      /** All that the user may select */
      readonly factories: readonly FactoryAccess[];
    };
  };
  /** The factory's keys, by name, without their secrets */
  'GET /api-keys': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly ApiKey[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Make a key of the selected factory; it is shown this once. Send it as `Authorization: Bearer fok_…`, or to the broker as the password of the user `api-key`, which may subscribe below `factories/{slug}/` */
  'POST /api-keys': {
    readonly body: {
      readonly name: string;
      /** No more than its maker has at the moment of use */
      readonly role: 'viewer' | 'operator';
      /** Granted on top of the role; people are let in by people alone */
      readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports')[];
      /** null: when it is removed */
      readonly expires_at: string | null;
    };
    readonly reply: {
      readonly key: ApiKey;
      readonly secret: string;
    };
  };
  /** Remove a key: it does not work any more, and its connections to the broker end */
  'DELETE /api-keys/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** All logins of the appliance, by address, with the factories that they may enter */
  'GET /logins': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly q?: string;
    };
    readonly reply: {
      readonly items: readonly Login[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** A login with the factories that it may enter */
  'GET /logins/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Login;
  };
  /** Bar a login from the appliance, or make it an owner; its sessions end. Not for one’s own */
  'PATCH /logins/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly is_active?: boolean;
      readonly is_super_admin?: boolean;
    };
    readonly reply: Login;
  };
  /** Remove a login with everything that is its own. Not for one’s own */
  'DELETE /logins/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Make a link with which somebody sets a new password (24 h, once) */
  'POST /logins/{id}/reset-password': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Link;
  };
  /** Take the second factor of a login away, whose telephone is gone; its sessions end */
  'DELETE /logins/{id}/second-factor': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Login;
  };
  /** Let a login into a factory, or change what it may do there */
  'PUT /logins/{id}/memberships/{factory}': {
    readonly path: {
      readonly id: string;
      readonly factory: string;
    };
    readonly body: {
      /** Each includes the ones before it */
      readonly role: 'viewer' | 'operator' | 'admin';
      /** Granted on top of the role; an admin has all of them */
      readonly permissions: readonly ('devices' | 'rules' | 'analytics' | 'reports' | 'users')[];
    };
    readonly reply: Login;
  };
  /** Take a login out of a factory; the login stays */
  'DELETE /logins/{id}/memberships/{factory}': {
    readonly path: {
      readonly id: string;
      readonly factory: string;
    };
    readonly reply: Login;
  };
  /** The factory's credentials, by name, without passwords */
  'GET /device-credentials': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly DeviceCredential[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Make a credential; the password is shown this once */
  'POST /device-credentials': {
    readonly body: {
      readonly name: string;
      /** Device keys, or patterns of them, in which `*` stands for any characters; `["*"]` for all */
      readonly devices: readonly string[];
    };
    readonly reply: {
      readonly id: string;
      readonly username: string;
      readonly password: string;
    };
  };
  /** Name other devices; its connections end, and come back with the new rights */
  'PATCH /device-credentials/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** Device keys, or patterns of them, in which `*` stands for any characters; `["*"]` for all */
      readonly devices: readonly string[];
    };
    readonly reply: DeviceCredential;
  };
  /** Revoke a credential: its connections end at once */
  'DELETE /device-credentials/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Make a new password, shown this once; the old one is taken too for a while */
  'POST /device-credentials/{id}/rotate': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** How long the old password is taken too (s); 0: its connections end at once */
      readonly keep_old_s?: number;
    };
    readonly reply: {
      readonly id: string;
      readonly username: string;
      readonly password: string;
      readonly old_valid_until: string | null;
    };
  };
  /** Whether the process answers */
  'GET /healthz': {
    readonly reply: {
      readonly status: 'ok';
    };
  };
  /** Whether every part works; 503 with the names of those that do not */
  'GET /readyz': {
    readonly reply: {
      readonly status: 'ready';
      readonly checks: readonly string[];
    };
  };
  /** Prometheus metrics */
  'GET /metrics': {
    readonly reply: string;
  };
  /** The overview in one request; storage is that of the whole appliance, whose disk all share */
  'GET /dashboard/summary': {
    readonly reply: {
      readonly devices: {
        readonly total: number;
        readonly online: number;
        readonly stale: number;
        readonly offline: number;
        /** Wait to be approved; not among the others */
        readonly pending: number;
      };
      readonly alarms: {
        readonly low: number;
        readonly medium: number;
        readonly high: number;
        readonly critical: number;
      };
      /** Mean of the last ten seconds */
      readonly messages_per_second: number;
      /** Mean of the last ten seconds */
      readonly points_per_second: number;
      readonly jobs: {
        readonly queued: number;
        readonly running: number;
        readonly failed: number;
      };
      readonly storage: {
        readonly bytes: number;
        /** null: not known yet */
        readonly days_left: number | null;
      };
      readonly clock_ok: boolean;
    };
  };
  /** What is stored, how fast it grows, how long the disk will do, and which files are damaged */
  'GET /storage': {
    readonly reply: {
      /** All for an owner of the appliance, else the selected one */
      readonly factories: readonly FactoryStorage[];
      /** All factories together */
      readonly appliance: {
        readonly bytes: number;
        readonly segment_bytes: number;
        /** The database of recent telemetry, of all factories */
        readonly recent_bytes: number;
        /** The database of everything else */
        readonly control_bytes: number;
        /** Mean of the last ten seconds */
        readonly samples_per_second: number;
        readonly bytes_per_day: number | null;
      };
      /** The disk that the data lies on; null: the system does not say */
      readonly disk: {
        readonly total_bytes: number;
        readonly free_bytes: number;
      } | null;
      /** Until the disk, or the budget, is spent at this rate, and the oldest samples go; null: not known yet */
      readonly days_left: number | null;
      /** Recent telemetry that is over and not in a file yet */
      readonly waiting: {
        readonly buckets: number;
        readonly since: string | null;
      };
      /** The last one on demand; null: none since the start */
      readonly verification: Verification | null;
      /** Files that are damaged or missing, and out of the answers */
      readonly quarantined: readonly {
        readonly id: string;
        readonly factory_id: string;
        readonly level: 'raw' | '1m' | '15m';
        /** Where it belongs, below the data directory */
        readonly file: string;
        readonly from: string;
        readonly to: string;
        /** Or steps of a rollup */
        readonly samples: number;
        readonly bytes: number;
        readonly reason: string;
        readonly quarantined_at: string;
      }[];
      /** What the appliance may take; null: what the disk has room for */
      readonly budget_bytes: number | null;
      /** What retention has removed, since the beginning */
      readonly removed: readonly {
        readonly factory_id: string;
        readonly level: 'raw' | '1m' | '15m';
        readonly reason: 'age' | 'budget';
        readonly segments: number;
        /** Or steps of a rollup */
        readonly samples: number;
        readonly bytes: number;
        /** The newest that is gone */
        readonly until: string;
        /** The last time */
        readonly removed_at: string;
      }[];
      /** The last twenty since the start, the latest first; each is tried again */
      readonly errors: readonly {
        readonly at: string;
        readonly work: 'sealing' | 'compaction' | 'verification';
        readonly reason: string;
      }[];
    };
  };
  /** Verify all files of the history, those in quarantine too; `GET /storage` says how it goes */
  'POST /storage/verify': {
    readonly reply: Verification;
  };
  /** What was done in the factory, newest first; a page may be short or empty while there is more: go on with `next_cursor` */
  'GET /audit': {
    readonly query: {
      readonly from?: string;
      readonly to?: string;
      readonly actor?: string;
      readonly action?: string;
      readonly target?: string;
      readonly q?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly AuditEntry[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** The same as a file */
  'GET /audit/export': {
    readonly query: {
      readonly from?: string;
      readonly to?: string;
      readonly actor?: string;
      readonly action?: string;
      readonly target?: string;
      readonly q?: string;
      readonly format?: 'csv' | 'json';
    };
    readonly reply: string;
  };
  /** What was done on the whole appliance, in factories that are gone too, newest first; pages as those of `/audit` */
  'GET /audit/appliance': {
    readonly query: {
      readonly from?: string;
      readonly to?: string;
      readonly actor?: string;
      readonly action?: string;
      readonly target?: string;
      readonly q?: string;
      readonly factory?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly ApplianceAuditEntry[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** The same as a file */
  'GET /audit/appliance/export': {
    readonly query: {
      readonly from?: string;
      readonly to?: string;
      readonly actor?: string;
      readonly action?: string;
      readonly target?: string;
      readonly q?: string;
      readonly factory?: string;
      readonly format?: 'csv' | 'json';
    };
    readonly reply: string;
  };
  /** Go through the whole audit and say whether it is as the appliance wrote it; the first entry that is not comes first */
  'GET /audit/verification': {
    readonly reply: AuditVerification;
  };
  /** Keep the history of a factory for so long; what is older goes soon, and does not come back */
  'PUT /factories/{id}/retention': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** Single samples are accepted, and kept, up to this age */
      readonly raw_days: number;
      /** What is rolled up by the minute; null: for ever */
      readonly minute_days: number | null;
      /** What is rolled up by the quarter of an hour; null: for ever */
      readonly quarter_days: number | null;
    };
    readonly reply: Retention;
  };
  /** Keep the history of a factory for as long as the configuration says */
  'DELETE /factories/{id}/retention': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Retention;
  };
  /** Whether the clock is trusted, and when it was not */
  'GET /clock': {
    readonly reply: Clock;
  };
  /** Say that the clock is right: for admins and owners; 409 when it is trusted, or before the build date */
  'POST /clock/confirm': {
    readonly reply: Clock;
  };
  /** Devices with the values that matter most, worst first: out of limits, offline, stale, normal; then by key */
  'GET /dashboard/devices': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly state?: 'out_of_limits' | 'offline' | 'stale' | 'normal';
    };
    readonly reply: {
      readonly items: readonly OverviewDevice[];
      /** null on the last page */
      readonly next_cursor: string | null;
      /** Of all devices */
      readonly counts: {
        readonly out_of_limits: number;
        readonly offline: number;
        readonly stale: number;
        readonly normal: number;
      };
    };
  };
  /** Devices that wait to be approved, with some of what they have sent, by key */
  'GET /dashboard/pending-devices': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly PendingDevice[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** The last hour, by the minute, of the number that matters most of each device; ids that are not devices are left out */
  'GET /devices/sparklines': {
    readonly query: {
      readonly devices: string;
    };
    readonly reply: {
      readonly items: readonly Sparkline[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** History of many devices in one answer: as that of a single one, each series with its device */
  'GET /devices/kpis/history': {
    readonly query: {
      readonly parameters?: string;
      readonly from?: string;
      readonly to?: string;
      readonly interval?: 'auto' | 'raw' | '1m' | '15m' | '1h' | '1d' | '1w';
      readonly limit?: number;
      readonly cursor?: string;
      readonly format?: 'json' | 'csv';
      readonly devices: string;
    };
    readonly reply: {
      readonly interval: 'raw' | '1m' | '15m' | '1h' | '1d' | '1w';
      readonly timezone: string;
      readonly series: readonly {
        readonly parameter: string;
        readonly points: readonly (
          | {
              readonly t: string;
              readonly value: number | boolean | string;
            }
          | {
              /** Start of the interval */
              readonly t: string;
              /** Booleans: the share of true; states: null */
              readonly avg: number | null;
              readonly min: number | boolean | string | null;
              readonly max: number | boolean | string | null;
              readonly count: number;
              readonly first: number | boolean | string;
              readonly last: number | boolean | string;
            }
        )[];
        /** Where the series has nothing, because a file is damaged or missing (see `incomplete`), or between two points of this answer (raw: of this page). Intervals: at least one is missing, and if the series sends less often than that, more than five times its usual distance. Raw: more than five times the usual distance of the five points on either side (the larger one), and more than twice what nine of ten distances stay below. From the point before, or the end of its interval, to the point after. The time before the first and after the last point is not among them */
        readonly gaps: readonly {
          readonly from: string;
          readonly to: string;
        }[];
        readonly device_id: string;
      }[];
      /** Where samples may be missing from this answer, because a file of the history is damaged or missing; empty when nothing is. `GET /storage` says which file */
      readonly incomplete: readonly {
        readonly from: string;
        readonly to: string;
      }[];
      /** When the appliance's clock was not trusted: what came without a timestamp in there has one that may be wrong. `GET /clock` says why */
      readonly clock_in_doubt: readonly {
        readonly from: string;
        readonly to: string;
      }[];
      /** Only of raw: the page after this one */
      readonly next_cursor: string | null;
    };
  };
  /** History of a device's parameters: raw, or by interval in the factory's calendar */
  'GET /devices/{id}/kpis/history': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly parameters?: string;
      readonly from?: string;
      readonly to?: string;
      readonly interval?: 'auto' | 'raw' | '1m' | '15m' | '1h' | '1d' | '1w';
      readonly limit?: number;
      readonly cursor?: string;
      readonly format?: 'json' | 'csv';
    };
    readonly reply: {
      readonly interval: 'raw' | '1m' | '15m' | '1h' | '1d' | '1w';
      readonly timezone: string;
      readonly series: readonly {
        readonly parameter: string;
        readonly points: readonly (
          | {
              readonly t: string;
              readonly value: number | boolean | string;
            }
          | {
              /** Start of the interval */
              readonly t: string;
              /** Booleans: the share of true; states: null */
              readonly avg: number | null;
              readonly min: number | boolean | string | null;
              readonly max: number | boolean | string | null;
              readonly count: number;
              readonly first: number | boolean | string;
              readonly last: number | boolean | string;
            }
        )[];
        /** Where the series has nothing, because a file is damaged or missing (see `incomplete`), or between two points of this answer (raw: of this page). Intervals: at least one is missing, and if the series sends less often than that, more than five times its usual distance. Raw: more than five times the usual distance of the five points on either side (the larger one), and more than twice what nine of ten distances stay below. From the point before, or the end of its interval, to the point after. The time before the first and after the last point is not among them */
        readonly gaps: readonly {
          readonly from: string;
          readonly to: string;
        }[];
      }[];
      /** Where samples may be missing from this answer, because a file of the history is damaged or missing; empty when nothing is. `GET /storage` says which file */
      readonly incomplete: readonly {
        readonly from: string;
        readonly to: string;
      }[];
      /** When the appliance's clock was not trusted: what came without a timestamp in there has one that may be wrong. `GET /clock` says why */
      readonly clock_in_doubt: readonly {
        readonly from: string;
        readonly to: string;
      }[];
      /** Only of raw: the page after this one */
      readonly next_cursor: string | null;
    };
  };
  /** Samples as they are stored, as a file of any size: CSV or Parquet */
  'GET /history/export': {
    readonly query: {
      readonly devices?: string;
      readonly parameters?: string;
      readonly from?: string;
      readonly to?: string;
      readonly format?: 'csv' | 'parquet';
      readonly layout?: 'long' | 'wide';
    };
    readonly reply: string;
  };
  /** Imports of the factory, newest first */
  'GET /imports': {
    readonly reply: {
      readonly items: readonly ImportItem[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Announce a CSV file; its content comes by `PUT /imports/{id}/content` */
  'POST /imports': {
    readonly body: {
      readonly file_name: string;
      readonly options?: ImportOptions;
    };
    readonly reply: Import;
  };
  /** An import: how far it is, and what it would do */
  'GET /imports/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Import;
  };
  /** Examine the file anew, as these options say */
  'PATCH /imports/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly options: ImportOptions;
    };
    readonly reply: Import;
  };
  /** Give an import up, or take it off the list; samples that are stored stay */
  'DELETE /imports/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** A part of the file, within a minute; `409` says how many bytes are there when the offset is another one */
  'PUT /imports/{id}/content': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly offset?: number;
      readonly last?: 'true' | 'false';
    };
    readonly body: Blob;
    readonly reply: Import;
  };
  /** Store the samples. A file with faults is refused unless they are to be left out */
  'POST /imports/{id}/start': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly skip_faulty?: boolean;
    };
    readonly reply: Import;
  };
  /** Devices by key */
  'GET /devices': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly key?: string;
      readonly status?: 'online' | 'stale' | 'offline';
      readonly standing?: 'active' | 'pending' | 'retired' | 'rejected';
      readonly q?: string;
    };
    readonly reply: {
      readonly items: readonly Device[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Add a device before its first message */
  'POST /devices': {
    readonly body: {
      readonly key: string;
      /** The key when left out */
      readonly name?: string;
    };
    readonly reply: Device;
  };
  /** One device */
  'GET /devices/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: DeviceDetail;
  };
  /** Rename a device; its key stays */
  'PATCH /devices/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly name: string;
    };
    readonly reply: Device;
  };
  /** Remove a device with its parameters and its history; its next message makes it anew */
  'DELETE /devices/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Parameters of a device, by name */
  'GET /devices/{id}/parameters': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: {
      readonly items: readonly Parameter[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Change how a parameter is shown; keys left out stay as they are */
  'PATCH /devices/{id}/parameters/{name}': {
    readonly path: {
      readonly id: string;
      readonly name: string;
    };
    readonly body: {
      readonly display_name?: string | null;
      readonly unit?: string | null;
      readonly decimals?: number | null;
      readonly low_limit?: number | null;
      readonly high_limit?: number | null;
      readonly is_kpi?: boolean;
    };
    readonly reply: Parameter;
  };
  /** Let the next value decide whether the parameter is a number, a boolean or a state */
  'POST /devices/{id}/parameters/{name}/reset-kind': {
    readonly path: {
      readonly id: string;
      readonly name: string;
    };
    readonly reply: undefined;
  };
  /** Which devices may register by a first message */
  'GET /device-admission': {
    readonly reply: {
      /** What becomes of a device that nobody knows. open: it registers itself. approve: what it sends is kept aside until it is approved. closed: it is refused. Whom a device credential names by its key is known */
      readonly mode: 'open' | 'approve' | 'closed';
    };
  };
  /** Say which devices may register by a first message; those that are known stay */
  'PUT /device-admission': {
    readonly body: {
      /** What becomes of a device that nobody knows. open: it registers itself. approve: what it sends is kept aside until it is approved. closed: it is refused. Whom a device credential names by its key is known */
      readonly mode: 'open' | 'approve' | 'closed';
    };
    readonly reply: {
      /** What becomes of a device that nobody knows. open: it registers itself. approve: what it sends is kept aside until it is approved. closed: it is refused. Whom a device credential names by its key is known */
      readonly mode: 'open' | 'approve' | 'closed';
    };
  };
  /** Let a pending device in, with all that it has sent since its first message */
  'POST /devices/{id}/approve': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Device;
  };
  /** Refuse a pending device: what it has sent is erased, what it sends is refused until it is deleted */
  'POST /devices/{id}/reject': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Device;
  };
  /** Take a device out of use: its history stays, what it sends is refused */
  'POST /devices/{id}/retire': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Device;
  };
  /** Take a retired device back */
  'POST /devices/{id}/reinstate': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Device;
  };
  /** Make a device a part of another: its history goes on in the other's parameters of the same names and kinds, and what comes under its key is the other’s. This cannot be undone */
  'POST /devices/{id}/merge': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** The device that remains */
      readonly into: string;
    };
    readonly reply: Device;
  };
  /** The newest value of every parameter, by event time */
  'GET /devices/{id}/kpis/live': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: {
      readonly device_id: string;
      readonly values: readonly {
        readonly parameter: string;
        readonly value: number | boolean | string;
        readonly unit: string | null;
        readonly timestamp: string;
        /** stale: the device has been silent for longer than it should */
        readonly quality: 'good' | 'stale';
      }[];
    };
  };
  /** Where and how a device of this factory connects */
  'GET /connection-info': {
    readonly reply: ConnectionInfo;
  };
  /** The certificates in use, until when, and what is wrong with them */
  'GET /tls': {
    readonly reply: Tls;
  };
  /** The appliance's CA (PEM), for clients to trust; it is no secret */
  'GET /tls/ca.crt': {
    readonly reply: string;
  };
  /** The same in binary form (DER), as some controllers want it */
  'GET /tls/ca.der': {
    readonly reply: string;
  };
  /** The certificates of a credential, newest first, those that are revoked or expired among them */
  'GET /device-credentials/{id}/certificates': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: {
      readonly items: readonly DeviceCertificate[];
    };
  };
  /** Make a certificate for a credential, or sign one; a private key made here is shown this once */
  'POST /device-credentials/{id}/certificates': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** To tell it from others */
      readonly name?: string;
      /** How long it is good */
      readonly days?: number;
      /** A request (PKCS #10, PEM) for a key that never leaves the device; without it a key is made */
      readonly csr?: string;
    };
    readonly reply: {
      readonly id: string;
      /** PEM */
      readonly certificate: string;
      /** PEM; shown this once. null where a request was signed */
      readonly private_key: string | null;
      /** Of devices' certificates (PEM), for clients that want the chain; not the server's CA */
      readonly ca: string;
      readonly details: DeviceCertificate;
    };
  };
  /** Revoke a certificate, and end its connections */
  'DELETE /device-credentials/{id}/certificates/{certificate}': {
    readonly path: {
      readonly id: string;
      readonly certificate: string;
    };
    readonly reply: undefined;
  };
  /** What was refused of the factory's senders, newest first, unknown devices included */
  'GET /rejects': {
    readonly query: {
      readonly since?: string;
    };
    readonly reply: {
      readonly items: readonly Refusal[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** What was refused of a device, newest first */
  'GET /devices/{id}/rejects': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: {
      readonly items: readonly Refusal[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Clear the list of a device, once its cause is mended */
  'DELETE /devices/{id}/rejects': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** MQTT clients of the factory that are connected now, by client id; anonymous ones once they have published to its topics */
  'GET /connections': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly q?: string;
      readonly device_id?: string;
    };
    readonly reply: {
      readonly items: readonly Connection[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** MQTT clients that belong to no factory, and anonymous ones that send for several */
  'GET /connections/unassigned': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly q?: string;
    };
    readonly reply: {
      readonly items: readonly Connection[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** End a connection; the client may come again, so revoke its credential to keep it away */
  'DELETE /connections/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** End a connection of no factory, or of several */
  'DELETE /connections/unassigned/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Who came, left, was dropped or refused, of the factory's clients and of those that gave a user name of it, newest first; repeats are counted in one entry */
  'GET /connection-log': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly since?: string;
      readonly client_id?: string;
      readonly kind?: string;
      readonly q?: string;
      readonly device_id?: string;
    };
    readonly reply: {
      readonly items: readonly ConnectionEvent[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** The same of what belongs to no factory: anonymous clients, and telemetry for unknown factories */
  'GET /connection-log/unassigned': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly since?: string;
      readonly client_id?: string;
      readonly kind?: string;
      readonly q?: string;
    };
    readonly reply: {
      readonly items: readonly ConnectionEvent[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Commands to a device, newest first: the last 200 of it, of at most 90 days */
  'GET /devices/{id}/commands': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly DeviceCommand[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Send a command: it is published to `factories/{slug}/devices/{key}/commands` (QoS 1), at once or when the device next connects before it expires; the device answers on `…/commands/ack` */
  'POST /devices/{id}/commands': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly command: string;
      readonly parameters?: Readonly<Record<string, unknown>>;
      /** It is not delivered later than this (s) */
      readonly expires_in_s?: number;
    };
    readonly reply: DeviceCommand;
  };
  /** One command, and what became of it */
  'GET /devices/{id}/commands/{command_id}': {
    readonly path: {
      readonly id: string;
      readonly command_id: string;
    };
    readonly reply: DeviceCommand;
  };
  /** Take a command back that has not been sent yet */
  'POST /devices/{id}/commands/{command_id}/cancel': {
    readonly path: {
      readonly id: string;
      readonly command_id: string;
    };
    readonly reply: DeviceCommand;
  };
  /** Take a factory out of use: its connections end, nobody enters it, and all that it has is kept */
  'POST /factories/{id}/archive': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Factory;
  };
  /** Take a factory back into use */
  'POST /factories/{id}/restore': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Factory;
  };
  /** All of a factory as a ZIP file: settings, devices, people and rights as JSON, and every sample as CSV. Without secrets */
  'GET /factories/{id}/export': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: string;
  };
  /** Server-sent events: `hello` (whether Last-Event-ID could be resumed), `values` (at most 4 a second for each device), `device` (it appeared, its status changed, or, with status `removed`, it is gone; not repeated on resuming), `command` (one was issued, or has come further; as `/devices/{id}/commands` shows it, not repeated on resuming) */
  'GET /stream': {
    readonly query: {
      readonly devices?: string;
    };
    readonly reply: string;
  };
}
