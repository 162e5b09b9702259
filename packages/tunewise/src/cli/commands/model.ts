/** @file `tunewise model`: chat, generate, serve, export, verify. */
import type { Argument, Command, CommandGroup, Flag } from "../command.ts";
import { hostFlag, maxTokensFlag, outputFlag, portFlag, runArgument, samplingFlags } from "../flags.ts";

/** The group. */
export const modelGroup: CommandGroup = {
  name: "model",
  summary: "chat with, query, serve and export models",
  category: "manage",
  about: "Uses the model of a run, or any base model: hub id, folder or .gguf file.",
};

const sourceArgument: Argument = {
  name: "RUN",
  summary: "a run, `latest`, a recipe, or a model: hub id, folder or .gguf file; default: tunewise.yaml",
  optional: true,
  completes: "run",
};

const baseFlag: Flag = { name: "base", summary: "use only the base model, even for a run" };

const chat: Command = {
  name: "model chat",
  formerly: "chat",
  summary: "chat with a model in the terminal",
  category: "manage",
  about:
    "Starts a conversation with the tuned model of a run or the base model of a recipe, in the model's chat template. Ctrl-C stops the current answer; otherwise it exits. /exit exits, /reset clears the conversation, /system TEXT sets the system message. With piped input, each line is one turn.",
  arguments: [sourceArgument],
  flags: [
    baseFlag,
    { name: "compare", summary: "answer each turn with both the base and the tuned model" },
    { name: "system", value: "TEXT", summary: "system message before the conversation" },
    maxTokensFlag("maximum length of an answer in tokens; default: 1024", 1_000_000),
    ...samplingFlags,
    outputFlag,
  ],
  examples: [
    { line: "tunewise model chat latest", does: "chat with the newest run's model" },
    { line: "tunewise model chat latest --compare", does: "show both models' answers, turn by turn" },
    { line: "tunewise model chat HuggingFaceTB/SmolLM2-135M-Instruct", does: "chat with a hub model" },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const generate: Command = {
  name: "model generate",
  formerly: "generate",
  summary: "answer one prompt",
  category: "manage",
  about:
    "Renders the prompt with the model's chat template and prints the answer. Without PROMPT, reads the prompt from standard input.",
  arguments: [
    { ...runArgument, summary: "a run, `latest`, or a model: hub id, folder or .gguf file" },
    { name: "PROMPT", summary: "the prompt; default: standard input", optional: true },
  ],
  flags: [
    maxTokensFlag("maximum length of the answer in tokens", 32_768),
    {
      ...maxTokensFlag("use --max-tokens", 32_768),
      name: "max-new-tokens",
      isHidden: true,
      replacedBy: "max-tokens",
    },
    ...samplingFlags,
    { name: "system", value: "TEXT", summary: "system message before the prompt" },
    { name: "schema", value: "FILE", summary: "constrain the answer to this JSON Schema" },
    outputFlag,
  ],
  examples: [
    {
      line: 'tunewise model generate latest "My card was swallowed."',
      does: "answer with the newest run's model",
    },
    {
      line: 'tunewise model generate latest "Paid 20 EUR." --schema receipt.json',
      does: "answer with JSON that matches a schema",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const serve: Command = {
  name: "model serve",
  formerly: "serve-model",
  summary: "serve models to clients of the OpenAI API",
  category: "manage",
  about:
    "Implements GET /v1/models, POST /v1/chat/completions and POST /v1/completions of the OpenAI API, including streaming. One server offers both the tuned model of a run and its base model. Several runs of one base model share a server: each is selected by its id or an alias, the base is loaded once, and requests for all of them are computed together. By default, only programs on this machine have access; any other --host requires --api-key-env. Ctrl-C ends the current answer and exits.",
  arguments: [{ ...sourceArgument, many: true }],
  flags: [
    baseFlag,
    {
      name: "alias",
      value: "NAME",
      repeats: true,
      summary: "further name of the first model, or NAME=RUN of another; may be repeated",
    },
    {
      name: "slots",
      value: "N",
      kind: "whole",
      least: 1,
      most: 256,
      summary: "answers computed together, one token of each per pass; default: 32",
    },
    portFlag("8080"),
    hostFlag,
    {
      name: "api-key-env",
      value: "NAME",
      summary: "environment variable with the API key that clients must send",
    },
    outputFlag,
  ],
  examples: [
    { line: "tunewise model serve latest", does: "serve the newest run and its base model to this machine" },
    {
      line: "tunewise model serve latest --alias ft:gpt-4o-mini-2024-07-18:org::id",
      does: "serve the newest run under the name of the model it replaces",
    },
    {
      line: "tunewise model serve latest --host 0.0.0.0 --api-key-env TUNEWISE_API_KEY",
      does: "serve the network, with an API key",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const exportCommand: Command = {
  name: "model export",
  formerly: "export",
  summary: "export a run's model for other programs",
  category: "manage",
  about:
    "Writes the adapter, or the model with the adapter merged, in the format of another program: peft (PEFT, vLLM), merged (Hugging Face folder), mlx (mlx-lm), gguf and gguf-adapter (llama.cpp), onnx (transformers.js). Computes sizes first, and refuses an export that exceeds the disk or the format before writing anything. Replaces existing files only with --force.",
  arguments: [runArgument],
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["peft", "merged", "mlx", "gguf", "gguf-adapter", "onnx"],
      summary: "format to write; required",
    },
    {
      name: "dtype",
      value: "TYPE",
      choices: ["f32", "f16", "bf16", "q8_0"],
      summary: "type of large tensors; default: the base model's, bf16 for a quantized base, f32 for onnx",
    },
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "folder to write; default: export/FORMAT in the run's folder",
      completes: "folder",
    },
    { name: "force", summary: "replace files with the same names in a non-empty folder" },
    { name: "runs", value: "FOLDER", summary: "folder of runs; default: .tunewise", completes: "folder" },
  ],
  examples: [
    {
      line: "tunewise model export latest --format gguf --dtype q8_0",
      does: "export one file for llama.cpp",
    },
    { line: "tunewise model export latest --format merged -o tickets", does: "export a Hugging Face folder" },
    { line: "tunewise model export latest --format onnx", does: "export a folder for transformers.js" },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const verifyCommand: Command = {
  name: "model verify",
  summary: "check an export in the program that loads it",
  category: "manage",
  about:
    "Sends 20 conversations through the runtime's own prompt construction and compares them token by token with tunewise: chat template, BOS, vocabulary, stop tokens, tools; then probabilities and greedy answers. Names each difference with its first position. Uses up to 12 test rows of the run, otherwise built-in conversations. The reference is the run; for an export without a run, the export as tunewise reads it.",
  arguments: [{ ...runArgument, summary: "a run, `latest`, or an exported folder or .gguf file" }],
  flags: [
    {
      name: "in",
      value: "RUNTIME",
      summary: "llama.cpp, transformers, transformers.js, ollama, vllm, or a server's address; required",
    },
    {
      name: "export",
      value: "PATH",
      summary: "exported folder or file; default: export/FORMAT in the run's folder",
      completes: "folder",
    },
    {
      name: "model",
      value: "NAME",
      summary: "name of the model at a server; default: the run's, or the only one",
    },
    { name: "api-key-env", value: "NAME", summary: "environment variable with the API key of a server" },
    { name: "built-in", summary: "use only the built-in conversations, no rows of the run" },
    { name: "html", value: "FILE", summary: "also write the report as HTML", completes: "file" },
    { name: "runs", value: "FOLDER", summary: "folder of runs; default: .tunewise", completes: "folder" },
  ],
  examples: [
    { line: "tunewise model verify latest --in llama.cpp", does: "check the newest run's GGUF export" },
    {
      line: "tunewise model verify latest --in transformers --export tickets",
      does: "check a merged folder",
    },
    {
      line: "tunewise model verify latest --in http://127.0.0.1:8000/v1",
      does: "check a server with OpenAI's API",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [2],
};

/** The commands, in the order of help. */
export const modelCommands: readonly Command[] = [chat, generate, serve, exportCommand, verifyCommand];
