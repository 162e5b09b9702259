/** @file The recipe: schema, reading, positions for carets, JSON Schema for editors. */
export type * from "./recipe.ts";
