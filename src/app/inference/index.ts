/** @file `tunewise chat`, `generate` and `serve-model`: a model that answers. */

export { type Dialogue, type DialogueEvent, openDialogue } from "./dialogue.ts";
export type { Voice } from "./find-speaker.ts";
export { generateText } from "./generate-text.ts";
export type {
  AnswerEnd,
  AnswerEvent,
  Decoding,
  LikelyText,
  Prompt,
  Question,
  SpokenToken,
} from "./question.ts";
export { decodingOf, openSpeaker, type Speaker } from "./speak.ts";
