import { range, seconds, usd } from "@tunewise/core/quantity";
import { expect, test } from "vitest";
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { nextStep } from "./next-step.ts";

function place(
  kind: PlaceEstimate["kind"],
  minutes: number,
  more: Partial<PlaceEstimate> = {},
): PlaceEstimate {
  const [time, money] = [seconds(60 * minutes), usd(0.5)];
  return {
    ...({ kind, fits: "yes", device: "T4", deviceCount: 1 } as PlaceEstimate),
    seconds: range(time, time, time),
    runUsd: range(money, money, money),
    ...more,
  };
}

const step = (places: readonly PlaceEstimate[], best: number | null, capUsd: number | null = null): string =>
  nextStep(
    { places, best, budget: { capUsd: capUsd === null ? null : usd(capUsd) } } as unknown as Plan,
    "tunewise run",
    "tunewise plan --all",
  );

const slow = place("here", 937_440); // 651 days

test("the marked place is where the next step trains", () => {
  expect(step([place("here", 5)], 0)).toBe("tunewise run");
  expect(step([slow, place("own", 20)], 1)).toMatch(
    /^tunewise run --worker torch {5}trains on the cards at hand/,
  );
  const rents = step([slow, place("rented", 20, { deviceCount: 2 })], 1);
  expect(rents).toMatch(
    /^tunewise run --on dstack:\/\/HOST:PORT\/PROJECT --gpu T4:2 --budget 0\.75usd {5}rents the marked/,
  );
  expect(rents).toContain("; tunewise run trains on this machine, about ");
  expect(step([slow, place("rented", 20)], 1, 5)).toMatch(/--gpu T4 {5}/);
});

test("without a marked place every place is shown, or the only one is taken", () => {
  expect(step([place("here", 5, { fits: "no" })], null)).toBe("tunewise plan --all     shows every place");
  expect(step([place("here", 5, { fits: "tight" })], null)).toBe("tunewise run");
});
