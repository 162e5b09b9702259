import type { Reader, TrackedRun } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { runCommands } from "./run-commands.ts";

const reader = { all: async () => [] } as unknown as Reader;
const run = { id: "20261201-a", number: 1, status: "stopped" } as TrackedRun;
const own = { recipePath: null, recipeSettings: "" };

test("a try is repeated and continued by `try`, a training by `run` and `resume`", async () => {
  expect(await runCommands(reader, run, own, true)).toMatchObject({
    run: "tunewise try tunewise.yaml",
    resume: "tunewise try tunewise.yaml",
    repeat: "tunewise try tunewise.yaml --fresh",
  });
  expect(await runCommands(reader, run, own, false)).toMatchObject({
    run: "tunewise run tunewise.yaml",
    resume: "tunewise resume 20261201-a",
    repeat: "tunewise run tunewise.yaml --force 'repeats 20261201-a'",
  });
});
