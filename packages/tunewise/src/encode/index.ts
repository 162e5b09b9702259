/** @file Turns rows into tokens: loss masks, length statistics, and forgetting prompts. */
export * from "./encode.ts";
export { documentText, predictedText } from "./encode-document.ts";
export * from "./encode-prompts.ts";
export { type RefusedExample, refusedMessage } from "./refused.ts";
export {
  type EncodedCompletion,
  encodeCompletion,
  labelRow,
  type MessageUse,
} from "./row-encoding.ts";
export * from "./statistics.ts";
export { forTemplate, writesCalls } from "./template-probes.ts";
