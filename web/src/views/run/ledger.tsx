/** @file The cost of a run, entry by entry, with the source of each price. */

import { Scroller } from "../../components/scroller.tsx";
import type { Details } from "../../data/details.ts";
import { durationText, moneyText, numberText, timeText } from "../../format.ts";

/** The run's ledger entries, summed by kind and price. */
export function Ledger({ run }: { readonly run: Details }) {
  const { items, total } = run.ledger;
  if (total === 0) return <p class="quiet">Nothing was charged.</p>;
  return (
    <Scroller isTall>
      <table>
        <thead>
          <tr>
            <th>what</th>
            <th class="number">cost</th>
            <th class="number">time</th>
            <th class="number">quantity</th>
            <th class="number">an hour</th>
            <th>price from</th>
            <th>from</th>
            <th>to</th>
          </tr>
        </thead>
        <tbody>
          {items.map((line) => (
            <tr key={`${line.kind} ${line.from_ms} ${line.price_source}`}>
              <td>{line.kind}</td>
              <td class="number">{moneyText(line.micro_usd)}</td>
              <td class="number">{line.seconds > 0 ? durationText(line.seconds) : ""}</td>
              <td class="number">{line.quantity > 0 ? `${numberText(line.quantity)} ${line.unit}` : ""}</td>
              <td class="number">
                {line.price_micro_usd_per_hour > 0 ? moneyText(line.price_micro_usd_per_hour) : ""}
              </td>
              <td>{line.price_source}</td>
              <td>{timeText(line.from_ms)}</td>
              <td>{timeText(line.to_ms)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all</th>
            <td class="number">
              <strong>{moneyText(run.spent_micro_usd)}</strong>
            </td>
          </tr>
        </tfoot>
      </table>
    </Scroller>
  );
}
