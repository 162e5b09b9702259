/**
 * @file Backtest of the cost forecast on simulated ledgers with separate seeds: coverage of the 80 % interval, and its
 * width. `node bench/page/forecast.mjs [--ledgers 2000]`
 */
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";

const { values } = parseArgs({ options: { ledgers: { type: "string", default: "2000" } } });
const { simulateLedgers, spendingShapes, unseenShapes } = await tsImport(
  "../../test/support/simulated-ledgers.ts",
  import.meta.url,
);
const { forecastSpending } = await tsImport(
  "../../packages/tunewise/src/guard/spending-forecast.ts",
  import.meta.url,
);

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
console.log(
  "shape | days ahead | coverage | below | above | width / outcome | error of the median | of the mean day",
);
for (const shape of [...spendingShapes, ...unseenShapes]) {
  for (const ahead of [5, 15, 29]) {
    const found = simulateLedgers(shape, ahead, Number(values.ledgers), 23).map(({ history, rest }) => ({
      ...forecastSpending(history, ahead),
      // the trivial forecast: every day costs the average of past days
      mean:
        (history.days.reduce((sum, cost) => sum + cost, 0) / history.days.length) *
        (ahead + 1 - history.todayShare),
      rest,
    }));
    const share = (fits) => `${((100 * found.filter(fits).length) / found.length).toFixed(1)} %`;
    const percent = (value) => `${Math.round(100 * value)} %`;
    console.log(
      [
        ...[shape.name, ahead, share(({ rest, low, high }) => rest >= low && rest <= high)],
        ...[share(({ rest, low }) => rest < low), share(({ rest, high }) => rest > high)],
        percent(median(found.map(({ low, high, rest }) => (high - low) / rest))),
        percent(median(found.map(({ median: middle, rest }) => Math.abs(middle / rest - 1)))),
        percent(median(found.map(({ mean, rest }) => Math.abs(mean / rest - 1)))),
      ].join(" | "),
    );
  }
}
