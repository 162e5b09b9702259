/**
 * @file Closes standard streams whose terminal is gone before the process ends. On exit Node restores the settings of
 * each terminal, and aborts if a terminal no longer responds.
 */
import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** Standard input, output and error. */
const standard = [0, 1, 2] as const;

/**
 * Lets a process end with its own exit code after its terminal was closed.
 *
 * @source nodejs/node src/node.cc, `ResetStdio`: asserts that `tcsetattr` succeeds, skips descriptors that are closed
 */
export function surviveLostTerminal(program: Pick<NodeJS.Process, "on">): void {
  const terminals = standard.filter((stream) => isatty(stream));
  program.on("exit", () => {
    for (const stream of terminals) if (!isatty(stream)) close(stream);
  });
}

function close(stream: number): void {
  try {
    closeSync(stream);
  } catch {
    // already closed
  }
}
