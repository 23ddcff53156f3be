import type { CommitReader } from '../historian/historian.ts';
import { createEngine } from './engine.ts';
import type { EngineAnswer, EngineOrder } from './engine-thread.ts';
import type { EngineOptions, EngineRows, EngineRule, SavedRule } from './engine-types.ts';
import { pack, unpack } from './packed-rule.ts';

export interface EngineSideParts {
  readonly options: EngineOptions;
  /** Opens what was committed; asked for when something has to be caught up with. */
  readonly openCommits: () => CommitReader;
  readonly answer: (answer: EngineAnswer, handed?: readonly ArrayBuffer[]) => void;
}

/** Reports are given after so many commits, that none wait for all of them. */
const COMMITS_AT_ONCE = 1_000;
const NOTHING: EngineRows = { length: 0, seriesIds: [], timestamps: [], values: [], texts: new Map() };

/** An engine, and what it does when it is told something. For a thread of its own: catching up takes seconds. */
export function createEngineSide({ options, openCommits, answer }: EngineSideParts): (order: EngineOrder) => void {
  const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
  const dropped = ({ id, version }: EngineRule, error: unknown) =>
    answer({ kind: 'dropped', ruleId: id, version, reason: reasonOf(error) });
  const engine = createEngine(options, dropped);
  /** Rules whose state may be later than what is being read: their own last commit. */
  const since = new Map<string, number>();

  const outcome = () => ({ reports: engine.reports(), figures: engine.figures });

  /** Whoever gives a snapshot has looked whether it is of this watch: of other things there may have been other versions. */
  const restored = ({ id, version }: EngineRule, bytes: Uint8Array | undefined): SavedRule | undefined => {
    try {
      return bytes && { ...unpack(bytes), version };
    } catch (error) {
      answer({ kind: 'unreadable', ruleId: id, reason: reasonOf(error) });
      return undefined;
    }
  };

  const setRule = ({ rule, saved, seq, now }: EngineOrder & { kind: 'rule' }) => {
    try {
      engine.setRule(rule, now, restored(rule, saved));
      since.set(rule.id, seq);
    } catch (error) {
      engine.dropRule(rule.id);
      dropped(rule, error);
    }
  };

  const catchUp = ({ after, until, factoryIds, remember, now }: EngineOrder & { kind: 'catch up' }) => {
    const reader = openCommits();
    try {
      reader.read((snapshot) => {
        if (remember !== null) {
          engine.remember(NOTHING, remember);
          for (const factoryId of factoryIds) {
            for (const page of snapshot.until(after, factoryId, remember)) engine.remember(page, remember);
          }
        }
        for (const factoryId of factoryIds) {
          let [commits, rows] = [0, 0];
          for (const commit of snapshot.commits(factoryId, after, until)) {
            engine.take(commit, now, (ruleId) => commit.seq > (since.get(ruleId) ?? 0));
            rows += commit.length;
            if (++commits % COMMITS_AT_ONCE !== 0) continue;
            answer({ kind: 'catching up', rows, ...outcome() });
            rows = 0;
          }
          answer({ kind: 'catching up', rows, ...outcome() });
        }
      });
    } finally {
      reader.close();
    }
    since.clear();
    answer({ kind: 'caught up', rows: 0, ...outcome() });
  };

  const save = (ruleId: string, seq: number) => {
    const saved = engine.save(ruleId);
    const packed = saved && { ruleId, version: saved.version, seq, state: pack(saved) };
    answer({ kind: 'saved', ruleId, saved: packed ?? null });
  };

  return (order) => {
    switch (order.kind) {
      case 'factory':
        return engine.setFactory(order.factory);
      case 'drop factory':
        return engine.dropFactory(order.factoryId);
      case 'known':
        return engine.setKnown(order.courses);
      case 'devices':
        for (const device of order.devices) engine.setDevice(device, order.now);
        return;
      case 'drop devices':
        for (const id of order.ids) engine.dropDevice(id);
        return;
      case 'rule':
        return setRule(order);
      case 'drop rule':
        return engine.dropRule(order.ruleId);
      case 'take':
        engine.take(order.rows, order.now);
        return answer({ kind: 'folded', rows: order.rows.length, ...outcome() });
      case 'catch up':
        return catchUp(order);
      case 'tick':
        engine.passTime(order.now);
        return answer({ kind: 'folded', rows: 0, ...outcome() });
      case 'hours':
        return engine.knowHours(order.ruleId, order.deviceId, order.parameter, order.hours);
      case 'save':
        return save(order.ruleId, order.seq);
      case 'explain': {
        const explanation = engine.explain(order.ruleId, order.deviceId, order.now) ?? null;
        return answer({ kind: 'explained', id: order.id, explanation });
      }
    }
  };
}
