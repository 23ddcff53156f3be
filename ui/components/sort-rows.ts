export interface Sort {
  readonly column: string;
  readonly isDescending: boolean;
}

interface SortedColumn<Row> {
  readonly id: string;
  readonly sortBy?: (row: Row) => string | number | null;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows in the order asked for; equal ones stay as they are, and rows without a value come last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly SortedColumn<Row>[],
  sort: Sort | undefined,
): readonly Row[] {
  const by = columns.find(({ id }) => id === sort?.column)?.sortBy;
  if (by === undefined) return rows;
  const direction = sort?.isDescending === true ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [by(left), by(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return (
      direction * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)))
    );
  });
}
