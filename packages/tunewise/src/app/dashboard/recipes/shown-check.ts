/** @file A check as the page shows it: parts of the document from `tunewise check --rows --json`. */
import type { CommandDocument } from "./program.ts";

/** Keys that are copied from the document unchanged. */
const shownKeys = ["ok", "name", "model", "splits", "memory", "topics"] as const;

/** A check for the page. */
export type ShownCheck = Readonly<Record<(typeof shownKeys)[number], unknown>> & {
  readonly madeMs: number;
  /** The equivalent command. */
  readonly command: string;
};

/** Extracts the shown parts from the command's document. */
export function shownCheck(document: CommandDocument, madeMs: number, command: string): ShownCheck {
  const entries = shownKeys.map((key) => [key, document[key] ?? null]);
  return { ...(Object.fromEntries(entries) as Omit<ShownCheck, "madeMs" | "command">), madeMs, command };
}
