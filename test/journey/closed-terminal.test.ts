/** @file A run whose terminal is closed saves a checkpoint and ends with its own exit code; it can be resumed. */
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program } from "../support/program.ts";
import { project, recipe, runFolder, tunewise, useProjects } from "../support/run-projects.ts";

useProjects();

/** Starts a command in a pseudoterminal, closes it after the third step, and prints how the command ended. */
const inTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while b'"kind":"step-end","step":3' not in seen:
    seen += os.read(terminal, 65536)
os.close(terminal)
_, status = os.waitpid(pid, 0)
print("signal", os.WTERMSIG(status)) if os.WIFSIGNALED(status) else print("exit", os.WEXITSTATUS(status))
`;
const hasPython = spawnSync("python3", ["-c", "import pty"]).status === 0;

test.skipIf(!hasPython)("ends with 130, and goes on from the step that it saved", () => {
  const folder = project("closed", recipe().replace("steps: 8", "steps: 60"));
  const script = join(folder, "in-terminal.py");
  writeFileSync(script, inTerminal);
  const words = [script, process.execPath, program, "run", "--yes", "--json"];
  const { stdout, stderr } = spawnSync("python3", words, { cwd: folder, encoding: "utf8" });
  expect(stdout, stderr).toBe("exit 130\n"); // not "signal 6" (abort)
  expect(readdirSync(join(runFolder(folder), "checkpoints")).length).toBeGreaterThan(0);
  const shown = tunewise(folder, "show", "latest", "--json").out;
  expect((JSON.parse(shown) as { run: { status: string } }).run.status).toBe("interrupted");
});
