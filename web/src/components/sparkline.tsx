/** @file A curve the size of a word. */

const [width, height] = [72, 20];

/** Draws values from left to right, with gaps where a value is not finite. */
export function Sparkline({ values }: { readonly values: readonly (number | string)[] }) {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < 2) return null;
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const scale = high === low ? 0 : (height - 4) / (high - low);
  let path = "";
  let isGap = true;
  for (const [at, value] of values.entries()) {
    if (typeof value === "number") {
      const [x, y] = [(at / (values.length - 1)) * (width - 2) + 1, height - 2 - (value - low) * scale];
      path += `${isGap ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    isGap = typeof value !== "number";
  }
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label="curve">
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.25" />
    </svg>
  );
}
