/** Every tag that one of these has, by name, with how many have it. */
export function tagsOf(
  tagged: readonly { readonly tags: readonly string[] }[],
): readonly (readonly [tag: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { tags } of tagged) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].toSorted(([left], [right]) => left.localeCompare(right, 'en', { numeric: true }));
}
