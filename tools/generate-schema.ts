/** @file Generates `schema/tunewise.schema.json`, with which editors complete and explain a recipe's keys. */
import { recipeJsonSchema } from "../packages/tunewise/src/recipe/index.ts";

/** Path of the schema. */
export const target = "schema/tunewise.schema.json";

/** The schema as text; its first line after the bracket names this generator. */
export function generate(): string {
  const made = {
    $comment: "Made by tools/generate-schema.ts from packages/tunewise/src/recipe/; change it there.",
  };
  return `${JSON.stringify({ ...made, ...recipeJsonSchema() }, null, 2)}\n`;
}
