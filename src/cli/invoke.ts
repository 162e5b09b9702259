/**
 * @file One command line, from words to exit code.
 */
import { TunewiseError, wordSystemError } from "../problem/index.ts";
import { DONE, FAILED } from "./exit-codes.ts";
import { createFace, type Face, type World } from "./face.ts";
import { loadHandler } from "./handlers.ts";
import { type CommandLine, commandName, mannerOf, parseCommandLine } from "./parse.ts";
import { errorDocument, errorText } from "./render/problem.ts";
import { version } from "./version.ts";

/**
 * Carries out a command line and never throws: whatever goes wrong is shown and becomes the exit code.
 *
 * @param words without the node executable and the script
 * @returns an exit code of `exit-codes.ts`
 */
export async function invoke(words: readonly string[], world: World): Promise<number> {
  const command = commandName(words);
  const face = createFace(world, mannerOf(words), command);
  try {
    return await carryOut(parseCommandLine(words), face);
  } catch (thrown) {
    const error = wordSystemError(thrown);
    showError(error, face, command);
    return TunewiseError.is(error) ? error.kind.exitCode : FAILED;
  }
}

async function carryOut(line: CommandLine, face: Face): Promise<number> {
  if (line.wants === "version") {
    if (face.json) face.document({ version: version() });
    else face.result(version());
    return DONE;
  }
  if (line.wants === "help") {
    const { showHelp } = await import("./handlers/help.ts");
    return showHelp(line.command, face);
  }
  const handle = await loadHandler(line.call.command.name);
  return handle(line.call, face);
}

function showError(error: unknown, face: Face, command: string): void {
  if (face.json) face.document({ error: errorDocument(error) });
  else face.complain(errorText(error, face.paintTalk, { command, version: version() }, face.columns));
  if (face.debug && error instanceof Error) face.complain(error.stack ?? "");
}
