/** @file Generates `schema/run.schema.json`, the contract of controllers and executors, for workers in any language. */
import { runJsonSchema } from "@tunewise/core/run";

/** Path of the schema. */
export const target = "schema/run.schema.json";

/** The schema as text; its first line after the bracket names this generator. */
export function generate(): string {
  const made = {
    $comment: "Made by tools/generate-run-schema.ts from packages/core/src/run/messages.ts; change it there.",
  };
  return `${JSON.stringify({ ...made, ...runJsonSchema() }, null, 2)}\n`;
}
