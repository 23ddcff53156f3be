import type { QoS } from './session.ts';

interface Node<Subscriber> {
  readonly children: Map<string, Node<Subscriber>>;
  readonly here: Map<Subscriber, QoS>;
}

/** Who has subscribed to what, by the levels of the filters: a topic is matched without looking at every subscription. */
export interface SubscriptionTree<Subscriber> {
  /** In place of the one with the same filter (MQTT 3.1.1, 3.8.4-3). */
  add(filter: string, subscriber: Subscriber, qos: QoS): void;
  remove(filter: string, subscriber: Subscriber): void;
  /** Each subscriber once, with the highest QoS of its subscriptions that match (3.3.5-1). */
  match(topic: string): Map<Subscriber, QoS>;
}

export function createSubscriptionTree<Subscriber>(): SubscriptionTree<Subscriber> {
  const newNode = (): Node<Subscriber> => ({ children: new Map(), here: new Map() });
  const root = newNode();

  const collect = (node: Node<Subscriber> | undefined, found: Map<Subscriber, QoS>) => {
    for (const [subscriber, qos] of node?.here ?? []) {
      const known = found.get(subscriber);
      if (known === undefined || known < qos) found.set(subscriber, qos);
    }
  };
  const walk = (node: Node<Subscriber>, levels: readonly string[], depth: number, found: Map<Subscriber, QoS>) => {
    const level = levels[depth];
    const hidesFromWildcards = depth === 0 && level?.startsWith('$') === true;
    if (!hidesFromWildcards) collect(node.children.get('#'), found);
    if (level === undefined) return collect(node, found);
    for (const name of hidesFromWildcards ? [level] : [level, '+']) {
      const child = node.children.get(name);
      if (child !== undefined) walk(child, levels, depth + 1, found);
    }
  };

  return {
    add: (filter, subscriber, qos) => {
      let node = root;
      for (const level of filter.split('/')) {
        const child = node.children.get(level) ?? newNode();
        node.children.set(level, child);
        node = child;
      }
      node.here.set(subscriber, qos);
    },
    remove: (filter, subscriber) => {
      const path: [Node<Subscriber>, string][] = [];
      let node: Node<Subscriber> | undefined = root;
      for (const level of filter.split('/')) {
        path.push([node, level]);
        node = node.children.get(level);
        if (node === undefined) return;
      }
      node.here.delete(subscriber);
      for (const [parent, level] of path.reverse()) {
        const child = parent.children.get(level);
        if (child === undefined || child.here.size > 0 || child.children.size > 0) return;
        parent.children.delete(level);
      }
    },
    match: (topic) => {
      const found = new Map<Subscriber, QoS>();
      walk(root, topic.split('/'), 0, found);
      return found;
    },
  };
}
