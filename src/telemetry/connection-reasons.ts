/**
 * What befell a connection: it came, it left as MQTT says (DISCONNECT), it was ended or broke, or something of it was
 * refused: to be let in, or a message for a factory that there is not.
 */
export type ConnectionKind = 'connected' | 'disconnected' | 'dropped' | 'refused';

/** All kinds, in the order in which people read them. */
export const CONNECTION_KINDS = ['refused', 'dropped', 'connected', 'disconnected'] as const satisfies ConnectionKind[];

interface Reason {
  readonly kind: ConnectionKind;
  /** What helps, where something does. */
  readonly remedy?: string;
}

const dropped = (remedy?: string): Reason => ({ kind: 'dropped', ...(remedy !== undefined && { remedy }) });
const refused = (remedy?: string): Reason => ({ kind: 'refused', ...(remedy !== undefined && { remedy }) });

/** Reasons as the log keeps them. What happened is said by each entry itself; what helps is the same for all of them. */
const REASONS: Readonly<Record<string, Reason>> = {
  connected: { kind: 'connected' },
  disconnected: { kind: 'disconnected' },
  appliance_stopped: { kind: 'disconnected' },

  left_without_goodbye: dropped(
    'The device was switched off or lost its network; if it is there, look at cable, Wi-Fi and its own restarts.',
  ),
  keepalive_timeout: dropped(
    'Let the device send a PINGREQ within its keepalive, or give it a longer one; if it hangs or its network is gone, that is the cause.',
  ),
  taken_over: dropped(
    'Give each device a client id of its own. If it is the same device, its network was interrupted and it came back.',
  ),
  topic_not_allowed: dropped(
    'Publish to factories/{slug}/devices/{key}/telemetry of a device that the credential names, or add the device to the credential.',
  ),
  credential_revoked: dropped('Make a new credential and put it into the device.'),
  factory_out_of_use: dropped('Ask the owner of the appliance to put the factory into use again.'),
  rights_ended: dropped(
    'A device: give it the new password. A program: make a new API key; this one has expired, or its maker has left.',
  ),
  ended_by_person: dropped(),
  reads_too_slowly: dropped(
    'Let the client read what it is sent: a program that waits for something else, or too thin a network, are the usual causes.',
  ),
  packet_too_large: dropped(
    'Send smaller messages: split samples over several messages. The limit is mqtt.max_frame_bytes.',
  ),
  packet_too_slow: dropped('The network stalls in the middle of a message: look at it, or send smaller messages.'),
  protocol_error: dropped(
    'The client does not speak MQTT 3.1.1 as the standard says: look at its library and version.',
  ),
  too_many_unreleased: dropped('Use QoS 1: its messages are stored as safely, and need half the packets.'),
  store_failed: dropped(
    'Nothing is lost that the device keeps: it sends again. See doctor for the disk of the appliance.',
  ),

  not_mqtt: refused('Another protocol came to the MQTT port: TLS to a plain port, or HTTP. Look at port and address.'),
  no_connect: refused(
    'Something opened the port and stayed silent: a port scan, or a device that expects TLS or greets late.',
  ),
  wrong_password: refused('Look at the password in the device, or make a new credential: it is shown only once.'),
  unknown_username: refused('Use {slug}/{name} as "Credentials" lists it, letter by letter.'),
  bad_credentials: refused('Use a device credential, {slug}/{name}; or api-key with an API key as the password.'),
  too_many_attempts: refused('Stop the device for a minute, mend its password, and start it again.'),
  anonymous_not_allowed: refused('Give the device a credential: user name and password.'),
  bad_client_id: refused('Give the client an id of 1 to 256 characters; without one it must ask for a clean session.'),
  will_not_allowed: refused('Set the will to a telemetry topic of its own device, or leave it out.'),
  certificate_required: refused('Give the device a certificate: Settings, Certificates (mqtt.client_certificates).'),
  certificate_unknown: refused('Give the device a certificate that this appliance has made for it.'),
  certificate_expired: refused('Make the device a new certificate: Settings, Certificates.'),
  certificate_revoked: refused('Make the device a new certificate, if it is to come back.'),
  certificate_of_another: refused('Leave the user name out, or take that of the credential of the certificate.'),
  not_tls: refused('Switch TLS on in the device, or send it to the plain MQTT port.'),
  tls_not_trusted: refused('Put the CA of this appliance into the device: Settings, Certificates.'),
  tls_given_up: refused('Mostly the device does not trust the certificate: put the CA of this appliance into it.'),
  tls_version: refused('Let the device speak TLS 1.2 or 1.3.'),
  tls_suite: refused('Let the device offer a suite with forward secrecy, such as ECDHE with AES-GCM.'),
  tls_timeout: refused('Look at the network, or at what the device does during the handshake.'),
  tls_too_many: refused('Many connect at once and do not get on: look at who they are (tls.max_handshakes).'),
  store_unavailable: refused(
    'The device keeps its messages and comes again. See doctor for the disk of the appliance.',
  ),
  factory_archived: refused('Ask the owner of the appliance to put the factory into use again.'),
  too_many_connections: refused('End connections that nobody needs, or raise mqtt.max_connections.'),
  too_many_sessions: refused('Let clients use clean sessions, or raise mqtt.max_sessions.'),
  unknown_factory: refused('Look at the second part of the topic: it is the slug of the factory.'),
  not_retained: refused('Remove retained messages that nobody needs, or raise mqtt.max_retained_messages.'),
};

/** The kind of what happened for a reason; one that is not known here stands for something that was refused. */
export const kindOf = (reason: string): ConnectionKind => REASONS[reason]?.kind ?? 'refused';

/** What a person can do about it; null where there is nothing to do, or nothing known. */
export const remedyOf = (reason: string): string | null => REASONS[reason]?.remedy ?? null;
