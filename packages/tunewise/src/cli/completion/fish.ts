/**
 * @file The completion script for fish.
 *
 * @source fish manual, `complete`: -n condition, -l long, -s short, -r needs a value, -a candidates, -F files
 */
import type { Completes } from "../command.ts";
import {
  type CommandCandidate,
  candidates,
  type FlagCandidate,
  firstWords,
  nouns,
  RUN_FOLDER,
  type WordCandidate,
} from "./candidates.ts";

/** Returns a file for fish's completions folder. */
export function fishCompletion(): string {
  const all = candidates();
  const names = nouns().map(({ name }) => name);
  return [
    "# tunewise completion for fish",
    `function __tunewise_at
  set -l words (string match -v -- '-*' (commandline -opc)[2..-1])
  set -l command $words[1]
  if contains -- "$command" ${names.join(" ")}; and set -q words[2]
    set command "$command $words[2]"
  end
  test "$command" = "$argv[1]"
end`,
    "complete -c tunewise -f",
    ...wordLines("", firstWords()),
    ...nouns().flatMap(({ name, verbs }) => wordLines(name, verbs)),
    ...all.flatMap(linesOf),
  ].join("\n");
}

function linesOf({ name, flags, words, completes }: CommandCandidate): string[] {
  const start = `complete -c tunewise -n ${at(name)}`;
  const argument = values(words, completes);
  return [
    ...(argument === "" ? [] : [`${start} ${argument}`]),
    ...flags.map((flag) => `${start} ${flagWords(flag)}`),
  ];
}

/** Lines for the words that may follow `noun` or start the command line. */
function wordLines(noun: string, words: readonly WordCandidate[]): string[] {
  return words.map(
    ({ name, summary }) => `complete -c tunewise -n ${at(noun)} -a ${name} -d ${quoted(summary)}`,
  );
}

/** Condition that the words so far are the given command. */
function at(command: string): string {
  return quoted(`__tunewise_at ${quoted(command)}`);
}

function flagWords({ name, short, summary, takesValue, words, completes }: FlagCandidate): string {
  const value = takesValue ? ["-r", values(words, completes)] : [];
  return [`-l ${name}`, ...(short ? [`-s ${short}`] : []), ...value, `-d ${quoted(summary)}`]
    .filter((part) => part !== "")
    .join(" ");
}

function values(words: readonly string[], completes: Completes): string {
  if (words.length > 0) return `-a ${quoted(words.join(" "))}`;
  if (completes === "run") return `-a ${quoted(`(ls ${RUN_FOLDER} 2>/dev/null)`)}`;
  if (completes === "folder") return `-a ${quoted("(__fish_complete_directories)")}`;
  return completes === "nothing" ? "" : "-F";
}

/** Quotes a text for fish, whose single quotes have two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
