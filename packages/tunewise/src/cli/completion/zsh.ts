/**
 * @file The completion script for zsh.
 *
 * @source zsh manual, "Completion System": `_arguments`, `_describe`, `_files`
 */
import type { Completes } from "../command.ts";
import {
  type CommandCandidate,
  candidates,
  type FlagCandidate,
  firstWords,
  nouns,
  RUN_FOLDER,
  singleQuoted,
  type WordCandidate,
} from "./candidates.ts";

/** Returns a file for a folder in `fpath`. */
export function zshCompletion(): string {
  const all = candidates();
  const verbs = nouns().map(
    ({ name, verbs: own }) => `    ${name}) commands=(${described(own).join(" ")}) ;;`,
  );
  const names = nouns().map(({ name }) => name);
  return `#compdef tunewise
# tunewise completion for zsh
_tunewise() {
  local -a commands
  commands=(
    ${described(firstWords()).join("\n    ")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="\${words[2]}"
  case "$command" in ${names.join("|")})
    if (( CURRENT == 3 )); then
      case "$command" in
${verbs.join("\n")}
      esac
      _describe 'command' commands
      return
    fi
    command="$command \${words[3]}"
    shift words
    (( CURRENT-- )) ;;
  esac
  shift words
  (( CURRENT-- ))
  case "$command" in
${all.map(branch).join("\n")}
  esac
}
compdef _tunewise tunewise`;
}

function described(words: readonly WordCandidate[]): string[] {
  return words.map(({ name, summary }) => singleQuoted(`${name}:${summary.replaceAll(":", "\\:")}`));
}

function branch({ name, flags, words, completes }: CommandCandidate): string {
  const specs = flags.map((flag) => `      ${singleQuoted(spec(flag))}`);
  const first = singleQuoted(`:argument:${action(words, completes === "nothing" ? "nothing" : completes)}`);
  return [`    "${name}") _arguments \\`, ...specs.map((line) => `${line} \\`), `      ${first} ;;`].join(
    "\n",
  );
}

function spec({ name, summary, takesValue, words, completes }: FlagCandidate): string {
  const about = summary.replace(/[[\]]/g, "").replaceAll(":", "\\:");
  return `--${name}[${about}]${takesValue ? `:value:${action(words, completes)}` : ""}`;
}

function action(words: readonly string[], completes: Completes): string {
  if (words.length > 0) return `(${words.join(" ")})`;
  if (completes === "run") return `($(ls ${RUN_FOLDER} 2>/dev/null))`;
  if (completes === "folder") return "_files -/";
  return completes === "nothing" ? " " : "_files";
}
