/**
 * @file The completion script for fish.
 *
 * @source fish manual, `complete`: -n condition, -l long, -s short, -r needs a value, -a candidates, -F files
 */
import type { Completes } from "../command.ts";
import { type CommandCandidate, candidates, type FlagCandidate, RUN_FOLDER } from "./candidates.ts";

/** A file for fish's completions folder. */
export function fishCompletion(): string {
  const all = candidates();
  const first = all.map(
    ({ name, summary }) => `complete -c tunewise -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  );
  return [
    "# tunewise completion for fish",
    "complete -c tunewise -f",
    ...first,
    ...all.flatMap(linesOf),
  ].join("\n");
}

function linesOf({ name, flags, words, completes }: CommandCandidate): string[] {
  const start = `complete -c tunewise -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const argument = values(words, completes);
  return [
    ...(argument === "" ? [] : [`${start} ${argument}`]),
    ...flags.map((flag) => `${start} ${flagWords(flag)}`),
  ];
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

/** Text in single quotes, where fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
