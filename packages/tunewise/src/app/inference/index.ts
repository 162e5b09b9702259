/** @file `tunewise model chat`, `model generate` and `model serve`: a model that answers. */

export { type Conversation, type ConversationEvent, openConversation } from "./conversation.ts";
export { findServedModels, readAlias } from "./find-served-models.ts";
export { type FoundTextModel, findTextModel, type ModelVariant } from "./find-text-model.ts";
export { generateText } from "./generate-text.ts";
export { type GeneratedAnswer, type GenerateOptions, openModel, type RunModel } from "./open-model.ts";
export type {
  AnswerEnd,
  AnswerEvent,
  Decoding,
  GeneratedToken,
  LikelyText,
  OfferedTools,
  Prompt,
  Question,
} from "./question.ts";
export { decodingOf, openFound, openTextModel, type TextModel } from "./text-model.ts";
