/** @file A curve in one line of text. */

const BARS = "▁▂▃▄▅▆▇█";

/** The last `columns` values as bars scaled between their min and max; non-finite values are shown as `·`. */
export function sparkline(values: readonly number[], columns: number): string {
  const shown = values.slice(-columns);
  const finite = shown.filter(Number.isFinite);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return "·";
      const share = span > 0 ? (value - low) / span : 0;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join("");
}
