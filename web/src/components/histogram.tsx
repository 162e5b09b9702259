/** @file A histogram of costs, also described in text and as a table. */
import { fineMoneyText } from "../format.ts";

/** Bins of equal width; see the plan's distribution. */
export interface Distribution {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

const [width, height, bottom] = [400, 120, 96];

/** Bars over dollars, with lines at the median and P90. */
export function Histogram({
  distribution: { from, to, counts },
  p50,
  p90,
}: {
  readonly distribution: Distribution;
  readonly p50: number;
  readonly p90: number;
}) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...counts);
  const bin = width / counts.length;
  const x = (money: number): number =>
    to === from ? width / 2 : Math.min(width, Math.max(0, (width * (money - from)) / (to - from)));
  const edge = (at: number): number => from + (at * (to - from)) / counts.length;
  const sentence =
    to === from
      ? `All ${all.toLocaleString("en-US")} simulated outcomes cost ${fineMoneyText(from)}.`
      : `Of ${all.toLocaleString("en-US")} simulated outcomes half cost at most ${fineMoneyText(p50)}, ` +
        `nine of ten at most ${fineMoneyText(p90)}; 98 of 100 lie between ${fineMoneyText(from)} ` +
        `and ${fineMoneyText(to)}.`;
  return (
    <figure class="histogram">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={sentence}>
        {counts.map((count, at) => (
          <rect
            key={edge(at)}
            x={at * bin + 0.5}
            width={bin - 1}
            y={bottom - (bottom * count) / most}
            height={(bottom * count) / most}
          />
        ))}
        {to > from &&
          [
            { name: "P50", money: p50 },
            { name: "P90", money: p90 },
          ].map(({ name, money }) => (
            <g key={name}>
              <line x1={x(money)} x2={x(money)} y1={0} y2={bottom} />
              <text
                x={x(money)}
                y={height - 8}
                text-anchor={x(money) > width - 40 ? "end" : x(money) < 40 ? "start" : "middle"}
              >
                {name}
              </text>
            </g>
          ))}
      </svg>
      <figcaption>
        {sentence}
        {to > from && <BinTable counts={counts} edge={edge} />}
      </figcaption>
    </figure>
  );
}

function BinTable({
  counts,
  edge,
}: {
  readonly counts: readonly number[];
  readonly edge: (at: number) => number;
}) {
  return (
    <details>
      <summary>As a table</summary>
      <table>
        <thead>
          <tr>
            <th>total cost</th>
            <th class="number">outcomes</th>
          </tr>
        </thead>
        <tbody>
          {counts.map((count, at) => (
            <tr key={edge(at)}>
              <td>
                {at === 0 ? "up" : fineMoneyText(edge(at))} to{" "}
                {at === counts.length - 1 ? "any more" : fineMoneyText(edge(at + 1))}
              </td>
              <td class="number">{count.toLocaleString("en-US")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
