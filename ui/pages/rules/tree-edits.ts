import {
  type DraftGroup,
  type DraftLeaf,
  type DraftNode,
  isGroup,
  newGroup,
  newId,
  newLeaf,
} from './condition-draft.ts';

/** What is done to a condition by clicking. All of it makes a new tree; parts that are not touched stay the same objects. */

const withMembers = (group: DraftGroup, members: readonly DraftNode[]): DraftGroup => ({ ...group, members });

/** Where a part is: its group, and its place in it. */
function placeOf(root: DraftGroup, id: number): { readonly group: DraftGroup; readonly place: number } | undefined {
  const place = root.members.findIndex((member) => member.id === id);
  if (place >= 0) return { group: root, place };
  for (const member of root.members) {
    const found = isGroup(member) ? placeOf(member, id) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The part with this id. */
function partOf(root: DraftGroup, id: number): DraftNode | undefined {
  if (root.id === id) return root;
  const found = placeOf(root, id);
  return found?.group.members[found.place];
}

/** Puts others in the place of a part. */
function replaced(root: DraftGroup, id: number, others: readonly DraftNode[]): DraftGroup {
  let isTouched = false;
  const members = root.members.flatMap((member): readonly DraftNode[] => {
    if (member.id === id) {
      isTouched = true;
      return others;
    }
    if (!isGroup(member)) return [member];
    const inner = replaced(member, id, others);
    isTouched ||= inner !== member;
    return [inner];
  });
  return isTouched ? withMembers(root, members) : root;
}

const changedGroup = (root: DraftGroup, id: number, change: (group: DraftGroup) => DraftGroup): DraftGroup => {
  if (root.id === id) return change(root);
  const group = partOf(root, id);
  return group !== undefined && isGroup(group) ? replaced(root, id, [change(group)]) : root;
};

/** Says something else of a comparison. */
export const changeLeaf = (root: DraftGroup, leaf: DraftLeaf): DraftGroup => replaced(root, leaf.id, [leaf]);

/** Whether all of a group's members have to hold, or any. */
export const changeMatch = (root: DraftGroup, id: number, match: 'all' | 'any'): DraftGroup =>
  changedGroup(root, id, (group) => ({ ...group, match }));

/** Adds at the end of a group. */
export const addTo = (root: DraftGroup, groupId: number, added: DraftNode): DraftGroup =>
  changedGroup(root, groupId, (group) => withMembers(group, [...group.members, added]));

/** Takes a part away, and groups that are empty then. The outermost group keeps one comparison, to be filled in. */
export function remove(root: DraftGroup, id: number): DraftGroup {
  const parent = placeOf(root, id)?.group;
  if (parent === undefined) return root;
  if (parent.members.length > 1) return replaced(root, id, []);
  return parent.id === root.id ? withMembers(root, [newLeaf()]) : remove(root, parent.id);
}

const copied = (node: DraftNode): DraftNode =>
  isGroup(node) ? { ...node, id: newId(), members: node.members.map(copied) } : { ...node, id: newId() };

/** Puts a copy behind a part. @returns the copy's id, too */
export function duplicate(root: DraftGroup, id: number): { readonly root: DraftGroup; readonly id: number } {
  const part = partOf(root, id);
  if (part === undefined || part.id === root.id) return { root, id };
  const copy = copied(part);
  return { root: replaced(root, id, [part, copy]), id: copy.id };
}

/** Puts a group around a part, in which others can be added. It asks for the other thing than the group outside. */
export function wrap(root: DraftGroup, id: number): { readonly root: DraftGroup; readonly id: number } {
  const found = placeOf(root, id);
  const part = found?.group.members[found.place];
  if (found === undefined || part === undefined) return { root, id };
  const group = newGroup(found.group.match === 'all' ? 'any' : 'all', [part]);
  return { root: replaced(root, id, [group]), id: group.id };
}

/** Takes a group apart: its members stand where it was. */
export function unwrap(root: DraftGroup, id: number): DraftGroup {
  const part = partOf(root, id);
  return part !== undefined && isGroup(part) && part.id !== root.id ? replaced(root, id, part.members) : root;
}

/** Puts a part before or behind another one; groups that are empty then go. */
function put(root: DraftGroup, part: DraftNode, beside: number, isBehind: boolean): DraftGroup {
  const without = remove(root, part.id);
  const other = partOf(without, beside);
  if (other === undefined) return root;
  return replaced(without, beside, isBehind ? [other, part] : [part, other]);
}

/**
 * Moves a part up (-1) or down (1) by one line, as it is read: past its neighbour, into a group that is its neighbour, or
 * out of its own group at the edge. The same tree where there is nowhere to go.
 */
export function move(root: DraftGroup, id: number, step: -1 | 1): DraftGroup {
  const found = placeOf(root, id);
  if (found === undefined) return root;
  const { group, place } = found;
  const part = group.members[place];
  const neighbour = group.members[place + step];
  if (part === undefined) return root;
  if (neighbour === undefined) {
    if (group.id === root.id) return root;
    // The last one of its group: the group itself is what moves, and goes.
    if (group.members.length === 1) return replaced(root, group.id, [part]);
    return put(root, part, group.id, step === 1);
  }
  if (!isGroup(neighbour)) return put(root, part, neighbour.id, step === 1);
  const [first, last] = [neighbour.members[0], neighbour.members.at(-1)];
  const beside = step === 1 ? first : last;
  return beside === undefined ? root : put(root, part, beside.id, step === -1);
}

/** The comparison that takes the focus when a part goes: the one that is read next, or else the one before. */
export function besideOf(root: DraftGroup, id: number): number {
  const { group, place } = placeOf(root, id) ?? { group: root, place: 0 };
  const next = group.members[place + 1] ?? group.members[place - 1];
  if (next !== undefined) return next.id;
  return group.id === root.id ? root.id : besideOf(root, group.id);
}
