/** What a sender has to be told. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  /** Undefined for senders that are admitted without. */
  readonly credential: { readonly username: string; readonly password: string } | undefined;
  /** By which CA it trusts the appliance: the file of its own one, or what the system knows. Undefined: without TLS. */
  readonly tls?: 'own_ca' | 'system' | undefined;
}

/** As the appliance names the file of its CA. */
export const CA_FILE = 'factoryops-ca.crt';

export const LANGUAGES = ['shell', 'python', 'node-red'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A host as MQTT clients want it: without the brackets that addresses of pages put around IPv6. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** The address leads back to the machine it is used on. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

const SHELL_TLS = { own_ca: [`--cafile ${CA_FILE}`], system: ['--tls-use-os-certs'] } as const;

const shell = ({ host, port, topic, credential, tls }: Target) =>
  [
    `mosquitto_pub -h ${host} -p ${port}`,
    ...(tls === undefined ? [] : SHELL_TLS[tls]),
    ...(credential === undefined ? [] : [`-u ${credential.username} -P ${credential.password}`]),
    `-t ${topic} -q 1`,
    `-m '{"metrics":{"voltage":231.4,"running":true}}'`,
  ].join(' \\\n  ');

const signInLines = ({ credential }: Target) =>
  credential === undefined
    ? ''
    : `client.username_pw_set(${JSON.stringify(credential.username)}, ${JSON.stringify(credential.password)})\n`;

const tlsLines = ({ tls }: Target) =>
  tls === undefined ? '' : `client.tls_set(${tls === 'own_ca' ? JSON.stringify(CA_FILE) : ''})\n`;

/** paho-mqtt 2.x: callbacks of version 2, and messages that wait until it is connected. */
const python = (target: Target) => `import json
import time

import paho.mqtt.client as mqtt


def on_connect(client, userdata, flags, reason_code, properties):
    print("refused:" if reason_code.is_failure else "connected:", reason_code)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
${signInLines(target)}${tlsLines(target)}client.connect(${JSON.stringify(target.host)}, ${target.port})
client.loop_start()

while True:
    message = {"metrics": {"voltage": 231.4, "running": True}}
    client.publish(${JSON.stringify(target.topic)}, json.dumps(message), qos=1)
    time.sleep(5)
`;

/** A flow for Import: every five seconds one message. The credential comes along; Node-RED keeps it encrypted. */
function nodeRed({ host, port, topic, credential, tls }: Target): string {
  const inject = {
    id: 'fo-inject',
    type: 'inject',
    name: 'every 5 s',
    props: [{ p: 'payload' }],
    repeat: '5',
    once: true,
    payload: '{"metrics":{"voltage":231.4,"running":true}}',
    payloadType: 'json',
    x: 140,
    y: 80,
    wires: [['fo-out']],
  };
  const out = { id: 'fo-out', type: 'mqtt out', topic, qos: '1', retain: 'false', broker: 'fo-broker' };
  const broker = {
    id: 'fo-broker',
    type: 'mqtt-broker',
    name: 'FactoryOps',
    broker: host,
    port: String(port),
    clientid: '',
    autoConnect: true,
    usetls: tls !== undefined,
    ...(tls !== undefined && { tls: 'fo-tls' }),
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
    ...(credential && { credentials: { user: credential.username, password: credential.password } }),
  };
  const trust = {
    id: 'fo-tls',
    type: 'tls-config',
    name: 'FactoryOps',
    ca: tls === 'own_ca' ? CA_FILE : '',
    verifyservercert: true,
  };
  const nodes = [inject, { ...out, name: 'FactoryOps', x: 360, y: 80, wires: [] }, broker];
  return JSON.stringify(tls === undefined ? nodes : [...nodes, trust], null, 2);
}

const MAKERS = { shell, python, 'node-red': nodeRed } as const;

/** A complete example to paste, with everything filled in. */
export const snippetOf = (language: Language, target: Target): string => MAKERS[language](target);

/** A piece of a snippet; what was filled in is shown in another colour. */
export interface Piece {
  readonly text: string;
  readonly isFilledIn: boolean;
}

/** Cuts a snippet at what was filled in. */
export function piecesOf(code: string, { host, port, topic, credential }: Target): readonly Piece[] {
  const values = [topic, credential?.username, credential?.password, host, String(port)];
  const pattern = values
    .filter((value) => value !== undefined)
    .map((value) => value.replace(/[^\w]/g, '\\$&'))
    .join('|');
  return code
    .split(new RegExp(`(?<![\\w.-])(${pattern})(?![\\w.-])`))
    .map((text, index) => ({ text, isFilledIn: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}
