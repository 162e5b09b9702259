/**
 * @file `tunewise help`: the overview, one command, or the exit codes.
 */
import { nearest, problem } from "../../problem/index.ts";
import type { Call, Command } from "../command.ts";
import { commands, findCommand } from "../commands.ts";
import { DONE, exitCodes } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { commandDocument, commandText, exitCodesText, overviewText } from "../help.ts";

const EXIT_CODES = "exit-codes";

/**
 * Help on a topic.
 *
 * @throws {TunewiseError} `USAGE_COMMAND_UNKNOWN` if the topic is none
 */
export async function handle(call: Call, face: Face): Promise<number> {
  const [topic] = call.words;
  if (topic === undefined) return showHelp(null, face);
  if (topic === EXIT_CODES) {
    if (face.json) face.document({ exit_codes: exitCodes });
    else face.result(exitCodesText());
    return DONE;
  }
  const command = findCommand(topic);
  if (command) return showHelp(command, face);
  const near = nearest(topic, [...commands.map(({ name }) => name), EXIT_CODES]);
  const fix = near ? `did you mean \`tunewise help ${near}\`?` : "tunewise help";
  throw problem("USAGE_COMMAND_UNKNOWN", { name: topic, fix });
}

/** Help on a command, or the overview for `null`. */
export function showHelp(command: Command | null, face: Face): number {
  if (face.json) {
    face.document(command ? commandDocument(command) : { commands: commands.map(commandDocument) });
  } else {
    face.result(command ? commandText(command, face.paint, face.columns) : overviewText(face.paint));
  }
  return DONE;
}
