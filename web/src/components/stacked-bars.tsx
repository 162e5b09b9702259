/** @file A stacked bar chart of sums, which is also a table with a column for each part. */

/** A part of the bars, in stacking order. */
export interface StackedPart {
  readonly title: string;
  /** A CSS custom property, such as `--accent`. */
  readonly color: string;
}

/** One bar. */
export interface StackedRow {
  readonly name: string;
  readonly values: readonly number[];
}

/** Horizontal stacked bars. */
export function StackedBars({
  label,
  rowTitle,
  parts,
  rows,
  text,
}: {
  readonly label: string;
  /** Heading of the row names. */
  readonly rowTitle: string;
  readonly parts: readonly StackedPart[];
  readonly rows: readonly StackedRow[];
  readonly text: (value: number) => string;
}) {
  const sums = rows.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const largest = Math.max(1, ...sums);
  return (
    <div class="scrolls">
      <table class="stacked">
        <caption class="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{rowTitle}</th>
            <th scope="col" class="wide">
              <span class="hidden">share</span>
            </th>
            {parts.map(({ title, color }) => (
              <th key={title} scope="col" class="number">
                <span class="swatch" style={{ background: `var(${color})` }} /> {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="wide">
                <span class="stack">
                  {values.map((value, at) => (
                    <span
                      key={parts[at]?.title}
                      style={{
                        width: `${(100 * value) / largest}%`,
                        background: `var(${parts[at]?.color ?? "--line"})`,
                      }}
                    />
                  ))}
                </span>
              </td>
              {values.map((value, at) => (
                <td key={parts[at]?.title} class="number">
                  {text(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
