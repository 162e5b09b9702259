/**
 * @file Suggests the command after a plan. It trains on the recommended placement or makes that possible, so that the
 * recommendation can be followed.
 */

import { dollars, type Usd } from "@tunewise/core/quantity";
import type { Plan } from "../../../plan/index.ts";
import { roundedUp } from "../next-command.ts";
import { briefMoney, briefTime } from "./ranges.ts";

/** Gap between a command and its note. */
const gap = "     ";

/**
 * Returns the command, with a note if its effect is not obvious.
 *
 * @param run the command that starts the recipe or the saved plan
 * @param all the command that shows every placement
 */
export function nextStep({ places, best, budget }: Plan, run: string, all: string): string {
  const [here] = places;
  const chosen = best === null ? undefined : places[best];
  if (chosen === undefined) return here?.fits === "no" ? `${all}${gap}shows every place` : run;
  const time = chosen.seconds ? `, about ${briefTime(chosen.seconds.expected)}` : "";
  switch (chosen.kind) {
    case "here":
      return run;
    case "own":
      return `${run} --worker torch${gap}trains on the cards at hand${time}`;
    case "hosted":
      return `${all}${gap}shows every place`;
    case "rented": {
      const count = chosen.deviceCount > 1 ? `:${chosen.deviceCount}` : "";
      // renting needs a cap in dollars
      const cap =
        budget.capUsd === null
          ? ` --budget ${roundedUp(1.5 * dollars(Math.max(chosen.runUsd.high, 1e4) as Usd))}usd`
          : "";
      const spent = `${briefMoney(chosen.runUsd.expected)}${time}`;
      const instead =
        here?.fits === "no" || !here?.seconds
          ? ""
          : `; ${run} trains on this machine, about ${briefTime(here.seconds.expected)}`;
      return (
        `${run} --on dstack://HOST:PORT/PROJECT --gpu ${chosen.device}${count}${cap}${gap}` +
        `rents the marked machine: ${spent}${instead}`
      );
    }
  }
}
