/** @file Buttons to the page before and the page after. */

/** What is shown of how much. */
export interface PagerProps {
  readonly offset: number;
  /** Rows of a page. */
  readonly rows: number;
  readonly total: number;
  readonly onTurn: (offset: number) => void;
}

/** Both buttons; nothing where one page holds all. */
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
