/** @file Asks models at OpenAI-compatible endpoints; counts tokens, never money. */
export * from "./asker.ts";
export { estimatePrompt, estimateTokens, maxPromptTokens, maxTextTokens } from "./count-tokens.ts";
export * from "./endpoint.ts";
export * from "./question.ts";
export * from "./secret.ts";
