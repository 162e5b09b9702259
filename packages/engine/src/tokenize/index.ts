/** @file Text to token ids and back, and chat templates; equal to transformers. */
export * from "./chat-template.ts";
export * from "./create.ts";
export { inTime } from "./time-limit.ts";
export type * from "./tokenizer.ts";
