/** @file `tunewise help`: the overview, one command or group, or the exit codes. */
import { nearest, problem } from "../../problem/index.ts";
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

const EXIT_CODES = "exit-codes";

/**
 * Shows help on a topic.
 *
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN` if there is no such topic
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const topic = call.words.join(" ");
  if (topic === "") return showHelp(null, console);
  if (topic === EXIT_CODES) {
    if (console.json) console.document({ exit_codes: exitCodes });
    else console.result(exitCodesText(console.columns));
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
 * @param formerName the name of earlier versions that was used
 */
export function showHelp(
  topic: Command | CommandGroup | null,
  console: Console,
  formerName: string | null = null,
): number {
  const { paint, columns } = console;
  if (topic === null) {
    if (console.json) console.document({ commands: commands.map(commandDocument), groups });
    else console.result(overviewText(paint, columns));
  } else if (!("flags" in topic)) {
    if (console.json) console.document(groupDocument(topic));
    else console.result(groupText(topic, paint, columns));
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
