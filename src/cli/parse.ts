/**
 * @file Words of a command line to a call, by the table of commands. Unknown words get the nearest known one.
 */
import { parseArgs } from "node:util";
import { nearest, problem } from "../problem/index.ts";
import type { Argument, Call, Command, Flag, FlagValue } from "./command.ts";
import { commands, findCommand } from "./commands.ts";
import type { OutputOptions } from "./console.ts";
import { globalFlags } from "./flags.ts";

/** A command line that is understood: a call, or a wish to read help or the version. */
export type CommandLine =
  | { readonly wants: "version" }
  | { readonly wants: "help"; readonly command: Command | null }
  | { readonly wants: "run"; readonly call: Call };

/**
 * Understands a command line.
 *
 * @param words without the node executable and the script
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN`, `USAGE_FLAG_UNKNOWN`, `USAGE_VALUE_INVALID`, `USAGE_INVALID`
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const at = words.findIndex((word) => !word.startsWith("-"));
  const before = at === -1 ? words : words.slice(0, at);
  const name = words[at];
  if (before.includes("--version") || before.includes("-v")) return { wants: "version" };
  if (name === undefined) {
    checkGlobals(before);
    return { wants: "help", command: null };
  }
  const command = findCommand(name);
  if (command === undefined) throw unknownCommand(name);
  const rest = [...before, ...words.slice(at + 1)];
  const call = readCall(command, rest);
  if (call.flags.get("help") === true) return { wants: "help", command };
  checkWords(call);
  return { wants: "run", call };
}

/** How to speak, from the words alone: also known where they are not understood. */
export function outputOptionsOf(words: readonly string[]): OutputOptions {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  const has = (long: string, short: string): boolean =>
    flags.includes(long) ||
    (short !== "" && flags.some((word) => /^-[a-z]+$/.test(word) && word.includes(short)));
  return { json: has("--json", ""), quiet: has("--quiet", "q"), debug: has("--debug", "") };
}

/** The name of the command meant, for messages, also where it is unknown or missing. */
export function commandName(words: readonly string[]): string {
  return words.find((word) => !word.startsWith("-")) ?? "";
}

function unknownCommand(name: string): Error {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  const fix = near ? `did you mean \`tunewise ${near}\`?` : "tunewise help";
  return problem("USAGE_COMMAND_UNKNOWN", { name, fix });
}

function checkGlobals(words: readonly string[]): void {
  const known = new Set(globalFlags.flatMap(({ name, short }) => [`--${name}`, `-${short}`]));
  const odd = words.find((word) => !known.has(word));
  if (odd === undefined) return;
  const near = nearest(odd, [...known, "--version", "-v"]);
  const fix = near ? `did you mean \`${near}\`?` : "put the command first: tunewise COMMAND --flag";
  throw problem("USAGE_FLAG_UNKNOWN", { command: "tunewise", flag: odd, fix });
}

/** Flags that a command takes, its own and everybody's. */
export function flagsOf(command: Command): readonly Flag[] {
  return [...command.flags, ...globalFlags];
}

function readCall(command: Command, rest: readonly string[]): Call {
  const known = flagsOf(command);
  const options = Object.fromEntries(
    known.map(({ name, short, value }) => [
      name,
      {
        type: value === undefined ? "boolean" : "string",
        ...(short === undefined ? {} : { short }),
      } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...rest],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, FlagValue>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const flag = known.find(({ name }) => name === token.name);
    if (flag === undefined) throw unknownFlag(command, token.rawName);
    if (flags.has(flag.name)) throw usage(command, `--${flag.name} is given twice.`);
    flags.set(flag.name, flagValue(command, flag, token.value, token.inlineValue === true));
  }
  return { command, flags, words };
}

function unknownFlag(command: Command, raw: string): Error {
  const names = flagsOf(command).map(({ name }) => `--${name}`);
  const near = nearest(raw, names);
  const fix = near ? `did you mean \`${near}\`?` : `tunewise ${command.name} --help`;
  return problem("USAGE_FLAG_UNKNOWN", { command: `tunewise ${command.name}`, flag: raw, fix });
}

function flagValue(command: Command, flag: Flag, text: string | undefined, inline: boolean): FlagValue {
  const name = `--${flag.name}`;
  if (flag.value === undefined) {
    if (text === undefined) return true;
    throw usage(command, `${name} is a switch and takes no value.`);
  }
  const looksLikeFlag = text?.startsWith("-") && !inline && !/^-(\d|\.\d|$)/.test(text);
  if (text === undefined || looksLikeFlag)
    throw usage(command, `${name} needs a value: ${name} ${flag.value}.`);
  if (flag.choices) return choiceOf(name, text, flag.choices);
  if (flag.kind === undefined || flag.kind === "text") {
    if (text !== "") return text;
    throw usage(command, `${name} needs a value: ${name} ${flag.value}.`);
  }
  return numberOf(flag, text);
}

function numberOf(flag: Flag, text: string): number {
  const { least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = flag;
  const value = /^[-+.\deE]+$/.test(text) ? Number(text) : Number.NaN;
  const whole = flag.kind !== "whole" || Number.isInteger(value);
  if (whole && value >= least && value <= most) return value;
  const expected = `a ${flag.kind === "whole" ? "whole " : ""}number from ${least} to ${most}`;
  const fix = `write --${flag.name} ${flag.value}, for example --${flag.name} ${Math.max(least, Math.min(most, 1))}`;
  throw problem("USAGE_VALUE_INVALID", { name: `--${flag.name}`, expected, found: quoted(text), fix });
}

function choiceOf(name: string, text: string, choices: readonly string[]): string {
  if (choices.includes(text)) return text;
  const near = nearest(text, choices);
  const fix = near ? `did you mean \`${near}\`?` : `write one of them: ${choices.join(", ")}`;
  throw problem("USAGE_VALUE_INVALID", {
    name,
    expected: `one of ${choices.join(", ")}`,
    found: quoted(text),
    fix,
  });
}

function checkWords({ command, words }: Call): void {
  const expected = command.arguments;
  const missing = expected.find((argument, at) => !argument.optional && words[at] === undefined);
  if (missing) throw usage(command, `${missing.name} is missing: ${missing.summary}.`);
  const last = expected.at(-1);
  const extra = words[expected.length];
  if (extra !== undefined && !last?.many)
    throw usage(command, `\`tunewise ${command.name}\` takes no argument ${quoted(extra)} here.`);
  for (const [at, word] of words.entries()) checkWord(expected[at] ?? last, word);
}

function checkWord(argument: Argument | undefined, word: string): void {
  if (argument?.choices) choiceOf(argument.name, word, argument.choices);
}

function usage(command: Command, detail: string): Error {
  return problem("USAGE_INVALID", { detail, command: command.name });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
