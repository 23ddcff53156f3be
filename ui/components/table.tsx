import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { text } from '../text/common.ts';
import { Icon } from './icon.tsx';
import { rowWindow } from './row-window.ts';
import { type Sort, sortRows } from './sort-rows.ts';

/** Lists shorter than this are drawn whole. */
const VIRTUAL_FROM = 80;

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** What rows are sorted by; a column without it cannot be sorted. Rows without a value come last. */
  readonly sortBy?: (row: Row) => string | number | null;
  readonly isNumeric?: boolean;
  /** The head is read out, but not shown: for checkboxes and menus. */
  readonly hasHiddenLabel?: boolean;
  readonly class?: string;
}

/** Follows the scrolling of the page and says which rows are to be drawn. */
function useRowWindow(count: number, body: { readonly current: HTMLTableSectionElement | null }) {
  const [range, setRange] = useState({ start: 0, end: VIRTUAL_FROM, rowHeight: 0 });
  const isWhole = count < VIRTUAL_FROM;
  useLayoutEffect(() => {
    if (isWhole) return undefined;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const element = body.current;
      const rowHeight = element?.querySelector<HTMLElement>('tr[data-row]')?.getBoundingClientRect().height ?? 0;
      if (element === null || rowHeight === 0) return;
      const { top } = element.getBoundingClientRect();
      const { start, end } = rowWindow({ count, rowHeight, top, windowHeight: window.innerHeight });
      setRange((before) =>
        before.start === start && before.end === end && before.rowHeight === rowHeight
          ? before
          : { start, end, rowHeight },
      );
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    window.addEventListener('scroll', schedule, { passive: true });
    window.addEventListener('resize', schedule);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', schedule);
      window.removeEventListener('resize', schedule);
    };
  }, [count, isWhole, body]);
  if (isWhole) return { start: 0, end: count, rowHeight: 0 };
  const start = Math.min(range.start, count - 1);
  return { start, end: Math.max(start + 1, Math.min(range.end, count)), rowHeight: range.rowHeight };
}

/** False when the row is not drawn. Where rows are windowed the page has been scrolled to it already. */
function focusRow(body: HTMLTableSectionElement | null, index: number, preventScroll: boolean): boolean {
  const row = body?.querySelector<HTMLElement>(`tr[data-row="${index}"]`);
  row?.focus({ preventScroll });
  return row != null;
}

/** Which row has the focus, or something in it. */
function focusedIn(body: HTMLTableSectionElement | null): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('tr[data-row]');
  return row == null || body?.contains(row) !== true ? undefined : Number(row.dataset.row);
}

interface TableProps<Row> {
  /** Says what the rows are. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  /** Enter or a click on a row. */
  readonly onOpen?: (row: Row) => void;
  /** A key on a row, before the table takes it; true: it has been dealt with. `index` is that of the row. */
  readonly onKey?: (event: KeyboardEvent, row: Row, index: number) => boolean;
  /** The rows on the screen have changed. */
  readonly onShown?: (rows: readonly Row[]) => void;
  readonly rowClass?: (row: Row) => string;
  /** For column widths and the layout of the card. `table--fixed` gives columns their own widths and a head that stays. */
  readonly class?: string;
}

/** What a row has below a sticky head and above the bottom bar of a phone when the keyboard moves to it (px). */
const [ROOM_ABOVE, ROOM_BELOW] = [96, 72];

/**
 * A table of any length: only the rows near the screen exist. Arrows, Home and End move from row to row, Enter opens. All
 * rows have the same height. On a phone each row becomes a card. `columns` keep their identity from one drawing to the
 * next, so that rows are sorted only when they or the sort have changed.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, keyOf, sort, onSort, onOpen, onShown } = props;
  const rows = useMemo(
    () => sortRows(props.rows, columns, sort),
    [props.rows, columns, sort?.column, sort?.isDescending],
  );
  const body = useRef<HTMLTableSectionElement>(null);
  const { start, end, rowHeight } = useRowWindow(rows.length, body);
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const shown = rows.slice(start, end);

  const shownKeys = shown.map(keyOf).join(' ');
  useEffect(() => onShown?.(shown), [shownKeys]);
  useLayoutEffect(() => {
    // A row far away is drawn one frame after the page has been scrolled to it: until then the wish stands.
    if (wantsFocus.current) wantsFocus.current = !focusRow(body.current, active, rowHeight > 0);
  });

  const focused = focusedIn(body.current);
  // A row that goes with the focus, or what had it there, leaves it to the row that comes to its place.
  useLayoutEffect(() => {
    if (focused !== undefined && document.activeElement === document.body)
      focusRow(body.current, Math.min(focused, rows.length - 1), true);
  });

  const moveTo = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const top = body.current?.getBoundingClientRect().top ?? 0;
    if (rowHeight > 0) {
      const above = top + to * rowHeight - ROOM_ABOVE;
      const below = top + (to + 1) * rowHeight + ROOM_BELOW - window.innerHeight;
      if (above < 0) window.scrollBy(0, above);
      else if (below > 0) window.scrollBy(0, below);
    }
    setActive(to);
    wantsFocus.current = !focusRow(body.current, to, rowHeight > 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLTableRowElement)) return;
    // Keys come faster than drawings: the row that has the focus counts, not the one that was active when it was drawn.
    const at = Number(event.target.dataset.row);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      j: at + 1,
      k: at - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: at + 10,
      PageUp: at - 10,
    }[event.key];
    const row = rows[at];
    if (row !== undefined && props.onKey?.(event, row, at) === true) return event.preventDefault();
    // With them, letters are the browser's.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to !== undefined) moveTo(to);
    else if (event.key === 'Enter' && row !== undefined && onOpen !== undefined) onOpen(row);
    else return;
    event.preventDefault();
  };

  return (
    <div class="table-wrap">
      <table class={`table table--cards ${props.class ?? ''}`} aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {start > 0 && <tr class="table__gap" style={{ height: `${start * rowHeight}px` }} />}
          {shown.map((row, index) => (
            <tr
              key={keyOf(row)}
              data-row={start + index}
              aria-rowindex={start + index + 2}
              class={`${onOpen === undefined ? '' : 'is-link'} ${props.rowClass?.(row) ?? ''}`}
              {...(onOpen !== undefined && {
                tabIndex: start + index === Math.max(start, Math.min(active, end - 1)) ? 0 : -1,
                onFocus: () => setActive(start + index),
                onClick: (event: MouseEvent) => {
                  if (!(event.target as Element).closest('a, button, input, label, select')) onOpen(row);
                },
              })}
            >
              {columns.map(({ id, cell, isNumeric, ...column }) => (
                <td
                  key={id}
                  class={`${isNumeric === true ? 'num' : ''} ${column.class ?? ''}`}
                  {...(column.hasHiddenLabel !== true && { 'data-l': column.label })}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {end < rows.length && <tr class="table__gap" style={{ height: `${(rows.length - end) * rowHeight}px` }} />}
        </tbody>
      </table>
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const isSorted = sort?.column === column.id;
  const order = sort?.isDescending === true ? 'descending' : 'ascending';
  const canSort = column.sortBy !== undefined && onSort !== undefined;
  const content = <span class={column.hasHiddenLabel === true ? 'sr' : ''}>{column.label}</span>;
  return (
    <th
      scope="col"
      class={`${column.isNumeric === true ? 'num' : ''} ${column.class ?? ''}`}
      {...(isSorted && { 'aria-sort': order })}
    >
      {canSort ? (
        <button
          type="button"
          class="table__sort"
          title={text.sortBy(column.label)}
          onClick={() => onSort({ column: column.id, isDescending: isSorted && !sort.isDescending })}
        >
          {content}
          {isSorted && <Icon name="chevron" small />}
        </button>
      ) : (
        content
      )}
    </th>
  );
}
