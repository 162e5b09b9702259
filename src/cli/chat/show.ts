/** @file Answers as they come: text in a terminal or a pipe, or events as JSON lines. */

import type { ConversationEvent, ModelVariant } from "../../app/inference/index.ts";
import { countOf } from "../../quantity/index.ts";
import type { Console } from "../console.ts";
import { plainLines } from "../render/place.ts";

/** Shows the events of one dialogue. */
export type ShowEvent = (event: ConversationEvent) => void;

/** The dress that suits the console. Several voices are told apart by a line above each answer. */
export function createShow(console: Console, voices: readonly ModelVariant[]): ShowEvent {
  return console.json ? jsonShow(console) : textShow(console, voices);
}

function jsonShow(console: Console): ShowEvent {
  return (event) => {
    // tokens with log probabilities are not asked for
    const { kind, turn, voice, ...rest } = event;
    const about = event.kind === "text-added" ? { text: event.text } : rest;
    console.event({ kind, turn, voice, ...about });
  };
}

function textShow(console: Console, voices: readonly ModelVariant[]): ShowEvent {
  const { stdout } = console.io;
  const harmless = stdout.isTTY === true ? plainLines : (text: string): string => text;
  return (event) => {
    if (event.kind === "answer-start" && voices.length > 1) {
      const kind = voices.find(({ name }) => name === event.voice)?.kind ?? "";
      console.result(`${console.paint.bold(kind)} ${console.paint.dim(event.voice)}`);
    }
    if (event.kind === "text-added") stdout.write(harmless(event.text));
    if (event.kind !== "answer-end") return;
    stdout.write("\n");
    if (event.reason === "length")
      console.info(console.paintStderr.dim(`(cut at ${countOf(event.answerTokens, "token")})`));
    if (event.reason === "interrupted") console.info(console.paintStderr.dim("(stopped)"));
  };
}
