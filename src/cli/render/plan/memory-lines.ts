/**
 * @file Memory in lines: the terms of the peak at the place that counts, and what the rule of thumb says.
 */
import type { PlaceEstimate, Plan } from "../../../plan/index.ts";
import { type Bytes, bytes, bytesText } from "../../../quantity/index.ts";

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
    ["", ruleLine(plan, memory.bytes.expected)],
  ];
}

/** The place a plan speaks of: the cheapest that fits for sure, else one that may, else the first that does not. */
export function chosenPlace({ places, best }: Plan): PlaceEstimate | undefined {
  if (best !== null) return places[best];
  return places.find(({ fits }) => fits === "tight") ?? places.find(({ memory }) => memory !== null);
}

function ruleLine({ model, memory }: Plan, planned: Bytes): string {
  const rule = bytesText(memory.ruleOfThumbBytes);
  const why =
    model.method === "full"
      ? "it leaves out the float32 master copy, activations, logits and the driver"
      : "it is about full fine-tuning, and leaves out activations, logits and the driver";
  return `the rule of 12 GB per billion says ${rule}, the plan ${bytesText(planned)}: ${why}`;
}
