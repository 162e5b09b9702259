/** @file `tunewise help`: shows the overview, a command, a group, or the exit codes. */
import { nearest, problem, problemCodes, problemKind } from "../../problem/index.ts";
import type { Call, Command, CommandGroup } from "../command.ts";
import {
  commands,
  findCommand,
  findFormer,
  findGroup,
  groups,
  nearestCommand,
  successorsOf,
} from "../commands.ts";
import type { Console } from "../console.ts";
import { DONE, exitCodes } from "../exit-codes.ts";
import {
  commandDocument,
  commandText,
  exitCodesText,
  groupDocument,
  groupText,
  overviewText,
} from "../help.ts";
import { tableText, wrap } from "../render/table.ts";

const EXIT_CODES = "exit-codes";

/**
 * Shows help on a topic.
 *
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN` if there is no such topic
 */
export async function handleHelp(call: Call, console: Console): Promise<number> {
  const topic = call.words.join(" ");
  if (topic === "") return showHelp(null, console);
  if (topic === EXIT_CODES) {
    console.output({ exit_codes: exitCodes }, () => exitCodesText(console.columns));
    return DONE;
  }
  const found = findGroup(topic) ?? findCommand(topic);
  if (found) return showHelp(found, console);
  const former = findFormer(topic);
  if (former) return showHelp(former, console, topic);
  const near = nearest(topic, [EXIT_CODES]) ?? nearestCommand(topic);
  const fix = near ? `did you mean \`tunewise help ${near}\`?` : "tunewise help";
  throw problem("USAGE_COMMAND_UNKNOWN", { name: topic, fix });
}

/**
 * Shows help on a command or a group, or the overview for `null`.
 *
 * @param formerName the outdated name that was used, if any
 */
export function showHelp(
  topic: Command | CommandGroup | null,
  console: Console,
  formerName: string | null = null,
): number {
  const { paint, columns } = console;
  if (topic === null) {
    console.output({ commands: commands.map(commandDocument), groups }, () => overviewText(paint, columns));
  } else if (!("flags" in topic)) {
    console.output(groupDocument(topic), () => groupText(topic, paint, columns));
  } else if (console.json) console.document(commandDocument(topic));
  else if (formerName === null) console.result(commandText(topic, paint, columns));
  else {
    const successors = successorsOf(formerName);
    const names = successors.map(({ name }) => `\`tunewise ${name}\``).join(" and ");
    console.result(`\`tunewise ${formerName}\` is now ${names}.\n`);
    console.result(successors.map((command) => commandText(command, paint, columns)).join("\n\n"));
  }
  return DONE;
}

/**
 * Explains one code, or lists all.
 *
 * @throws {TunewiseError} `USAGE_CODE_UNKNOWN`
 */
export async function handleExplain(call: Call, console: Console): Promise<number> {
  const [word] = call.words;
  if (word === undefined) return listCodes(console);
  const code = word.toUpperCase().replaceAll("-", "_");
  const kind = problemKind(code);
  if (kind === undefined) throw unknownCode(word, code);
  if (console.json) {
    console.document({
      code,
      title: kind.title,
      docs: kind.docs,
      exit_code: kind.exitCode,
      since: kind.since,
    });
    return DONE;
  }
  const meaning = exitCodes.find((row) => row.code === kind.exitCode)?.meaning ?? "";
  console.result(
    [
      `${console.paint.bold(code)}  ${kind.title}`,
      wrap(kind.docs, Math.min(console.columns, 100)).join("\n"),
      tableText(
        ["", ""],
        [
          ["exit code", `${kind.exitCode} (${meaning})`],
          ["since", kind.since],
        ],
      ),
    ].join("\n\n"),
  );
  return DONE;
}

function listCodes(console: Console): number {
  const codes = problemCodes();
  const titles = codes.map((code) => problemKind(code)?.title ?? "");
  console.output({ codes: codes.map((code, at) => ({ code, title: titles[at] })) }, () =>
    tableText(
      ["code", "title"],
      codes.map((code, at) => [code, titles[at] ?? ""]),
    ),
  );
  return DONE;
}

function unknownCode(word: string, code: string): Error {
  const near = nearest(code, problemCodes());
  const fix = near ? `did you mean \`tunewise explain ${near}\`?` : "tunewise explain lists all codes";
  return problem("USAGE_CODE_UNKNOWN", { name: word, fix });
}

/** The generator of each shell, imported on use. */
const generators: Readonly<Record<string, () => Promise<() => string>>> = {
  bash: async () => (await import("../completion/bash.ts")).bashCompletion,
  zsh: async () => (await import("../completion/zsh.ts")).zshCompletion,
  fish: async () => (await import("../completion/fish.ts")).fishCompletion,
  powershell: async () => (await import("../completion/powershell.ts")).powershellCompletion,
};

/** Prints the script of the given shell, which parsing has validated. */
export async function handleCompletion(call: Call, console: Console): Promise<number> {
  const shell = call.words[0] ?? "bash";
  const generate = await generators[shell]?.();
  if (generate === undefined) throw new Error(`Internal: no completion for ${shell}`);
  console.output({ shell, script: generate() }, () => generate());
  return DONE;
}
