/** @file Parses a command line by the table of commands. Errors suggest the most similar name. */
import { parseArgs } from "node:util";
import { nearest, problem } from "../problem/index.ts";
import { mergeCaps, readBudget, readHourlyRate } from "./budget-text.ts";
import {
  type Argument,
  type Call,
  type Command,
  type CommandGroup,
  type Flag,
  type FlagValue,
  isTexts,
} from "./command.ts";
import { documentName, findCommand, findFormer, findGroup, nearestCommand, usualLines } from "./commands.ts";
import type { OutputOptions } from "./console.ts";
import { globalFlags } from "./flags.ts";

/** A parsed command line: a call, or a request for help or the version. */
export type CommandLine =
  | { readonly wants: "version" }
  | { readonly wants: "help"; readonly topic: Command | CommandGroup | null; readonly formerName?: string }
  | { readonly wants: "run"; readonly call: Call };

/** The command or group that a command line names, and the remaining arguments. */
type Target = { readonly rest: readonly string[] } & (
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "group"; readonly group: CommandGroup }
  | { readonly kind: "command"; readonly command: Command; readonly formerName?: string }
);

/**
 * Parses a command line.
 *
 * @param words without the node executable and the script
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN`, `USAGE_FLAG_UNKNOWN`, `USAGE_VALUE_INVALID`, `USAGE_INVALID`
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const at = words.findIndex((word) => !word.startsWith("-"));
  const before = at === -1 ? words : words.slice(0, at);
  if (before.includes("--version") || before.includes("-v")) return { wants: "version" };
  const target = locate(words);
  if (target.kind === "none") {
    checkGlobals(target.rest, "tunewise");
    return { wants: "help", topic: null };
  }
  if (target.kind === "unknown") throw unknownCommand(target.name);
  if (target.kind === "group") return groupLine(target.group, target.rest);
  const { command, rest, formerName } = target;
  const call = readCall(command, rest);
  if (call.flags.get("help") === true)
    return { wants: "help", topic: command, ...(formerName === undefined ? {} : { formerName }) };
  checkWords(call);
  return { wants: "run", call };
}

/** Finds the command; flags may precede it, and switches may be between a noun and its verb. */
function locate(words: readonly string[]): Target {
  const at = words.findIndex((word) => !word.startsWith("-"));
  const name = words[at];
  if (name === undefined) return { kind: "none", rest: words };
  const rest = words.toSpliced(at, 1);
  const group = findGroup(name);
  if (group) return locateVerb(group, rest, at);
  const command = findCommand(name);
  if (command) return { kind: "command", command, rest };
  const former = findFormer(name);
  return former
    ? { kind: "command", command: former, formerName: name, rest }
    : { kind: "unknown", name, rest };
}

/** @param from index after the noun */
function locateVerb(group: CommandGroup, rest: readonly string[], from: number): Target {
  const at = rest.findIndex((word, index) => index >= from && !switches.has(word));
  const verb = rest[at];
  if (verb === undefined || verb.startsWith("-")) return { kind: "group", group, rest };
  const name = `${group.name} ${verb}`;
  const command = findCommand(name);
  return command
    ? { kind: "command", command, rest: rest.toSpliced(at, 1) }
    : { kind: "unknown", name, rest };
}

const switches: ReadonlySet<string> = new Set(
  globalFlags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]),
);

/** Handles a noun without a verb: shows its help, or calls the command that the noun was in earlier versions. */
function groupLine(group: CommandGroup, rest: readonly string[]): CommandLine {
  const usual = findFormer(group.name);
  if (usual === undefined) {
    checkGlobals(rest, `tunewise ${group.name}`);
    return { wants: "help", topic: group };
  }
  const call = readCall(usual, rest);
  if (call.flags.get("help") === true) return { wants: "help", topic: group };
  // the verb may follow flags shared by the group's commands
  const [verb = "", ...words] = call.words;
  const command = findCommand(`${group.name} ${verb}`);
  const meant = command === undefined ? call : { ...call, command, words };
  checkWords(meant);
  return { wants: "run", call: meant };
}

/** Output options, available even if the command line is invalid. */
export function outputOptionsOf(words: readonly string[]): OutputOptions {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  const has = (long: string, short: string): boolean =>
    flags.includes(long) ||
    (short !== "" && flags.some((word) => /^-[a-z]+$/.test(word) && word.includes(short)));
  return { json: has("--json", ""), quiet: has("--quiet", "q"), debug: has("--debug", "") };
}

/** The command that a command line names, if any. */
export function commandOf(words: readonly string[]): Command | undefined {
  const target = locate(words);
  if (target.kind === "group") return findFormer(target.group.name);
  return target.kind === "command" ? target.command : undefined;
}

/** The name of the command in documents and messages, even if it is unknown or missing. */
export function commandName(words: readonly string[]): string {
  const command = commandOf(words);
  return command ? documentName(command) : (words.find((word) => !word.startsWith("-")) ?? "");
}

function unknownCommand(name: string): Error {
  const near = usualLines.get(name) ?? nearestCommand(name);
  const fix = near ? `did you mean \`tunewise ${near}\`?` : "tunewise help";
  return problem("USAGE_COMMAND_UNKNOWN", { name, fix });
}

function checkGlobals(words: readonly string[], command: string): void {
  const odd = words.find((word) => !switches.has(word));
  if (odd === undefined) return;
  const near = nearest(odd, [...switches, "--version", "-v"]);
  const fix = near ? `did you mean \`${near}\`?` : "put the command first: tunewise COMMAND --flag";
  throw problem("USAGE_FLAG_UNKNOWN", { command, flag: odd, fix });
}

/** Flags of a command, its own and the global ones. */
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
    const value = flagValue(command, flag, token.value, token.inlineValue === true);
    const name = flag.replacedBy ?? flag.name;
    const merged = mergedValue(flag, flags.get(name), value);
    if (merged === null || (flags.has(name) && typeof merged !== "object"))
      throw usage(command, `--${flag.name} is given twice.`);
    flags.set(name, merged);
  }
  return { command, flags, words: words.map((word, at) => currentChoice(command, word, at)) };
}

/** Adds a value to those given before; `null` if both cannot hold. */
function mergedValue({ repeats }: Flag, given: FlagValue | undefined, value: FlagValue): FlagValue | null {
  if (repeats && typeof value === "string") return [...(isTexts(given) ? given : []), value];
  return typeof value === "object" && !isTexts(value) ? mergeCaps(given, value) : value;
}

function currentChoice({ arguments: expected }: Command, word: string, at: number): string {
  const former = expected[at]?.formerChoices;
  return former !== undefined && Object.hasOwn(former, word) ? (former[word] as string) : word;
}

function unknownFlag(command: Command, raw: string): Error {
  const names = flagsOf(command).flatMap(({ name, isHidden }) => (isHidden ? [] : [`--${name}`]));
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
  if (flag.kind === "budget") return readBudget(name, text);
  if (flag.kind === "rate") return readHourlyRate(name, text);
  if (flag.kind === undefined || flag.kind === "text") {
    if (text !== "") return text;
    throw usage(command, `${name} needs a value: ${name} ${flag.value}.`);
  }
  const number = numberOf(flag, text);
  if (flag.replacedBy !== "budget") return number;
  return flag.name === "budget-usd" ? { usd: number, minutes: null } : { usd: null, minutes: number };
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
