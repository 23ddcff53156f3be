import { useLayoutEffect, useRef } from 'preact/hooks';
import type { FieldFault } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Fault } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Menu, MenuItem, Popover } from '../../components/menu.tsx';
import { text } from '../../text/rules.ts';
import { type DraftGroup, type DraftLeaf, type DraftNode, isGroup, newGroup, newLeaf } from './condition-draft.ts';
import { faultsOfGroup, faultsWithin, tokenOf } from './faults.ts';
import { LeafMenu, LeafSentence } from './leaf-row.tsx';
import type { ParameterChoice } from './parameter-choices.ts';
import type { Known } from './sentence.ts';
import { ChoiceToken } from './token.tsx';
import { addTo, besideOf, changeLeaf, changeMatch, duplicate, move, remove, unwrap, wrap } from './tree-edits.ts';

export interface ConditionEditorProps {
  readonly root: DraftGroup;
  readonly onRoot: (root: DraftGroup) => void;
  readonly known: Known;
  readonly choices: readonly ParameterChoice[];
  readonly pointers: ReadonlyMap<number, string>;
  readonly faults: readonly FieldFault[];
  /** What stands before the outermost "all of these". */
  readonly lead: preact.ComponentChildren;
}

type NodeProps = ConditionEditorProps & { readonly focus: (id: number, token?: string) => void };

const MATCHES = [
  ['all', text.match.all],
  ['any', text.match.any],
] as const;

const Match = ({ group, root, onRoot, isInner }: NodeProps & { group: DraftGroup; isInner: boolean }) => (
  <>
    <ChoiceToken
      token="match"
      label={text.matchLabel}
      choices={MATCHES}
      current={group.match}
      onChoose={(match) => onRoot(changeMatch(root, group.id, match))}
    />{' '}
    {isInner ? text.ofTheseNested : text.ofThese}
  </>
);

type Run = (act: () => void) => () => void;

/** What is done with a part as a whole. */
const Acts = ({ node, run, ...props }: NodeProps & { node: DraftNode; run: Run }) => {
  const { root, onRoot, focus } = props;
  const { id } = node;
  const shift = (step: -1 | 1) =>
    run(() => {
      onRoot(move(root, id, step));
      focus(id, 'menu');
    });
  return (
    <>
      <MenuItem onChoose={shift(-1)}>
        <span class="rl__up">
          <Icon name="chevron" small />
        </span>
        {text.moveUp}
      </MenuItem>
      <MenuItem onChoose={shift(1)}>
        <Icon name="chevron" small />
        {text.moveDown}
      </MenuItem>
      <MenuItem
        onChoose={run(() => {
          const wrapped = wrap(root, id);
          onRoot(wrapped.root);
          focus(wrapped.id);
        })}
      >
        <Icon name="book" small />
        {text.wrap}
      </MenuItem>
      {isGroup(node) && (
        <MenuItem
          onChoose={run(() => {
            onRoot(unwrap(root, id));
            const [first] = node.members;
            if (first !== undefined) focus(first.id);
          })}
        >
          <Icon name="zoomOut" small />
          {text.unwrap}
        </MenuItem>
      )}
      <MenuItem
        onChoose={run(() => {
          const copy = duplicate(root, id);
          onRoot(copy.root);
          focus(copy.id);
        })}
      >
        <Icon name="copy" small />
        {text.duplicate}
      </MenuItem>
      <MenuItem
        onChoose={run(() => {
          focus(besideOf(root, id));
          onRoot(remove(root, id));
        })}
      >
        <Icon name="trash" small />
        {text.removeCondition}
      </MenuItem>
    </>
  );
};

const Faults = ({ faults }: { faults: readonly FieldFault[] }) => (
  <>
    {faults.map(({ pointer, message }) => (
      <Fault key={pointer + message}>{message}</Fault>
    ))}
  </>
);

const LeafRow = ({ leaf, ...props }: NodeProps & { leaf: DraftLeaf }) => {
  const { root, onRoot, known, choices, pointers, faults, focus } = props;
  const base = pointers.get(leaf.id) ?? '';
  const own = faultsWithin(faults, base);
  const faulty = new Set(own.flatMap(({ pointer }) => tokenOf(leaf, base, pointer) ?? []));
  const onLeaf = (next: DraftLeaf) => onRoot(changeLeaf(root, next));
  return (
    <li class="rl__line" data-node={leaf.id}>
      <div class="rl__row">
        <LeafSentence leaf={leaf} known={known} choices={choices} faulty={faulty} onLeaf={onLeaf} />
        <LeafMenu leaf={leaf} known={known} onLeaf={onLeaf} onFocus={(token) => focus(leaf.id, token)}>
          {(run) => <Acts {...props} node={leaf} run={run} />}
        </LeafMenu>
      </div>
      <Faults faults={own} />
    </li>
  );
};

const GroupMenu = ({ group, ...props }: NodeProps & { group: DraftGroup }) => (
  <Popover
    button={(attributes) => (
      <button
        type="button"
        {...attributes}
        class="btn btn--icon btn--quiet btn--sm"
        data-token="menu"
        aria-label={text.conditionMore(`${text.match[group.match]} ${text.ofTheseNested}`)}
      >
        <Icon name="more" small />
      </button>
    )}
  >
    {(close) => (
      <Menu label={text.group}>
        <Acts
          {...props}
          node={group}
          run={(act) => () => {
            close();
            act();
          }}
        />
      </Menu>
    )}
  </Popover>
);

const Members = ({ group, ...props }: NodeProps & { group: DraftGroup }) => {
  const { root, onRoot, focus, pointers, faults } = props;
  const add = (added: DraftNode) => {
    onRoot(addTo(root, group.id, added));
    focus(isGroup(added) ? (added.members[0]?.id ?? added.id) : added.id, 'parameter');
  };
  return (
    <div class="rl__group">
      <Faults faults={faultsOfGroup(faults, pointers.get(group.id) ?? '-')} />
      <ul class="rl__members">
        {group.members.map((member) =>
          isGroup(member) ? (
            <li class="rl__line" key={member.id} data-node={member.id}>
              <div class="rl__row">
                <div class="rl__sentence">
                  <Match {...props} group={member} isInner />
                </div>
                <GroupMenu {...props} group={member} />
              </div>
              <Members {...props} group={member} />
            </li>
          ) : (
            <LeafRow {...props} key={member.id} leaf={member} />
          ),
        )}
      </ul>
      <span class="row row--wrap">
        <Button small look="quiet" icon="plus" aria-label={text.addCondition} onClick={() => add(newLeaf())}>
          {text.condition}
        </Button>
        <Button
          small
          look="quiet"
          icon="plus"
          aria-label={text.addGroup}
          onClick={() => add(newGroup(group.match === 'all' ? 'any' : 'all'))}
        >
          {text.group}
        </Button>
      </span>
    </div>
  );
};

const nodeOf = (element: Element): HTMLElement | null => element.closest<HTMLElement>('[data-node]');
const tokensIn = (line: Element): HTMLElement[] =>
  [...line.querySelectorAll<HTMLElement>('[data-token]')].filter((token) => nodeOf(token) === line);

/** Goes from word to word: left and right within a line, up and down between lines. */
function step(container: HTMLElement, from: HTMLElement, key: string): boolean {
  const line = nodeOf(from);
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    if (line === null || from instanceof HTMLInputElement) return false;
    const tokens = tokensIn(line);
    tokens[tokens.indexOf(from) + (key === 'ArrowRight' ? 1 : -1)]?.focus();
    return true;
  }
  const lines = [...container.querySelectorAll<HTMLElement>('[data-node]')];
  const at = line === null ? -1 : lines.indexOf(line);
  const to = lines[at + (key === 'ArrowDown' ? 1 : -1)];
  if (to !== undefined) tokensIn(to)[0]?.focus();
  return true;
}

/** A condition, built by clicking or by keyboard: groups of all and any, in each other, each comparison a sentence. */
export const ConditionEditor = (props: ConditionEditorProps) => {
  const { root, onRoot, lead } = props;
  const container = useRef<HTMLFieldSetElement>(null);
  const wanted = useRef<{ id: number; token: string | undefined } | undefined>(undefined);
  const focus = (id: number, token?: string) => {
    wanted.current = { id, token };
  };
  // Not an effect: one that is still to run for what was drawn before would take the wish, and find nothing.
  useLayoutEffect(() => {
    if (wanted.current === undefined || container.current === null) return;
    const { id, token } = wanted.current;
    wanted.current = undefined;
    const line = container.current.querySelector(`[data-node="${id}"]`) ?? container.current;
    const tokens = tokensIn(line);
    const found = tokens.find((one) => one.dataset.token === token) ?? tokens[0];
    const target = found ?? container.current.querySelector<HTMLElement>('[data-token]');
    target?.focus();
    if (target instanceof HTMLInputElement) target.select();
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const { target, key } = event;
    // What is open above the sentence has keys of its own.
    if (!(target instanceof HTMLElement) || container.current === null || target.closest('.pop') !== null) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target instanceof HTMLButtonElement && target.popoverTargetElement?.matches(':popover-open') === true) return;
    const isArrow = key.startsWith('Arrow');
    const id = Number(nodeOf(target)?.dataset.node);
    const isLine = nodeOf(target) !== null;
    if (isArrow && event.altKey) {
      if (!isLine || !(key === 'ArrowUp' || key === 'ArrowDown')) return;
      focus(id, target.dataset.token);
      onRoot(move(root, id, key === 'ArrowDown' ? 1 : -1));
    } else if (isArrow) {
      if (target.dataset.token === undefined || !step(container.current, target, key)) return;
    } else if (key === 'Delete' && isLine && !(target instanceof HTMLInputElement)) {
      focus(besideOf(root, id));
      onRoot(remove(root, id));
    } else return;
    event.preventDefault();
  };
  return (
    <fieldset class="rl__editor" ref={container} onKeyDown={onKeyDown} aria-label={text.condition}>
      <div class="rl__sentence">
        {lead} <Match {...props} focus={focus} group={root} isInner={false} />
      </div>
      <Members {...props} focus={focus} group={root} />
    </fieldset>
  );
};
