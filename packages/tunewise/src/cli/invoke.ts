/** @file Executes one command line, from arguments to exit code. */

import { packageVersion } from "../catalog/index.ts";
import { TunewiseError, wordSystemError } from "../problem/index.ts";
import { type Console, createConsole, type ProcessIo } from "./console.ts";
import { DONE, FAILED } from "./exit-codes.ts";
import { loadHandler } from "./handlers.ts";
import { type CommandLine, commandName, outputOptionsOf, parseCommandLine } from "./parse.ts";
import { errorDocument, errorText } from "./render/problem.ts";

/**
 * Executes a command line. Never throws: prints an error and returns its exit code.
 *
 * @param words without the node executable and the script
 * @returns an exit code of `exit-codes.ts`
 */
export async function invoke(words: readonly string[], io: ProcessIo): Promise<number> {
  const command = commandName(words);
  const console = createConsole(io, outputOptionsOf(words), command);
  try {
    return await execute(parseCommandLine(words), console);
  } catch (thrown) {
    const error = wordSystemError(thrown);
    showError(error, console, command);
    return TunewiseError.is(error) ? error.kind.exitCode : FAILED;
  }
}

async function execute(line: CommandLine, console: Console): Promise<number> {
  if (line.wants === "version") {
    console.output({ version: packageVersion() }, () => packageVersion());
    return DONE;
  }
  if (line.wants === "help") {
    const { showHelp } = await import("./handlers/help.ts");
    return showHelp(line.topic, console, line.formerName);
  }
  const handle = await loadHandler(line.call.command.name);
  const { adoptCommands } = await import("./exec/adopt.ts"); // on use: help and version need no store
  await adoptCommands(line.call, console);
  return handle(line.call, console);
}

function showError(error: unknown, console: Console, command: string): void {
  if (console.json) console.document({ error: errorDocument(error) });
  else
    console.error(
      errorText(error, console.paintStderr, { command, version: packageVersion() }, console.columns),
    );
  if (console.debug && error instanceof Error) console.error(error.stack ?? "");
}
