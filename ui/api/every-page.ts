interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** The largest page that the API gives. */
const LIMIT = 500;

/** All items of a list, page by page. `ask` is given the query of each page. @throws what `ask` throws */
export async function everyPage<Item>(
  ask: (query: { readonly limit: number; readonly cursor?: string }) => Promise<ListPage<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: ListPage<Item> = await ask({ limit: LIMIT, ...(cursor !== null && { cursor }) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}
