import type { Sql, SqlReads } from '../store/store.ts';
import type { Message, Outgoing, QoS, Session } from './session.ts';

/** A retained message, and the factory it is of: null for a topic that all factories share. */
export interface RetainedMessage extends Pick<Message, 'topic' | 'payload' | 'qos'> {
  readonly factoryId: number | null;
}

/** Brings a session's row to its state; its messages go with it. */
export const writeSession = (session: Session) => (sql: Sql) => {
  if (session.isGone) return void sql.run('delete from main.mqtt_sessions where id = ?', session.id);
  sql.run(
    `insert into main.mqtt_sessions (id, factory_id, client_id, credential_id, subscriptions, incoming, away_since)
     values (?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set subscriptions = excluded.subscriptions, incoming = excluded.incoming,
       away_since = excluded.away_since`,
    session.id,
    session.owner.factoryId,
    session.clientId,
    session.owner.credentialId,
    JSON.stringify(Object.fromEntries(session.subscriptions)),
    JSON.stringify([...session.incoming]),
    session.awaySince,
  );
};

/** Brings a message's row to its state. */
export const writeMessage = (session: Session, message: Outgoing) => (sql: Sql) => {
  if (session.isGone) return;
  if (message.isGone) {
    return void sql.run('delete from main.mqtt_messages where session_id = ? and seq = ?', session.id, message.seq);
  }
  sql.run(
    `insert into main.mqtt_messages
       (session_id, factory_id, seq, topic, payload, qos, retain, message_id, is_released, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set message_id = excluded.message_id, is_released = excluded.is_released`,
    session.id,
    session.owner.factoryId,
    message.seq,
    message.topic,
    message.payload,
    message.qos,
    message.retain ? 1 : 0,
    message.messageId,
    message.isReleased ? 1 : 0,
    message.expiresAt,
  );
};

/** Keeps a retained message in place of the last one of its topic; null takes that away. */
export const writeRetained = (topic: string, message: RetainedMessage | null) => (sql: Sql) => {
  if (message === null) return void sql.run('delete from main.mqtt_retained where topic = ?', topic);
  sql.run(
    'insert or replace into main.mqtt_retained (factory_id, topic, payload, qos) values (?, ?, ?, ?)',
    message.factoryId,
    topic,
    message.payload,
    message.qos,
  );
};

interface SessionRow {
  readonly id: number;
  readonly factoryId: number | null;
  readonly clientId: string;
  readonly credentialId: string;
  readonly subscriptions: string;
  readonly incoming: string;
  readonly awaySince: number | null;
}

interface MessageRow {
  readonly sessionId: number;
  readonly seq: number;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 1 | 2;
  readonly retain: 0 | 1;
  readonly messageId: number | null;
  readonly isReleased: 0 | 1;
  readonly expiresAt: number | null;
}

/**
 * What the last run has left: sessions with their messages in order, those away for the longest first. Sessions of a
 * credential that has gone since are not among them.
 */
export function readSessions(sql: SqlReads, now: number): Session[] {
  const sessions = new Map<number, Session>();
  for (const row of sql.all<SessionRow>(
    `select id, factory_id as factoryId, client_id as clientId, credential_id as credentialId, subscriptions, incoming,
            away_since as awaySince
     from mqtt_sessions
     where credential_id = '' or credential_id in (select id from device_credentials)
       or credential_id in (select id from api_keys)
     order by away_since is null, away_since, id`,
  )) {
    sessions.set(row.id, {
      id: row.id,
      clientId: row.clientId,
      owner: { factoryId: row.factoryId, credentialId: row.credentialId },
      isDurable: true,
      subscriptions: new Map(Object.entries(JSON.parse(row.subscriptions) as Record<string, QoS>)),
      waiting: [],
      inFlight: new Map(),
      incoming: new Set(JSON.parse(row.incoming) as number[]),
      connection: undefined,
      awaySince: row.awaySince ?? now,
      lastMessageId: 0,
      lastSeq: 0,
      isGone: false,
    });
  }
  for (const row of sql.all<MessageRow>(
    `select session_id as sessionId, seq, topic, payload, qos, retain, message_id as messageId,
            is_released as isReleased, expires_at as expiresAt
     from mqtt_messages order by session_id, seq`,
  )) {
    const session = sessions.get(row.sessionId);
    if (session === undefined) continue;
    const message: Outgoing = {
      ...row,
      retain: row.retain === 1,
      isReleased: row.isReleased === 1,
      mayGo: true,
      sentOn: undefined,
      // Whether it was, nobody knows any more.
      wasSent: row.messageId !== null,
      isGone: false,
    };
    session.lastSeq = row.seq;
    if (row.messageId === null) session.waiting.push(message);
    else session.inFlight.set(row.messageId, message);
  }
  return [...sessions.values()];
}

/** Retained messages of the last run. */
export const readRetained = (sql: SqlReads): RetainedMessage[] =>
  sql.all<RetainedMessage>('select factory_id as factoryId, topic, payload, qos from mqtt_retained');
