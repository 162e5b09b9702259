/** @file A bar chart of sums, which is also a table. */

/** One bar. */
export interface BarRow {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  /** Value of a full-width bar; default: the largest value. */
  readonly most?: number;
}

/** Horizontal bars, each with its name and its sum as text. */
export function Bars({ label, rows }: { readonly label: string; readonly rows: readonly BarRow[] }) {
  const largest = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <table class="bars">
      <caption class="hidden">{label}</caption>
      <tbody>
        {rows.map(({ name, value, text, most = largest }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <span
                class={`track ${value > most ? "over" : ""}`}
                style={{ "--share": `${Math.min(100, (100 * value) / Math.max(1, most))}%` }}
              />
            </td>
            <td class="number">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
