/**
 * @file `tunewise help`: the overview, one command, or the exit codes.
 */
import { nearest, problem } from "../../problem/index.ts";
import type { Call, Command } from "../command.ts";
import { commands, findCommand } from "../commands.ts";
import type { Console } from "../console.ts";
import { DONE, exitCodes } from "../exit-codes.ts";
import { commandDocument, commandText, exitCodesText, overviewText } from "../help.ts";

const EXIT_CODES = "exit-codes";

/**
 * Help on a topic.
 *
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN` if the topic is none
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const [topic] = call.words;
  if (topic === undefined) return showHelp(null, console);
  if (topic === EXIT_CODES) {
    if (console.json) console.document({ exit_codes: exitCodes });
    else console.result(exitCodesText());
    return DONE;
  }
  const command = findCommand(topic);
  if (command) return showHelp(command, console);
  const near = nearest(topic, [...commands.map(({ name }) => name), EXIT_CODES]);
  const fix = near ? `did you mean \`tunewise help ${near}\`?` : "tunewise help";
  throw problem("USAGE_COMMAND_UNKNOWN", { name: topic, fix });
}

/** Help on a command, or the overview for `null`. */
export function showHelp(command: Command | null, console: Console): number {
  if (console.json) {
    console.document(command ? commandDocument(command) : { commands: commands.map(commandDocument) });
  } else {
    console.result(
      command ? commandText(command, console.paint, console.columns) : overviewText(console.paint),
    );
  }
  return DONE;
}
