/** @file A virtualized table: only rows near the viewport are rendered, but the keyboard reaches all of them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Height of a row in pixels; equals `--row` of the design tokens. */
const rowHeight = 32;
/** Extra rows rendered around the viewport, so that scrolling shows no gap. */
const spareRows = 8;

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly title: string;
  /** CSS width. */
  readonly width: string;
  readonly isNumber?: boolean;
  readonly sorted?: "ascending" | "descending" | undefined;
  /** Called to sort by this column; `isMore`: in addition to the current order. */
  readonly onSort?: (isMore: boolean) => void;
  /** Called to move the column by a number of positions. */
  readonly onMove?: (by: number) => void;
}

/** Props of a table. */
export interface DataTableProps {
  readonly label: string;
  readonly columns: readonly TableColumn[];
  readonly total: number;
  readonly cell: (row: number, column: string) => ComponentChildren;
  /** Called with the rows to show; `to` is exclusive. */
  readonly onShown: (from: number, to: number) => void;
  readonly onOpen?: (row: number) => void;
  readonly onSelect?: (row: number, isRange: boolean) => void;
  readonly isSelected?: (row: number) => boolean;
  /** Number of rows at the top that do not scroll. */
  readonly pinned?: number;
  readonly pinnedCell?: (row: number, column: string) => ComponentChildren;
}

/** An ARIA grid. @source WAI-ARIA Authoring Practices, grid pattern */
export function DataTable(props: DataTableProps) {
  const { label, columns, total, pinned = 0, onShown, cell, pinnedCell, isSelected } = props;
  const focused = useSignal(0);
  const { scroller, shown, measure } = useShown(total, onShown);
  const focusOn = (row: number): void => {
    const element = scroller.current;
    if (!element || total === 0) return;
    focused.value = Math.min(Math.max(0, row), total - 1);
    const top = focused.value * rowHeight;
    const space = element.clientHeight - rowHeight * (2 + pinned);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + space) element.scrollTop = top - space;
    measure();
    requestAnimationFrame(() =>
      element.querySelector<HTMLElement>(`[data-row="${focused.value}"]`)?.focus({ preventScroll: true }),
    );
  };
  const template = { gridTemplateColumns: columns.map(({ width }) => width).join(" ") };
  const [from, to] = shown.value;
  const rows = Array.from({ length: Math.max(0, Math.min(to, total) - from) }, (_, at) => from + at);
  return (
    <div
      class="data-table"
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      ref={scroller}
      style={{ height: `min(max(18rem, 100vh - 19rem), ${(total + 1 + pinned) * rowHeight + 18}px)` }}
      onScroll={measure}
    >
      <div class="body" role="rowgroup" style={{ height: `${(total + 1 + pinned) * rowHeight}px` }}>
        <div class="line head" role="row" aria-rowindex={1} style={template}>
          {columns.map((column, at) => (
            <HeadCell key={column.name} column={column} at={at} />
          ))}
        </div>
        {Array.from({ length: pinned }, (_, row) => (
          <div
            key={`pinned ${row}`}
            class="line pinned"
            role="row"
            style={{ ...template, top: `${(row + 1) * rowHeight}px` }}
          >
            <Cells columns={columns} cell={(name) => pinnedCell?.(row, name)} />
          </div>
        ))}
        {rows.map((row) => (
          <div
            key={row}
            class="line"
            role="row"
            data-row={row}
            aria-rowindex={row + 2}
            aria-selected={isSelected?.(row) ?? false}
            tabIndex={row === focused.value ? 0 : -1}
            style={{ ...template, transform: `translateY(${(row + 1 + pinned) * rowHeight}px)` }}
            onFocus={() => {
              focused.value = row;
            }}
            onKeyDown={(event) => onKey(event, row, props, focusOn, scroller.current)}
            onDblClick={() => props.onOpen?.(row)}
          >
            <Cells columns={columns} cell={(name) => cell(row, name)} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** Tracks the visible rows, and reports changes. */
function useShown(total: number, onShown: DataTableProps["onShown"]) {
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useSignal<readonly [from: number, to: number]>([0, 40]);
  const measure = (): void => {
    const element = scroller.current;
    if (!element) return;
    const from = Math.max(0, Math.floor(element.scrollTop / rowHeight) - spareRows);
    const to = Math.min(total, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + spareRows);
    const [oldFrom, oldTo] = shown.value;
    if (from !== oldFrom || to !== oldTo) shown.value = [from, to];
    onShown(from, to);
  };
  useLayoutEffect(measure, [total, onShown]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [total, onShown]);
  return { scroller, shown, measure };
}

function Cells({
  columns,
  cell,
}: {
  readonly columns: readonly TableColumn[];
  readonly cell: (column: string) => ComponentChildren;
}) {
  return (
    <>
      {columns.map(({ name, isNumber }, at) => (
        <div key={name} role="gridcell" aria-colindex={at + 1} class={isNumber ? "number" : ""}>
          {cell(name)}
        </div>
      ))}
    </>
  );
}

function HeadCell({ column, at }: { readonly column: TableColumn; readonly at: number }) {
  const { title, isNumber, sorted, onSort, onMove } = column;
  return (
    <div
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={sorted ?? (onSort ? "none" : undefined)}
      class={isNumber ? "number" : ""}
    >
      {onSort ? (
        <button
          type="button"
          class="plain"
          title={`Sort by ${title}; with Shift beside the present order; Alt and an arrow move the column`}
          onClick={(event) => onSort(event.shiftKey)}
          onKeyDown={(event) => {
            const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (!event.altKey || by === undefined || !onMove) return;
            event.preventDefault();
            onMove(by);
          }}
        >
          {title}
          {sorted === "ascending" ? " ▲" : sorted === "descending" ? " ▼" : ""}
        </button>
      ) : (
        <span class="quiet">{title}</span>
      )}
    </div>
  );
}

function onKey(
  event: TargetedKeyboardEvent<HTMLElement>,
  row: number,
  { total, onOpen, onSelect }: DataTableProps,
  focusOn: (row: number) => void,
  scroller: HTMLElement | null,
): void {
  if (event.target !== event.currentTarget) return; // Elements inside a cell handle their own keys.
  const screen = Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / rowHeight) - 2);
  const to = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + screen,
    PageUp: row - screen,
    Home: 0,
    End: total - 1,
  }[event.key];
  if (to !== undefined) focusOn(to);
  else if (event.key === "Enter") onOpen?.(row);
  else if (event.key === " ") onSelect?.(row, event.shiftKey);
  else return;
  event.preventDefault();
}
