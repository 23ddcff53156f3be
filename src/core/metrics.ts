import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Everything `GET /api/v1/metrics` shows. Names follow Prometheus' conventions: base units, `_total` for counters. */
export interface Metrics {
  readonly registry: Registry;
  readonly messages: Counter<'outcome'>;
  readonly samples: Counter;
  readonly refusals: Counter<'reason'>;
  readonly commitSeconds: Histogram;
  readonly commitFailures: Counter;
  readonly sealFailures: Counter;
  readonly removedSamples: Counter<'level' | 'reason'>;
  readonly segmentsVerified: Counter;
  readonly segmentsQuarantined: Gauge;
  readonly pendingBytes: Gauge;
  readonly connections: Gauge;
  readonly connectionsRefused: Counter<'reason'>;
  readonly mqttDropped: Counter<'reason'>;
  readonly handshakesFailed: Counter<'listener' | 'reason'>;
  readonly httpSeconds: Histogram<'method' | 'route' | 'status'>;
  readonly streams: Gauge;
  readonly clockTrusted: Gauge;
}

/** A figure that is read when somebody asks for it. */
export interface ReadFigure {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly read: () => number;
}

/** Shows figures that somebody else keeps. */
export function showFigures(registry: Registry, figures: readonly ReadFigure[]): void {
  const registers = [registry];
  for (const { name, help, kind, read } of figures) {
    const options = { name, help, registers };
    if (kind === 'gauge') {
      const gauge: Gauge = new Gauge({ ...options, collect: () => gauge.set(read()) });
    } else {
      const counter: Counter = new Counter({
        ...options,
        collect: () => {
          counter.reset();
          counter.inc(read());
        },
      });
    }
  }
}

/** One registry for each appliance, so that two of them in one test process do not share counters. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    messages: new Counter({
      name: 'factoryops_messages_total',
      help: 'Telemetry messages by outcome (stored, refused).',
      labelNames: ['outcome'],
      registers,
    }),
    samples: new Counter({ name: 'factoryops_samples_total', help: 'Samples committed.', registers }),
    refusals: new Counter({
      name: 'factoryops_refusals_total',
      help: 'Refused messages and parts of messages, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'factoryops_commit_seconds',
      help: 'From handing a batch to the writer thread to its durable answer.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    commitFailures: new Counter({
      name: 'factoryops_commit_failures_total',
      help: 'Batches that could not be committed.',
      registers,
    }),
    sealFailures: new Counter({
      name: 'factoryops_seal_failures_total',
      help: 'Tries to seal or compact stored telemetry that failed; each is tried again.',
      registers,
    }),
    removedSamples: new Counter({
      name: 'factoryops_removed_samples_total',
      help: 'Rows of stored telemetry removed, by level (raw, 1m, 15m) and reason (age, budget).',
      labelNames: ['level', 'reason'],
      registers,
    }),
    segmentsVerified: new Counter({
      name: 'factoryops_segments_verified_total',
      help: 'Files of the history that were read whole and compared with the catalogue.',
      registers,
    }),
    segmentsQuarantined: new Gauge({
      name: 'factoryops_segments_quarantined',
      help: 'Files of the history that are damaged or missing, and out of the answers.',
      registers,
    }),
    pendingBytes: new Gauge({
      name: 'factoryops_pending_bytes',
      help: 'Bytes of messages received and not yet committed.',
      registers,
    }),
    connections: new Gauge({ name: 'factoryops_mqtt_connections', help: 'Open MQTT connections.', registers }),
    mqttDropped: new Counter({
      name: 'factoryops_mqtt_messages_dropped_total',
      help: 'Messages to MQTT clients that were given up, by reason (bound, expired).',
      labelNames: ['reason'],
      registers,
    }),
    connectionsRefused: new Counter({
      name: 'factoryops_mqtt_connections_refused_total',
      help: 'MQTT connections refused or ended by the broker, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    handshakesFailed: new Counter({
      name: 'factoryops_tls_handshakes_failed_total',
      help: 'TLS handshakes that failed, by listener (https, mqtts) and reason (tls_timeout, not_tls, …).',
      labelNames: ['listener', 'reason'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'factoryops_http_seconds',
      help: 'HTTP requests by method, route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    streams: new Gauge({ name: 'factoryops_streams', help: 'Open event streams.', registers }),
    clockTrusted: new Gauge({
      name: 'factoryops_clock_trusted',
      help: '1 while the clock is trusted, 0 while it is in doubt.',
      registers,
    }),
  };
}
