/**
 * @file The completion script for bash.
 *
 * @source GNU bash manual, "Programmable Completion": COMP_WORDS, COMP_CWORD, COMPREPLY, compgen
 */
import type { Completes } from "../command.ts";
import {
  type CommandCandidate,
  candidates,
  firstWords,
  nouns,
  RUN_FOLDER,
  type WordCandidate,
} from "./candidates.ts";

/** Returns a script that defines and registers `_tunewise`. Works with bash 3.2, which macOS ships. */
export function bashCompletion(): string {
  const all = candidates();
  const first = namesOf(firstWords());
  const verbs = nouns().map(({ name, verbs: own }) => `      ${name}) words="${namesOf(own)} --help" ;;`);
  return `# tunewise completion for bash
_tunewise() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local noun="" command="" flags="" words=""
  local at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$noun\${COMP_WORDS[at]}" in
      *-*) case "\${COMP_WORDS[at]}" in -*) continue ;; esac ;;
      ${nouns()
        .map(({ name }) => name)
        .join("|")}) noun="\${COMP_WORDS[at]} "; continue ;;
    esac
    command="$noun\${COMP_WORDS[at]}"
    break
  done
  COMPREPLY=()
  if [ -z "$command" ]; then
    case "\${noun% }" in
${verbs.join("\n")}
      *) words="${first} --help --version" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command" in
${all.map(branch).join("\n")}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _tunewise tunewise`;
}

function branch({ name, flags, words, completes }: CommandCandidate): string {
  const values = flags.filter(({ takesValue }) => takesValue);
  const cases = values.map((flag) => {
    const pattern = [`--${flag.name}`, ...(flag.short ? [`-${flag.short}`] : [])].join("|");
    return `        ${pattern}) ${offer(flag.words, flag.completes)}; return ;;`;
  });
  const after = cases.length > 0 ? [`      case "$previous" in`, ...cases, "      esac"] : [];
  const listed = flags.map((flag) => `--${flag.name}`).join(" ");
  const first = completes === "run" ? `"${runs}"` : `"${words.join(" ")}"`;
  return [`    "${name}")`, ...after, `      flags="${listed}"`, `      words=${first} ;;`].join("\n");
}

function namesOf(words: readonly WordCandidate[]): string {
  return words.map(({ name }) => name).join(" ");
}

const runs = `$(ls ${RUN_FOLDER} 2>/dev/null)`;

function offer(words: readonly string[], completes: Completes): string {
  if (words.length > 0) return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
  if (completes === "run") return `COMPREPLY=($(compgen -W "${runs}" -- "$current"))`;
  if (completes === "folder") return `COMPREPLY=($(compgen -d -- "$current"))`;
  if (completes === "nothing") return "COMPREPLY=()";
  return `COMPREPLY=($(compgen -f -- "$current"))`;
}
