/** @file Text to token ids and back, and chat templates; equal to transformers. */
export * from "./chat-template.ts";
export * from "./create.ts";
export * from "./own-template.ts";
export * from "./shipped-templates.ts";
export { inTime } from "./time-limit.ts";
export type * from "./tokenizer.ts";
export { atomsOf, isMarker } from "./tool-calls/atoms.ts";
export { learnToolCallSyntax, rendersTools } from "./tool-calls/learn.ts";
export * from "./tool-calls/parser.ts";
export { renderedOrNull } from "./tool-calls/probe.ts";
export { callTokens, readAnswer } from "./tool-calls/read-answer.ts";
export { commonReasoning, openingsOf, type ToolCallSyntax } from "./tool-calls/syntax.ts";
