/** @file `tunewise model chat`: a conversation in the terminal. */

import { countOf } from "@tunewise/core/quantity";
import {
  type Conversation,
  type ConversationEvent,
  decodingOf,
  type ModelVariant,
  openConversation,
  openTextModel,
  type TextModel,
} from "../../app/inference/index.ts";
import { packageVersion } from "../../catalog/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import { openLines } from "../chat/lines.ts";
import { type ChatLine, chatCommands, readChatLine } from "../chat/slash.ts";
import { watchChat } from "../chat/stop.ts";
import { type Call, isOn, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE, FAILED, INTERRUPTED } from "../exit-codes.ts";
import { errorDocument, errorText } from "../render/problem.ts";
import { tableText } from "../render/table.ts";
import { plainLines } from "../render/terminal.ts";
import { decodingFlags, downloadPrinter, runtimeOf } from "./context.ts";

/** Opens the model and answers until the user leaves the chat. */
export async function handle(call: Call, console: Console): Promise<number> {
  const options = {
    ...textFlags(call, "output"),
    base: isOn(call, "base"),
    onDownload: downloadPrinter(console),
  };
  const textModel = await openTextModel(call.words[0] ?? null, runtimeOf(console), options);
  try {
    const variants = variantsOf(call, textModel);
    const conversation = openConversation(
      textModel,
      variants,
      decodingOf(textModel.variants[0], decodingFlags(call)),
    );
    conversation.system = textFlag(call, "system");
    return await converse(conversation, variants, console);
  } finally {
    await textModel.close();
  }
}

function variantsOf(call: Call, { variants }: TextModel): readonly ModelVariant[] {
  if (!isOn(call, "compare")) return variants.slice(0, 1);
  if (variants.length > 1) return [...variants].reverse();
  const detail = "--compare needs a run, whose model and base can both be asked";
  throw problem("USAGE_INVALID", { detail, command: "model chat" });
}

async function converse(
  conversation: Conversation,
  variants: readonly ModelVariant[],
  console: Console,
): Promise<number> {
  const { io } = console;
  const typed = io.stdin.isTTY === true;
  const stop = watchChat(io, () => lines.close());
  const lines = openLines(io, "chat", stop.interrupt);
  const show = createShow(console, variants);
  let failed = false;
  if (typed) greet(variants, console);
  try {
    for (let line = await lines.next(); line !== null && !stop.left; line = await lines.next()) {
      const input = readChatLine(line);
      if (input.wants === "exit") break;
      if (input.wants === "answer") {
        const ask = (signal: AbortSignal): Promise<boolean> =>
          answer(conversation.ask(input.text, signal), console, show);
        failed = !(await stop.during(ask)) || failed;
      } else execute(input, conversation, console);
    }
  } finally {
    lines.close();
    stop.release();
  }
  if (stop.left && !typed) return INTERRUPTED;
  return failed && !typed ? FAILED : DONE;
}

/** Shows an answer or its error; the conversation continues either way. */
async function answer(
  events: AsyncGenerator<ConversationEvent, void>,
  console: Console,
  show: ShowEvent,
): Promise<boolean> {
  try {
    for await (const event of events) show(event);
    return true;
  } catch (error) {
    if (!TunewiseError.is(error)) throw error;
    if (console.json) console.event({ kind: "problem", problem: errorDocument(error) });
    else
      console.error(
        errorText(error, console.paintStderr, { command: "model chat", version: packageVersion() }),
      );
    return false;
  }
}

function execute(input: ChatLine, conversation: Conversation, console: Console): void {
  if (input.wants === "reset") {
    conversation.reset();
    console.info("(forgotten)");
  }
  if (input.wants === "system" && input.text !== "") conversation.system = input.text;
  if (input.wants === "system") console.info(`(system: ${conversation.system ?? "as the recipe says"})`);
  if (input.wants === "help") console.info(tableText(["", ""], chatCommands));
  if (input.wants === "unknown") console.error(`there is no /${input.name}; ${input.fix}`);
}

function greet(variants: readonly ModelVariant[], console: Console): void {
  const names = variants.map(({ kind, name }) => `${name} (${kind})`).join(" and ");
  console.info(`${names}. /help shows what else there is; Ctrl-C stops an answer.`);
}

/** Shows the events of one conversation. */
type ShowEvent = (event: ConversationEvent) => void;

/** Shows events as text or JSON lines. With several model variants, a line above each answer names its variant. */
function createShow(console: Console, variants: readonly ModelVariant[]): ShowEvent {
  return console.json ? jsonShow(console) : textShow(console, variants);
}

function jsonShow(console: Console): ShowEvent {
  return (event) => {
    // log probabilities of tokens are not requested
    const { kind, turn, variant, ...rest } = event;
    const about = event.kind === "text-added" ? { text: event.text } : rest;
    console.event({ kind, turn, voice: variant, ...about });
  };
}

function textShow(console: Console, variants: readonly ModelVariant[]): ShowEvent {
  const { stdout } = console.io;
  const harmless = stdout.isTTY === true ? plainLines : (text: string): string => text;
  return (event) => {
    if (event.kind === "answer-start" && variants.length > 1) {
      const kind = variants.find(({ name }) => name === event.variant)?.kind ?? "";
      console.result(`${console.paint.bold(kind)} ${console.paint.dim(event.variant)}`);
    }
    if (event.kind === "text-added") stdout.write(harmless(event.text));
    if (event.kind !== "answer-end") return;
    stdout.write("\n");
    if (event.reason === "length")
      console.info(console.paintStderr.dim(`(cut at ${countOf(event.answerTokens, "token")})`));
    if (event.reason === "interrupted") console.info(console.paintStderr.dim("(stopped)"));
  };
}
