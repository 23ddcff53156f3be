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
  readonly tags: readonly string[];
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
  readonly tags: readonly string[];
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

export type Condition =
  | LimitLeaf
  | EqualLeaf
  | RangeLeaf
  | ChangedLeaf
  | RateLeaf
  | NoDataLeaf
  | DeviatesLeaf
  | OccurrencesLeaf
  | AllGroup
  | AnyGroup;

export type LimitLeaf = {
  readonly parameter: string;
  readonly aggregate?: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';
  /** Of the aggregate (s), which counts once so much time has passed; `last` at once */
  readonly window_seconds?: number;
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte';
  readonly value?: number;
  /** Compared with this parameter of the same device, instead of `value` */
  readonly other_parameter?: string;
  /** Once it holds, it holds until the value is so far on the other side of the limit */
  readonly hysteresis?: number;
  /** It has to have held for so long before it counts (s) */
  readonly for_seconds?: number;
};

export type EqualLeaf = {
  readonly parameter: string;
  readonly aggregate?: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';
  /** Of the aggregate (s), which counts once so much time has passed; `last` at once */
  readonly window_seconds?: number;
  readonly operator: 'eq' | 'neq';
  readonly value?: number | boolean | string;
  /** Compared with this parameter of the same device, instead of `value` */
  readonly other_parameter?: string;
  /** It has to have held for so long before it counts (s) */
  readonly for_seconds?: number;
};

export type RangeLeaf = {
  readonly parameter: string;
  readonly aggregate?: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';
  /** Of the aggregate (s), which counts once so much time has passed; `last` at once */
  readonly window_seconds?: number;
  readonly operator: 'between' | 'outside';
  readonly low: number;
  readonly high: number;
  /** Once it holds, it holds until the value is so far on the other side of the limit */
  readonly hysteresis?: number;
  /** It has to have held for so long before it counts (s) */
  readonly for_seconds?: number;
};

export type ChangedLeaf = {
  readonly parameter: string;
  readonly operator: 'changed';
  /** It holds for so long from the change on (s) */
  readonly window_seconds?: number;
};

export type RateLeaf = {
  readonly parameter: string;
  readonly operator: 'rate_of_change';
  readonly per: 'second' | 'minute' | 'hour';
  /** Positive: it rises at least as fast; negative: it falls at least as fast */
  readonly value: number;
  /** The change is measured over so long (s), once samples half of it apart have come: at least twice the time between samples */
  readonly window_seconds: number;
  /** Once it holds, it holds until the value is so far on the other side of the limit */
  readonly hysteresis?: number;
  /** It has to have held for so long before it counts (s) */
  readonly for_seconds?: number;
};

export type NoDataLeaf = {
  readonly parameter: string;
  readonly operator: 'no_data';
  /** No sample for so long (s) */
  readonly for_seconds: number;
};

export type DeviatesLeaf = {
  readonly parameter: string;
  readonly aggregate?: 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';
  /** Of the aggregate (s), which counts once so much time has passed; `last` at once */
  readonly window_seconds?: number;
  readonly operator: 'deviates';
  readonly sigmas: number;
  /** It has to have held for so long before it counts (s) */
  readonly for_seconds?: number;
};

export type OccurrencesLeaf = {
  readonly operator: 'occurrences';
  readonly of: LimitLeaf | EqualLeaf | RangeLeaf | ChangedLeaf | RateLeaf | NoDataLeaf | DeviatesLeaf;
  readonly count: number;
  readonly window_seconds: number;
};

export type AllGroup = {
  readonly all: readonly Condition[];
};

export type AnyGroup = {
  readonly any: readonly Condition[];
};

export type Replay = {
  readonly id: string;
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: number;
  /** Why it failed */
  readonly error: string | null;
  readonly from: string;
  /** Not later than now */
  readonly to: string;
  /** Those that are done */
  readonly devices: readonly {
    readonly device_id: string;
    readonly device_key: string;
    /** Every alarm that touches the time, oldest first */
    readonly firings: readonly {
      readonly raised_at: string;
      /** It was there as soon as the replay began to look, some time before `from`: it may have been raised earlier */
      readonly may_be_earlier: boolean;
      /** null: it was open at the end */
      readonly cleared_at: string | null;
      /** The highest that it had */
      readonly severity: 'low' | 'medium' | 'high' | 'critical';
      readonly parameter: string | null;
      /** What has raised it */
      readonly value: number | boolean | string | null;
      readonly changes: readonly {
        readonly at: string;
        /** null: it has cleared */
        readonly severity: 'low' | 'medium' | 'high' | 'critical' | null;
        readonly parameter: string | null;
        readonly value: number | boolean | string | null;
        /** Why it cleared, when that is not the condition */
        readonly because?: 'schedule';
      }[];
    }[];
    /** Samples that were looked at */
    readonly samples: number;
    /** Where samples are missing: they were removed (only rollups are left), or their file is damaged or missing */
    readonly incomplete: readonly {
      readonly from: string;
      readonly to: string;
    }[];
    /** There is more than is told: at most 10,000 alarms, and 20,000 changes, in one replay */
    readonly truncated: boolean;
  }[];
};

export type Explained = ExplainedLeaf | ExplainedGroup;

export type ExplainedLeaf = {
  readonly kind: 'leaf';
  readonly holds: boolean;
  readonly text: string;
  readonly leaf: Leaf;
  /** What was compared: a value, an average, a rate, a count; null while it is not known */
  readonly value: number | boolean | string | null;
  /** Of the parameter's newest sample; null before the first */
  readonly sampled_at: string | null;
  /** Since when it holds, or would but for `for_seconds`; null: it does not */
  readonly since: string | null;
  /** When `for_seconds` will be over */
  readonly holds_from: string | null;
  /** Of `deviates`: the usual of now; null while too little is known */
  readonly usual: {
    readonly center: number;
    readonly sigma: number;
  } | null;
  /** Of an aggregate: when its window will be filled; null when it is */
  readonly filled_at: string | null;
};

export type Leaf =
  | LimitLeaf
  | EqualLeaf
  | RangeLeaf
  | ChangedLeaf
  | RateLeaf
  | NoDataLeaf
  | DeviatesLeaf
  | OccurrencesLeaf;

export type ExplainedGroup = {
  readonly kind: 'all' | 'any';
  readonly holds: boolean;
  readonly members: readonly Explained[];
};

export type Rule = {
  readonly id: string;
  /** Counts its changes; an alarm says which version raised it */
  readonly version: number;
  readonly name: string;
  /** What the operator should do */
  readonly guidance: string;
  readonly is_active: boolean;
  /** The devices that it watches, beside those with one of the tags; both empty: all */
  readonly device_ids: readonly string[];
  readonly tags: readonly string[];
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly condition: Condition;
  /** Further severities of the same alarm, which has the most severe whose condition holds */
  readonly levels: readonly {
    readonly severity: 'low' | 'medium' | 'high' | 'critical';
    readonly condition: Condition;
  }[];
  /** After an alarm has cleared, the next is raised so much later at the earliest (s) */
  readonly cooldown_seconds: number;
  /** An alarm clears when the condition has not held for so long (s) */
  readonly keep_firing_seconds: number;
  /** When it applies; null: always */
  readonly schedule: {
    /** An IANA zone, or `factory` */
    readonly timezone: string;
    /** None: at any time of day */
    readonly windows: readonly {
      /** 1 Monday … 7 Sunday, on which it begins */
      readonly days: readonly number[];
      /** Local time */
      readonly from: string;
      /** Local time; before or at `from`: on the day after, so the same as `from` is a whole day */
      readonly to: string;
    }[];
    /** First day */
    readonly from_date: string | null;
    /** Last day */
    readonly to_date: string | null;
  } | null;
  /** Rules whose alarms on the same device make those of this one a consequence */
  readonly suppressed_by: readonly string[];
  readonly note_required: boolean;
  readonly notifications: readonly {
    readonly channel_id: string;
    readonly on: readonly ('raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated')[];
  }[];
  readonly escalation: readonly {
    readonly after_seconds: number;
    readonly channel_id: string;
  }[];
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
  /** Why it is left out, and since when: it raises and clears nothing until it is tried again, when it is changed, turned off and on, or at the next start. null: it is not */
  readonly fault: {
    readonly at: string;
    readonly message: string;
  } | null;
};

export type RuleVersion = {
  readonly version: number;
  readonly name: string;
  /** What the operator should do */
  readonly guidance: string;
  readonly is_active: boolean;
  /** The devices that it watches, beside those with one of the tags; both empty: all */
  readonly device_ids: readonly string[];
  readonly tags: readonly string[];
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly condition: Condition;
  /** Further severities of the same alarm, which has the most severe whose condition holds */
  readonly levels: readonly {
    readonly severity: 'low' | 'medium' | 'high' | 'critical';
    readonly condition: Condition;
  }[];
  /** After an alarm has cleared, the next is raised so much later at the earliest (s) */
  readonly cooldown_seconds: number;
  /** An alarm clears when the condition has not held for so long (s) */
  readonly keep_firing_seconds: number;
  /** When it applies; null: always */
  readonly schedule: {
    /** An IANA zone, or `factory` */
    readonly timezone: string;
    /** None: at any time of day */
    readonly windows: readonly {
      /** 1 Monday … 7 Sunday, on which it begins */
      readonly days: readonly number[];
      /** Local time */
      readonly from: string;
      /** Local time; before or at `from`: on the day after, so the same as `from` is a whole day */
      readonly to: string;
    }[];
    /** First day */
    readonly from_date: string | null;
    /** Last day */
    readonly to_date: string | null;
  } | null;
  /** Rules whose alarms on the same device make those of this one a consequence */
  readonly suppressed_by: readonly string[];
  readonly note_required: boolean;
  readonly notifications: readonly {
    readonly channel_id: string;
    readonly on: readonly ('raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated')[];
  }[];
  readonly escalation: readonly {
    readonly after_seconds: number;
    readonly channel_id: string;
  }[];
  readonly made_at: string;
  readonly made_by: string;
};

export type Device = {
  readonly id: string;
  /** The device key in its topics */
  readonly key: string;
  readonly name: string;
  readonly status: 'online' | 'stale' | 'offline';
  /** pending: waits to be approved; retired: gone, its history stays; rejected: does not belong here */
  readonly standing: 'active' | 'pending' | 'retired' | 'rejected';
  /** Words by which people group devices */
  readonly tags: readonly string[];
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
  /** Words by which people group devices */
  readonly tags: readonly string[];
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

export type Alarm = {
  readonly id: string;
  /** Counted for the factory, and never used again */
  readonly number: number;
  readonly rule_id: string;
  /** As it was called when the alarm was raised */
  readonly rule_name: string;
  /** The version that has raised it */
  readonly rule_version: number;
  readonly device_id: string;
  readonly device_key: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** active: unacknowledged; acknowledged; cleared: returned to normal, unacknowledged; closed: returned to normal and acknowledged, or closed by hand (ISA-18.2) */
  readonly status: 'active' | 'acknowledged' | 'cleared' | 'closed';
  readonly message: string;
  readonly parameter: string | null;
  /** What has raised it */
  readonly value: number | boolean | string | null;
  /** What to do about it */
  readonly guidance: string | null;
  /** Event time, as `cleared_at` */
  readonly raised_at: string;
  readonly cleared_at: string | null;
  /** Where that is not its condition: schedule, withdrawn, rule_removed, rule_deactivated, device_retired, … */
  readonly cleared_because: string | null;
  /** When the appliance has written it down */
  readonly recorded_at: string;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  readonly closed_at: string | null;
  readonly shelved_until: string | null;
  /** parent: an alarm that explains it holds on the device; out_of_service: the device is worked on */
  readonly suppression: 'parent' | 'out_of_service' | null;
  /** At least the third within a minute, or the tenth within an hour, when it was raised */
  readonly is_chattering: boolean;
  /** By late samples. changed: it went otherwise; withdrawn: it had not happened; inserted: it had been missed */
  readonly corrected: 'changed' | 'withdrawn' | 'inserted' | null;
  readonly assignee: {
    readonly id: string;
    readonly name: string;
  } | null;
};

export type AlarmSummary = {
  /** Their condition holds */
  readonly standing: {
    readonly low: number;
    readonly medium: number;
    readonly high: number;
    readonly critical: number;
  };
  /** Standing, or cleared */
  readonly unacknowledged: {
    readonly low: number;
    readonly medium: number;
    readonly high: number;
    readonly critical: number;
  };
  /** Standing, or not acknowledged: all that are to be looked at */
  readonly open: {
    readonly low: number;
    readonly medium: number;
    readonly high: number;
    readonly critical: number;
  };
  readonly shelved: number;
  readonly suppressed: number;
};

export type AlarmWithEvents = {
  readonly id: string;
  /** Counted for the factory, and never used again */
  readonly number: number;
  readonly rule_id: string;
  /** As it was called when the alarm was raised */
  readonly rule_name: string;
  /** The version that has raised it */
  readonly rule_version: number;
  readonly device_id: string;
  readonly device_key: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** active: unacknowledged; acknowledged; cleared: returned to normal, unacknowledged; closed: returned to normal and acknowledged, or closed by hand (ISA-18.2) */
  readonly status: 'active' | 'acknowledged' | 'cleared' | 'closed';
  readonly message: string;
  readonly parameter: string | null;
  /** What has raised it */
  readonly value: number | boolean | string | null;
  /** What to do about it */
  readonly guidance: string | null;
  /** Event time, as `cleared_at` */
  readonly raised_at: string;
  readonly cleared_at: string | null;
  /** Where that is not its condition: schedule, withdrawn, rule_removed, rule_deactivated, device_retired, … */
  readonly cleared_because: string | null;
  /** When the appliance has written it down */
  readonly recorded_at: string;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  readonly closed_at: string | null;
  readonly shelved_until: string | null;
  /** parent: an alarm that explains it holds on the device; out_of_service: the device is worked on */
  readonly suppression: 'parent' | 'out_of_service' | null;
  /** At least the third within a minute, or the tenth within an hour, when it was raised */
  readonly is_chattering: boolean;
  /** By late samples. changed: it went otherwise; withdrawn: it had not happened; inserted: it had been missed */
  readonly corrected: 'changed' | 'withdrawn' | 'inserted' | null;
  readonly assignee: {
    readonly id: string;
    readonly name: string;
  } | null;
  /** In the order in which they were written down */
  readonly events: readonly AlarmEvent[];
};

export type AlarmEvent = {
  readonly id: string;
  readonly kind:
    | 'raised'
    | 'severity_changed'
    | 'cleared'
    | 'corrected'
    | 'acknowledged'
    | 'commented'
    | 'assigned'
    | 'shelved'
    | 'unshelved'
    | 'suppressed'
    | 'unsuppressed'
    | 'escalated'
    | 'closed';
  /** When it happened: in event time where the rules say it */
  readonly at: string;
  readonly recorded_at: string;
  /** Who did it; null: the appliance */
  readonly actor: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

export type AlarmShelf = {
  readonly id: string;
  readonly rule_id: string;
  readonly rule_name: string;
  readonly device_id: string;
  readonly device_key: string;
  readonly until: string;
  /** It ends when the alarm clears, if that is earlier */
  readonly one_shot: boolean;
  readonly reason: string;
  readonly shelved_by: string;
  readonly shelved_at: string;
};

export type AlarmQuality = {
  readonly from: string;
  readonly to: string;
  /** Raised in this time and shown to people: neither shelved nor suppressed at that moment */
  readonly alarms: number;
  readonly per_day: AlarmFigure;
  readonly per_ten_minutes: AlarmFigure;
  readonly peak_per_ten_minutes: {
    readonly value: number;
    /** Up to this it is good */
    readonly target: number;
    /** Up to this it is acceptable */
    readonly maximum: number;
    /** null: with fewer than 50 alarms, shares say nothing */
    readonly verdict: 'good' | 'acceptable' | 'poor' | null;
    readonly at: string | null;
  };
  /** Of the periods of ten minutes, those with more than ten alarms */
  readonly over_ten_percent: AlarmFigure;
  /** Of the time: from ten minutes with more than ten alarms to the next with fewer than five */
  readonly flood_percent: AlarmFigure;
  readonly severities_percent: {
    readonly low: AlarmFigure;
    readonly medium: AlarmFigure;
    readonly high: AlarmFigure;
    readonly critical: AlarmFigure;
  };
  /** Of all alarms, those of the ten most frequent */
  readonly top_ten_percent: AlarmFigure;
  /** The ten most frequent */
  readonly bad_actors: readonly {
    readonly rule_id: string;
    readonly rule_name: string;
    readonly device_id: string;
    readonly device_key: string;
    readonly count: number;
    readonly percent: number;
  }[];
  readonly chattering: AlarmFigure;
  /** Gone within a minute, without chattering */
  readonly fleeting: AlarmFigure;
  /** The most that had stood for over a day at the end of one */
  readonly stale: AlarmFigure;
  readonly acknowledged: number;
  readonly median_seconds_to_acknowledge: number | null;
  /** How many were raised in each ten minutes of the last day, the oldest first */
  readonly last_day: readonly {
    readonly from: string;
    readonly count: number;
  }[];
};

export type AlarmFigure = {
  readonly value: number;
  /** Up to this it is good */
  readonly target: number;
  /** Up to this it is acceptable */
  readonly maximum: number;
  /** null: with fewer than 50 alarms, shares say nothing */
  readonly verdict: 'good' | 'acceptable' | 'poor' | null;
};

export type MaintenanceWindow = {
  readonly id: string;
  readonly device_ids: readonly string[];
  /** All devices that carry one of them */
  readonly tags: readonly string[];
  readonly starts_at: string;
  /** null: until it is ended: out of service */
  readonly ends_at: string | null;
  readonly reason: string;
  readonly created_by: string;
  readonly created_at: string;
};

export type NotificationChannel = {
  readonly id: string;
  readonly kind: 'email' | 'whatsapp' | 'sms' | 'webhook' | 'mqtt' | 'browser';
  readonly name: string;
  readonly is_active: boolean;
  /** As it was given, by the kind; of a webhook's `url` the origin alone, and `…` for the rest, which is a secret: written back like that it stays as it was */
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of those that are set; they are never shown */
  readonly secrets: readonly string[];
  /** What the certificates in `config.server.ca` are */
  readonly server_ca: readonly {
    readonly subject: string;
    readonly valid_until: string;
  }[];
  /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
  readonly quiet_hours: {
    readonly from: string;
    /** Before or at `from`: on the day after */
    readonly to: string;
    /** On which they begin: 1 Monday … 7 Sunday */
    readonly days: readonly number[];
  } | null;
  readonly rate_per_minute: number;
  /** Messages that wait, or are tried again */
  readonly pending: number;
  /** Messages that were given up */
  readonly dead: number;
  readonly last_sent_at: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
};

export type ChannelTest = {
  /** To everybody */
  readonly delivered: boolean;
  readonly results: readonly {
    /** Empty where there is only one */
    readonly recipient: string;
    readonly delivered: boolean;
    /** What the other side has said */
    readonly detail: string;
    readonly provider_id: string | null;
  }[];
};

export type Notification = {
  /** Its idempotency key: the same however often it is sent */
  readonly id: string;
  readonly channel_id: string;
  /** null: a digest, which tells of several */
  readonly alarm_id: string | null;
  readonly alarm_number: number | null;
  readonly kind: 'raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated' | 'digest';
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** `dead`: given up; `digested`: a digest tells of it; `suppressed`: nobody was to be told after all */
  readonly state: 'pending' | 'sent' | 'dead' | 'digested' | 'suppressed';
  readonly attempts: number;
  readonly created_at: string;
  /** When it is tried next; null: not any more */
  readonly due_at: string | null;
  /** It waits, or waited, for the end of quiet hours */
  readonly is_held: boolean;
  readonly settled_at: string | null;
  readonly digest_id: string | null;
  /** What the other side said at last */
  readonly answer: string | null;
  /** The other side's ids of it, separated by spaces */
  readonly provider_id: string | null;
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
      /** That stand, acknowledged or not, and are neither shelved nor suppressed */
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
  /** When a rule, which need not be saved, would have raised alarms; by the engine that watches live */
  'POST /rules/replay': {
    readonly body: {
      readonly rule: {
        readonly name: string;
        /** What the operator should do */
        readonly guidance?: string;
        readonly is_active?: boolean;
        /** The devices that it watches, beside those with one of the tags; both empty: all */
        readonly device_ids?: readonly string[];
        readonly tags?: readonly string[];
        readonly severity: 'low' | 'medium' | 'high' | 'critical';
        readonly condition: Condition;
        /** Further severities of the same alarm, which has the most severe whose condition holds */
        readonly levels?: readonly {
          readonly severity: 'low' | 'medium' | 'high' | 'critical';
          readonly condition: Condition;
        }[];
        /** After an alarm has cleared, the next is raised so much later at the earliest (s) */
        readonly cooldown_seconds?: number;
        /** An alarm clears when the condition has not held for so long (s) */
        readonly keep_firing_seconds?: number;
        /** When it applies; null: always */
        readonly schedule?: {
          /** An IANA zone, or `factory` */
          readonly timezone?: string;
          /** None: at any time of day */
          readonly windows?: readonly {
            /** 1 Monday … 7 Sunday, on which it begins */
            readonly days: readonly number[];
            /** Local time */
            readonly from: string;
            /** Local time; before or at `from`: on the day after, so the same as `from` is a whole day */
            readonly to: string;
          }[];
          /** First day */
          readonly from_date?: string | null;
          /** Last day */
          readonly to_date?: string | null;
        } | null;
        /** Rules whose alarms on the same device make those of this one a consequence */
        readonly suppressed_by?: readonly string[];
        readonly note_required?: boolean;
        readonly notifications?: readonly {
          readonly channel_id: string;
          readonly on: readonly ('raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated')[];
        }[];
        readonly escalation?: readonly {
          readonly after_seconds: number;
          readonly channel_id: string;
        }[];
      };
      readonly from: string;
      /** Exclusive; what is later than now is left out */
      readonly to: string;
      /** Instead of those that the rule is for; at most 50 */
      readonly device_ids?: readonly string[];
      /** false: answers 202 at once; the result is at `GET /rules/replays/{id}` */
      readonly wait?: boolean;
    };
    readonly reply: Replay;
  };
  /** When a rule would have raised alarms, as it is now */
  'POST /rules/{id}/replay': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly from: string;
      /** Exclusive; what is later than now is left out */
      readonly to: string;
      /** Instead of those that the rule is for; at most 50 */
      readonly device_ids?: readonly string[];
      /** false: answers 202 at once; the result is at `GET /rules/replays/{id}` */
      readonly wait?: boolean;
    };
    readonly reply: Replay;
  };
  /** How far a replay is, and what it has found; for ten minutes after its end */
  'GET /rules/replays/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Replay;
  };
  /** Cancel a replay; one that has ended is forgotten */
  'DELETE /rules/replays/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Why a rule fires on a device now, or does not: leaf by leaf, with values, ages, timers, schedule and cooldown */
  'GET /rules/{id}/explain': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly device_id: string;
    };
    readonly reply: {
      readonly rule_id: string;
      readonly rule_version: number;
      readonly device_id: string;
      /** False: it is switched off, and nothing else is known of it */
      readonly is_active: boolean;
      /** The answer in a sentence */
      readonly text: string;
      /** Of the alarm that is open; null: none is */
      readonly severity: 'low' | 'medium' | 'high' | 'critical' | null;
      /** Most severe first: the first that holds decides */
      readonly levels: readonly {
        readonly severity: 'low' | 'medium' | 'high' | 'critical';
        readonly holds: boolean;
        readonly condition: Explained;
      }[];
      /** The device's time, as well as it is known */
      readonly now: string | null;
      /** Until when it was looked at: by the newest sample, or by a clock that waits for none */
      readonly folded_until: string | null;
      readonly schedule: {
        readonly applies: boolean;
        /** Until when that stays so */
        readonly until: string | null;
      } | null;
      /** Until when no new alarm is raised; null: one may be */
      readonly cooldown_until: string | null;
      /** When the alarm clears, if the condition does not hold before; null: nothing is being kept */
      readonly kept_until: string | null;
      /** When it looks again if no sample comes before */
      readonly looks_again_at: string | null;
    };
  };
  /** Rules by name */
  'GET /rules': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly q?: string;
      readonly is_active?: 'true' | 'false';
    };
    readonly reply: {
      readonly items: readonly Rule[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Make a rule: `name`, `severity` and `condition` are enough. It watches from the next samples on; at most 1,000 in a factory */
  'POST /rules': {
    readonly body: {
      readonly name: string;
      /** What the operator should do */
      readonly guidance?: string;
      readonly is_active?: boolean;
      /** The devices that it watches, beside those with one of the tags; both empty: all */
      readonly device_ids?: readonly string[];
      readonly tags?: readonly string[];
      readonly severity: 'low' | 'medium' | 'high' | 'critical';
      readonly condition: Condition;
      /** Further severities of the same alarm, which has the most severe whose condition holds */
      readonly levels?: readonly {
        readonly severity: 'low' | 'medium' | 'high' | 'critical';
        readonly condition: Condition;
      }[];
      /** After an alarm has cleared, the next is raised so much later at the earliest (s) */
      readonly cooldown_seconds?: number;
      /** An alarm clears when the condition has not held for so long (s) */
      readonly keep_firing_seconds?: number;
      /** When it applies; null: always */
      readonly schedule?: {
        /** An IANA zone, or `factory` */
        readonly timezone?: string;
        /** None: at any time of day */
        readonly windows?: readonly {
          /** 1 Monday … 7 Sunday, on which it begins */
          readonly days: readonly number[];
          /** Local time */
          readonly from: string;
          /** Local time; before or at `from`: on the day after, so the same as `from` is a whole day */
          readonly to: string;
        }[];
        /** First day */
        readonly from_date?: string | null;
        /** Last day */
        readonly to_date?: string | null;
      } | null;
      /** Rules whose alarms on the same device make those of this one a consequence */
      readonly suppressed_by?: readonly string[];
      readonly note_required?: boolean;
      readonly notifications?: readonly {
        readonly channel_id: string;
        readonly on: readonly ('raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated')[];
      }[];
      readonly escalation?: readonly {
        readonly after_seconds: number;
        readonly channel_id: string;
      }[];
    };
    readonly reply: Rule;
  };
  /** One rule */
  'GET /rules/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Rule;
  };
  /** Change a rule, which makes a new version of it; members left out stay as they are */
  'PATCH /rules/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string;
      /** What the operator should do */
      readonly guidance?: string;
      readonly is_active?: boolean;
      /** The devices that it watches, beside those with one of the tags; both empty: all */
      readonly device_ids?: readonly string[];
      readonly tags?: readonly string[];
      readonly severity?: 'low' | 'medium' | 'high' | 'critical';
      readonly condition?: Condition;
      /** Further severities of the same alarm, which has the most severe whose condition holds */
      readonly levels?: readonly {
        readonly severity: 'low' | 'medium' | 'high' | 'critical';
        readonly condition: Condition;
      }[];
      /** After an alarm has cleared, the next is raised so much later at the earliest (s) */
      readonly cooldown_seconds?: number;
      /** An alarm clears when the condition has not held for so long (s) */
      readonly keep_firing_seconds?: number;
      /** When it applies; null: always */
      readonly schedule?: {
        /** An IANA zone, or `factory` */
        readonly timezone?: string;
        /** None: at any time of day */
        readonly windows?: readonly {
          /** 1 Monday … 7 Sunday, on which it begins */
          readonly days: readonly number[];
          /** Local time */
          readonly from: string;
          /** Local time; before or at `from`: on the day after, so the same as `from` is a whole day */
          readonly to: string;
        }[];
        /** First day */
        readonly from_date?: string | null;
        /** Last day */
        readonly to_date?: string | null;
      } | null;
      /** Rules whose alarms on the same device make those of this one a consequence */
      readonly suppressed_by?: readonly string[];
      readonly note_required?: boolean;
      readonly notifications?: readonly {
        readonly channel_id: string;
        readonly on: readonly ('raised' | 'severity_changed' | 'acknowledged' | 'cleared' | 'escalated')[];
      }[];
      readonly escalation?: readonly {
        readonly after_seconds: number;
        readonly channel_id: string;
      }[];
    };
    readonly reply: Rule;
  };
  /** Remove a rule; its versions stay, because alarms name them */
  'DELETE /rules/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** How a rule is and was, newest first; of one that was removed, too */
  'GET /rules/{id}/versions': {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly RuleVersion[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** A rule as it was in one version */
  'GET /rules/{id}/versions/{version}': {
    readonly path: {
      readonly id: string;
      readonly version: number;
    };
    readonly reply: RuleVersion;
  };
  /** Devices by key */
  'GET /devices': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly key?: string;
      readonly status?: 'online' | 'stale' | 'offline';
      readonly standing?: 'active' | 'pending' | 'retired' | 'rejected';
      readonly tag?: string;
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
  /** Rename a device, or give it tags; its key stays */
  'PATCH /devices/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string;
      /** All that it has from then on: rules can watch devices by them */
      readonly tags?: readonly string[];
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
  /** Alarms, those recorded last first; all of them, shelved, suppressed and closed ones too, where nothing else is asked for */
  'GET /alerts': {
    readonly query: {
      readonly status?: string;
      readonly severity?: string;
      readonly device_id?: string;
      readonly rule_id?: string;
      readonly from?: string;
      readonly to?: string;
      readonly q?: string;
      readonly shelved?: 'true' | 'false';
      readonly suppressed?: 'true' | 'false';
      readonly format?: 'json' | 'csv';
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly Alarm[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** How many alarms are to be looked at; shelved and suppressed ones are counted apart */
  'GET /alerts/summary': {
    readonly reply: AlarmSummary;
  };
  /** Acknowledge several alarms; what is in the way of one is in the way of no other */
  'POST /alerts/acknowledge': {
    readonly body: {
      readonly ids: readonly string[];
      readonly comment?: string | null;
    };
    readonly reply: {
      readonly items: readonly {
        readonly id: string;
        readonly outcome: 'acknowledged' | 'not_found' | 'conflict' | 'invalid_input';
        readonly detail: string | null;
      }[];
    };
  };
  /** One alarm, with all that has happened to it */
  'GET /alerts/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Say that you know; an alarm that has cleared is closed by it */
  'POST /alerts/{id}/acknowledge': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly comment?: string | null;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Write something down about an alarm, closed or not */
  'POST /alerts/{id}/comment': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly comment: string;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Say who looks after an alarm */
  'POST /alerts/{id}/assign': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** A member of the factory; null: nobody */
      readonly user_id: string | null;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Keep the rule's alarms on the device from people for a time: this one, and those that come until then */
  'POST /alerts/{id}/shelve': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly until?: string;
      /** Instead of `until` */
      readonly minutes?: number;
      /** It ends when the alarm clears, if that is earlier */
      readonly one_shot?: boolean;
      readonly reason: string;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Take an alarm from its shelf before its time */
  'POST /alerts/{id}/unshelve': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: AlarmWithEvents;
  };
  /** Close an alarm that has cleared; or, with a comment, one whose rule or device is not in use any more */
  'POST /alerts/{id}/close': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly comment?: string | null;
    };
    readonly reply: AlarmWithEvents;
  };
  /** What is shelved, the one that ends first before the others; at most 1,000 */
  'GET /alarm-shelves': {
    readonly reply: {
      readonly items: readonly AlarmShelf[];
    };
  };
  /** Take a rule's alarms on a device from their shelf, whether or not there is one now */
  'DELETE /alarm-shelves/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** How good the alarms are, by the metrics and limits of ISA-18.2 and EEMUA 191, for one operator */
  'GET /alarm-quality': {
    readonly query: {
      readonly from?: string;
      readonly to?: string;
    };
    readonly reply: AlarmQuality;
  };
  /** Maintenance windows, the latest first */
  'GET /maintenance-windows': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly reply: {
      readonly items: readonly MaintenanceWindow[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Say that devices are worked on: their alarms are recorded, and nobody is told */
  'POST /maintenance-windows': {
    readonly body: {
      readonly device_ids?: readonly string[];
      /** All devices that carry one of them */
      readonly tags?: readonly string[];
      /** Now when left out */
      readonly starts_at?: string;
      /** null: until it is ended: out of service */
      readonly ends_at?: string | null;
      readonly reason: string;
    };
    readonly reply: MaintenanceWindow;
  };
  /** One maintenance window */
  'GET /maintenance-windows/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: MaintenanceWindow;
  };
  /** Change a maintenance window, or end it: with `ends_at` */
  'PATCH /maintenance-windows/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly device_ids?: readonly string[];
      /** All devices that carry one of them */
      readonly tags?: readonly string[];
      readonly starts_at?: string;
      /** null: until it is ended: out of service */
      readonly ends_at?: string | null;
      readonly reason?: string;
    };
    readonly reply: MaintenanceWindow;
  };
  /** Remove a maintenance window, and that it ever was: to keep that, end it */
  'DELETE /maintenance-windows/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Channels by name; at most 50, on one page */
  'GET /notification-channels': {
    readonly reply: {
      readonly items: readonly NotificationChannel[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** Make a channel. Secrets are sealed, and never shown again; at most 50 channels in a factory */
  'POST /notification-channels': {
    readonly body:
      | {
          readonly kind: 'email';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            /** Members of the factory, while they are active */
            readonly user_ids?: readonly string[];
            /** All members with one of these roles */
            readonly roles?: readonly ('viewer' | 'operator' | 'admin')[];
            readonly addresses?: readonly string[];
            /** null: the mail server of the appliance's configuration */
            readonly server?: {
              readonly host: string;
              readonly port?: number;
              /** `none` only for a server on this machine */
              readonly security?: 'starttls' | 'tls' | 'none';
              readonly from: string;
              readonly user?: string | null;
              /** `oauth2`: XOAUTH2, by a refresh token */
              readonly sign_in?: 'none' | 'password' | 'oauth2';
              /** Where tokens are had, with `oauth2` */
              readonly token_url?: string | null;
              readonly client_id?: string | null;
              /** PEM: the CA of the server's certificate, or that itself, where no usual CA vouches for it; no secret */
              readonly ca?: string | null;
            } | null;
          };
          readonly secrets?: {
            readonly password?: string;
            readonly client_secret?: string;
            readonly refresh_token?: string;
          };
        }
      | {
          readonly kind: 'whatsapp';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            readonly account_sid: string;
            /** Your number at Twilio, a sender name, or the SID of a messaging service */
            readonly from: string;
            readonly recipients: readonly {
              readonly number: string;
              /** Whose it is: told only while an active member */
              readonly user_id?: string | null;
            }[];
            /** An approved template: WhatsApp takes no other text unasked. Its variables: 1 severity, 2 what, 3 device, 4 when, 5 link */
            readonly content_sid: string;
          };
          readonly secrets?: {
            readonly auth_token?: string;
          };
        }
      | {
          readonly kind: 'sms';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            readonly account_sid: string;
            /** Your number at Twilio, a sender name, or the SID of a messaging service */
            readonly from: string;
            readonly recipients: readonly {
              readonly number: string;
              /** Whose it is: told only while an active member */
              readonly user_id?: string | null;
            }[];
          };
          readonly secrets?: {
            readonly auth_token?: string;
          };
        }
      | {
          readonly kind: 'webhook';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            readonly url: string;
          };
          readonly secrets?: {
            readonly signing_secret?: string;
          };
        }
      | {
          readonly kind: 'mqtt';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            /** The last level of factories/{slug}/notifications/{topic} */
            readonly topic: string;
          };
          readonly secrets?: Readonly<Record<string, unknown>>;
        }
      | {
          readonly kind: 'browser';
          readonly name: string;
          readonly is_active?: boolean;
          /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
          readonly quiet_hours?: {
            readonly from: string;
            /** Before or at `from`: on the day after */
            readonly to: string;
            /** On which they begin: 1 Monday … 7 Sunday */
            readonly days: readonly number[];
          } | null;
          /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
          readonly rate_per_minute?: number;
          readonly config: {
            /** Members of the factory, while they are active */
            readonly user_ids?: readonly string[];
            /** All members with one of these roles */
            readonly roles?: readonly ('viewer' | 'operator' | 'admin')[];
            readonly has_sound?: boolean;
          };
          readonly secrets?: Readonly<Record<string, unknown>>;
        };
    readonly reply: NotificationChannel;
  };
  /** One channel */
  'GET /notification-channels/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: NotificationChannel;
  };
  /** Change a channel; members left out stay as they are, and so do secrets, unless they would go to another server or account. Its kind stays */
  'PATCH /notification-channels/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      readonly name?: string;
      readonly is_active?: boolean;
      /** Whole, by the kind */
      readonly config?: Readonly<Record<string, unknown>>;
      /** Those that are to be others */
      readonly secrets?: Readonly<Record<string, unknown>>;
      /** Only critical alarms go through then, in the factory's zone; the others come together at their end */
      readonly quiet_hours?: {
        readonly from: string;
        /** Before or at `from`: on the day after */
        readonly to: string;
        /** On which they begin: 1 Monday … 7 Sunday */
        readonly days: readonly number[];
      } | null;
      /** Of more in a minute one message, a digest, tells of all; as many critical ones go besides */
      readonly rate_per_minute?: number;
    };
    readonly reply: NotificationChannel;
  };
  /** Remove a channel, with its messages; not while rules tell by it */
  'DELETE /notification-channels/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: undefined;
  };
  /** Send a test message now, and show what the other side says; also by a channel that is switched off */
  'POST /notification-channels/{id}/test': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: ChannelTest;
  };
  /** What was to be said of alarms, and what became of it, newest first; kept for 30 days */
  'GET /notifications': {
    readonly query: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly state?: string;
      readonly channel_id?: string;
      readonly alarm_id?: string;
    };
    readonly reply: {
      readonly items: readonly Notification[];
      /** null on the last page */
      readonly next_cursor: string | null;
    };
  };
  /** One notification */
  'GET /notifications/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Notification;
  };
  /** Send one again that was given up, to those who do not have it */
  'POST /notifications/{id}/retry': {
    readonly path: {
      readonly id: string;
    };
    readonly reply: Notification;
  };
  /** Server-sent events: `hello` (whether Last-Event-ID could be resumed), `values` (at most 4 a second for each device), `device` (it appeared, its status changed, or, with status `removed`, it is gone; not repeated on resuming), `command` (one was issued, or has come further; as `/devices/{id}/commands` shows it, not repeated on resuming), `alarm` (as `/alerts/{id}` without its events, whenever something happens to one; not repeated on resuming), `alarm_summary` (as `/alerts/summary`, at first and when it has changed; with `missed: true` when the client read too slowly, so that `/alerts` has to be asked), `notification` (of a channel of the kind `browser`: `id`, `kind`, `severity`, `alarm_id`, `title`, `text`, `has_sound`) */
  'GET /stream': {
    readonly query: {
      readonly devices?: string;
    };
    readonly reply: string;
  };
}
