/** @file Buttons for the previous and the next page. */

/** Position within the list. */
export interface PagerProps {
  readonly offset: number;
  /** Rows per page. */
  readonly rows: number;
  readonly total: number;
  readonly onTurn: (offset: number) => void;
}

/** Previous and next buttons; renders nothing if one page holds everything. */
export function Pager({ offset, rows, total, onTurn }: PagerProps) {
  if (total <= rows) return null;
  return (
    <>
      <button type="button" disabled={offset === 0} onClick={() => onTurn(Math.max(0, offset - rows))}>
        Previous
      </button>
      <button type="button" disabled={offset + rows >= total} onClick={() => onTurn(offset + rows)}>
        Next
      </button>
    </>
  );
}
