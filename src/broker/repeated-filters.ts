import type { Client, Subscription } from 'aedes';

interface Parser {
  readonly packet: { readonly subscriptions?: { topic: unknown }[] };
  _parseSubscribe(): void;
}

/**
 * Has SUBACK answer every filter of a SUBSCRIBE (MQTT 3.1.1, 3.8.4-5), also one that stands there twice: Aedes, which
 * compares filters as map keys, would leave it out. As an object of its own, an equal text is another key.
 */
export function answerRepeatedFilters(client: Client): void {
  const { _parser: parser } = client as unknown as { readonly _parser: Parser };
  const parse = parser._parseSubscribe;
  parser._parseSubscribe = function (this: Parser) {
    parse.call(this);
    const seen = new Set<unknown>();
    for (const subscription of this.packet.subscriptions ?? []) {
      if (seen.has(subscription.topic)) subscription.topic = Object(subscription.topic);
      seen.add(subscription.topic);
    }
  };
}

/** The filter of a subscription as a text, which it is not where it stood twice. */
export const filterOf = ({ topic }: Subscription): string => String(topic);
