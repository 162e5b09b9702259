/** @file Commands that talk: chat. */
import type { Argument, Command, Flag } from "../command.ts";
import { decodingFlags, outputFlag } from "../flags.ts";

const sourceArgument: Argument = {
  name: "RUN",
  summary: "a run, `latest`, a recipe, or a model: hub id, folder or .gguf file; default: tunewise.yaml",
  optional: true,
  completes: "run",
};

const baseFlag: Flag = { name: "base", summary: "the base model alone, also of a run" };

const maxTokensFlag: Flag = {
  name: "max-tokens",
  value: "TOKENS",
  kind: "whole",
  least: 1,
  most: 1_000_000,
  summary: "longest answer, in tokens; default: 1024",
};

const [, ...samplingFlags] = decodingFlags;

const chat: Command = {
  name: "chat",
  summary: "talk with a run's model, or a base model",
  category: "do",
  about:
    "A conversation in the terminal, in the model's chat template: with the result of a run, or with the base model of a recipe. Ctrl-C stops an answer, and leaves where there is none. /exit leaves, /reset forgets the conversation, /system TEXT sets the system text. Piped in, each line is one turn.",
  arguments: [sourceArgument],
  flags: [
    baseFlag,
    { name: "compare", summary: "let base and tuned model answer each turn, one after the other" },
    { name: "system", value: "TEXT", summary: "system text before the conversation" },
    maxTokensFlag,
    ...samplingFlags,
    outputFlag,
  ],
  examples: [
    { line: "tunewise chat latest", does: "talks with the newest run's model" },
    { line: "tunewise chat latest --compare", does: "shows what training changed, turn by turn" },
    { line: "tunewise chat HuggingFaceTB/SmolLM2-135M-Instruct", does: "talks with a model of the hub" },
  ],
  exitCodes: [4],
};

/** Commands that talk. */
export const speakCommands: readonly Command[] = [chat];
