/** @file Asks models behind OpenAI-compatible endpoints; counts tokens, never money. */
export * from "./answer.ts";
export * from "./asker.ts";
export * from "./endpoint.ts";
export * from "./estimate-tokens.ts";
export { createGate } from "./gate.ts";
export * from "./question.ts";
export * from "./request-key.ts";
export * from "./secret.ts";
export type { AskWorld } from "./world.ts";
