/** A rule of the demo, as a client would send it (`rules/definition.ts`). */
export interface DemoRule {
  readonly name: string;
  readonly guidance: string;
  readonly tags: readonly string[];
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly condition: object;
  readonly levels?: readonly {
    readonly severity: 'low' | 'medium' | 'high' | 'critical';
    readonly condition: object;
  }[];
  readonly cooldown_seconds?: number;
  readonly keep_firing_seconds?: number;
  readonly schedule?: object;
}

/**
 * What a plant like the demo's would watch. The press's failure trips the first a few minutes after the start, and the
 * worn bearing of a pump the second at once.
 */
export const DEMO_RULES: readonly DemoRule[] = [
  {
    name: 'Press loses its working temperature',
    guidance:
      'Look for a leak of hydraulic oil, then at the heater. Below 45 °C stop the press: cold oil damages its pump.',
    tags: ['press'],
    severity: 'high',
    condition: { parameter: 'temperature', operator: 'lt', value: 68, hysteresis: 4, for_seconds: 15 },
    levels: [
      {
        severity: 'critical',
        condition: { parameter: 'temperature', operator: 'lt', value: 45, hysteresis: 4, for_seconds: 15 },
      },
    ],
    keep_firing_seconds: 120,
  },
  {
    name: 'Vibration too high',
    guidance: 'Above 4.5 mm/s plan a new bearing (ISO 10816); above 7.1 mm/s stop the machine.',
    tags: ['pump', 'motor'],
    severity: 'medium',
    condition: {
      all: [
        { parameter: 'running', operator: 'eq', value: true },
        { parameter: 'vibration', operator: 'gt', value: 4.5, aggregate: 'avg', window_seconds: 60, hysteresis: 0.3 },
      ],
    },
    levels: [
      {
        severity: 'critical',
        condition: { parameter: 'vibration', operator: 'gt', value: 7.1, hysteresis: 0.3, for_seconds: 10 },
      },
    ],
    keep_firing_seconds: 120,
    cooldown_seconds: 300,
  },
  {
    name: 'Bearing hot',
    guidance: 'Grease the bearing. If it stays hot, plan a new one.',
    tags: ['pump'],
    severity: 'high',
    condition: { parameter: 'bearing_temperature', operator: 'gt', value: 75, hysteresis: 3, for_seconds: 60 },
    cooldown_seconds: 600,
  },
  {
    name: 'Air pressure low',
    guidance: 'Look for a leak in the network, or start the second compressor.',
    tags: ['compressor'],
    severity: 'high',
    condition: {
      all: [
        { parameter: 'running', operator: 'eq', value: true },
        { parameter: 'pressure', operator: 'lt', value: 6.3, hysteresis: 0.2, for_seconds: 60 },
      ],
    },
  },
  {
    name: 'Mains voltage out of range',
    guidance: 'Call the grid operator when it lasts: 230 V ±10 % is what EN 50160 promises.',
    tags: ['meter'],
    severity: 'medium',
    condition: { parameter: 'voltage', operator: 'outside', low: 207, high: 253, hysteresis: 1, for_seconds: 10 },
  },
  {
    name: 'Load unlike this hour',
    guidance: 'Something runs that should not, or stands still that should run.',
    tags: ['meter'],
    severity: 'low',
    condition: { parameter: 'power', operator: 'deviates', sigmas: 6, aggregate: 'avg', window_seconds: 900 },
    cooldown_seconds: 3600,
  },
  {
    name: 'Motor stops often',
    guidance: 'Five stops in an hour: look at the line behind it.',
    tags: ['motor'],
    severity: 'low',
    condition: {
      operator: 'occurrences',
      of: { parameter: 'state', operator: 'eq', value: 'stopped' },
      count: 5,
      window_seconds: 3600,
    },
    schedule: { timezone: 'factory', windows: [{ days: [1, 2, 3, 4, 5], from: '06:00', to: '22:00' }] },
  },
  {
    name: 'Machine does not report',
    guidance: 'Is it switched off for the weekend? Otherwise look at its network and its gateway.',
    tags: ['press', 'motor', 'pump', 'compressor'],
    severity: 'medium',
    condition: { parameter: 'running', operator: 'no_data', for_seconds: 120 },
  },
];
