/** @file Memory in lines: the terms of the peak at the place that counts, and what the rule of thumb says. */
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { bytes, bytesText } from "../../../quantity/index.ts";

/** Rows for a table of two columns. */
export function memoryLines(plan: Plan): string[][] {
  const place = chosenPlace(plan);
  if (place?.memory == null) return [];
  const { memory, name } = place;
  const terms = memory.terms.map((term) => `${term.name} ${bytesText(term.bytes)}`);
  const sum = memory.terms.reduce((total, term) => total + term.bytes, 0);
  const rest = memory.bytes.expected - sum;
  if (rest > 0.005 * sum) terms.push(`overhead ${bytesText(bytes(rest))}`);
  const { low, expected, high } = memory.bytes;
  return [
    [
      "memory",
      `${bytesText(expected)} (${bytesText(low)}-${bytesText(high)}) on ${name}, at the peak in "${memory.phase}": ${terms.join(", ")}`,
    ],
    ["", ruleLine(plan)],
  ];
}

/** The place a plan speaks of: the cheapest that fits for sure, else one that may, else the first that does not. */
export function chosenPlace({ places, best }: Plan): PlaceEstimate | undefined {
  if (best !== null) return places[best];
  return places.find(({ fits }) => fits === "tight") ?? places.find(({ memory }) => memory !== null);
}

function ruleLine({ model, memory }: Plan): string {
  const rule = bytesText(memory.ruleOfThumbBytes);
  const without =
    model.method === "full"
      ? "leaves out float32 master weights, activations, logits and the driver"
      : "is for full fine-tuning, without activations, logits and the driver";
  return `the rule of 12 GB per billion says ${rule}: it ${without}`;
}
