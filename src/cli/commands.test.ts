import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { curveGuards } from "../guard/index.ts";
import { accessCommands } from "./commands/access.ts";
import { launchCommands } from "./commands/launch.ts";
import { lookCommands } from "./commands/look.ts";
import { prepareCommands } from "./commands/prepare.ts";
import { speakCommands } from "./commands/speak.ts";
import { trackCommands } from "./commands/track.ts";
import { judgeCommands, workCommands } from "./commands/work.ts";
import { categories, commands } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { globalFlags } from "./flags.ts";
import { handledCommands, loadHandler } from "./handlers.ts";
import { parseCommandLine } from "./parse.ts";
import { withoutColors } from "./render/paint.ts";

const everyEntry = [
  ...prepareCommands,
  ...judgeCommands,
  ...workCommands,
  ...launchCommands,
  ...speakCommands,
  ...lookCommands,
  ...trackCommands,
  ...accessCommands,
];

describe("the table of commands", () => {
  it("lists exactly the commands that have a handler", () => {
    expect(commands.map(({ name }) => name).sort()).toEqual([...handledCommands].sort());
  });

  it.each(handledCommands)("%s has a handler that loads", async (name) => {
    expect(typeof (await loadHandler(name))).toBe("function");
  });

  it("refuses a name without a handler as a bug", async () => {
    await expect(loadHandler("nothing")).rejects.toThrow("Internal: the command nothing has no handler");
  });

  it("lets every guard of a run's curves be overruled, and no other", () => {
    const resume = workCommands.find(({ name }) => name === "resume");
    expect(resume?.flags.find(({ name }) => name === "overrule")?.choices).toEqual(curveGuards);
  });

  it("has no name twice", () => {
    const names = everyEntry.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  describe.each(everyEntry)("$name", (command) => {
    it("has words for every part", () => {
      expect(command.about).toMatch(/^[A-Z].*\.$/);
      expect(command.summary).toMatch(/^[a-z].*[^.]$/);
      expect(command.examples.length).toBeGreaterThan(0);
      expect(categories.map(([category]) => category)).toContain(command.category);
      for (const { summary } of [...command.flags, ...command.arguments]) expect(summary).not.toMatch(/\.$/);
    });

    it("has flags that do not clash", () => {
      const flags = [...command.flags, ...globalFlags];
      const names = flags.flatMap(({ name, short }) => [name, ...(short ? [short] : [])]);
      expect(new Set(names).size).toBe(names.length);
      for (const { name } of flags) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    });

    it("names exit codes of the table", () => {
      const known = exitCodes.map(({ code }) => code);
      expect(command.exitCodes.filter((code) => !known.includes(code))).toEqual([]);
    });

    it("requires no word after one that may be left out", () => {
      const optional = command.arguments.map((argument) => argument.optional === true);
      expect(optional).toEqual([...optional].sort());
    });
  });

  it("has examples that are understood", () => {
    for (const { examples } of commands) {
      for (const { line } of examples) {
        const words = line.replace(/ (>>?|&&) .*$/, "").match(/"[^"]*"|\S+/g) ?? [];
        expect(parseCommandLine(words.slice(1)).wants, line).toBe("run");
      }
    }
  });
});

describe("exit codes", () => {
  it("are those of the style page", () => {
    const rows = [...readFileSync("docs/STYLE.md", "utf8").matchAll(/^\| (\d+) \| (.+?) \|/gm)];
    expect(rows.map(([, code]) => Number(code))).toEqual(exitCodes.map(({ code }) => code));
    expect(withoutColors("\u001b[1mx\u001b[22m")).toBe("x");
  });
});
