/** @file A check as the page shows it: some parts of the document of `tunewise check --rows --json`. */
import type { CommandDocument } from "./program.ts";

/** The parts, as they are in the document. */
const shownKeys = ["ok", "name", "model", "splits", "memory", "topics"] as const;

/** See the file. */
export type ShownCheck = Readonly<Record<(typeof shownKeys)[number], unknown>> & {
  readonly madeMs: number;
  /** The command that gives the same. */
  readonly command: string;
};

/** Takes the parts from the command's document. */
export function shownCheck(document: CommandDocument, madeMs: number, command: string): ShownCheck {
  const entries = shownKeys.map((key) => [key, document[key] ?? null]);
  return { ...(Object.fromEntries(entries) as Omit<ShownCheck, "madeMs" | "command">), madeMs, command };
}
