/** @file Table and sentence about memorization, shared by both reports. */

import { lossText } from "../figure-text.ts";
import { type Table, table } from "../table.ts";
import type { Memorization } from "./report.ts";

/** Rows seen in training compared with unseen rows. */
export function byHeartTable({ train, heldOut }: Memorization): Table {
  const titles = ["loss of", "#rows", "#base", "#tuned", "#gain, nats a token"];
  const row = (name: string, group: Memorization["train"]): string[] => [
    ...[name, String(group.rows), lossText(group.base), lossText(group.tuned)],
    (group.base - group.tuned).toFixed(3),
  ];
  return table(titles, [row("training rows", train), row("held-out rows", heldOut)]);
}

/** The gap with its confidence interval, and verbatim continuations. */
export function byHeartSentence({ gap, interval, memorised }: Memorization): string {
  const bounds = interval ? ` (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : "";
  const words = memorised
    ? ` From the first half of ${memorised.rows} training answers the tuned model goes on word for word ` +
      `${memorised.tuned} times, the base model ${memorised.base} times.`
    : "";
  return `Training rows gained ${gap.toFixed(3)} nats a token more than held-out rows${bounds}.${words}`;
}
