/** @file `tunewise model generate`: generates an answer with a run's model or any other. */
import { generateText } from "../../app/inference/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { decodingFlags, downloadPrinter, runtimeOf } from "./context.ts";

/** Maximum characters of a prompt from standard input. */
const maxPrompt = 1_000_000;

/** Generates one answer. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [source = "latest", given] = call.words;
  const { maxTokens, ...decoding } = decodingFlags(call);
  const answer = await generateText(source, runtimeOf(console), {
    prompt: given ?? (await readInput(console)),
    ...textFlags(call, "system", "schema", "output"),
    ...decoding,
    ...(maxTokens === undefined ? {} : { maxNewTokens: maxTokens }),
    onDownload: downloadPrinter(console),
  });
  if (answer.isContinuation)
    console.info("continues the text: the recipe trains on documents; --system asks with the chat template");
  console.output(answer, () => answer.text);
  return DONE;
}

async function readInput({ io }: Console): Promise<string> {
  if (io.stdin.isTTY === true || io.stdin[Symbol.asyncIterator] === undefined) {
    throw problem("USAGE_INVALID", {
      detail: "there is no PROMPT and nothing on standard input",
      command: "model generate",
    });
  }
  let text = "";
  for await (const chunk of io.stdin as AsyncIterable<Uint8Array | string>) {
    text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    if (text.length > maxPrompt) break;
  }
  return text.trim();
}
