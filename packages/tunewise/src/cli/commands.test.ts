import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { curveGuards } from "../guard/index.ts";
import type { Command } from "./command.ts";
import { trainCommands } from "./commands/train.ts";
import {
  categories,
  commands,
  documentName,
  findCommand,
  findFormer,
  groups,
  membersOf,
  nearestCommand,
} from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { globalFlags } from "./flags.ts";
import { handledCommands, loadHandler } from "./handlers.ts";
import { commandText, exitCodesText, groupText, overviewText } from "./help.ts";
import { parseCommandLine } from "./parse.ts";
import { paint, withoutColors } from "./render/paint.ts";
import { width } from "./render/table.ts";

describe("the table of commands", () => {
  it("lists exactly the commands that have a handler", () => {
    expect([...commands.map(({ name }) => name), "export"].sort()).toEqual([...handledCommands].sort());
  });

  it.each(handledCommands)("%s has a handler that loads", async (name) => {
    expect(typeof (await loadHandler(name))).toBe("function");
  });

  it("refuses a name without a handler as a bug", async () => {
    await expect(loadHandler("nothing")).rejects.toThrow("Internal: the command nothing has no handler");
  });

  it("lets every guard of a run's curves be overruled, and no other", () => {
    const resume = trainCommands.find(({ name }) => name === "resume");
    expect(resume?.flags.find(({ name }) => name === "overrule")?.choices).toEqual(curveGuards);
  });

  it("has no name twice", () => {
    const names = [...commands.map(({ name }) => name), ...groups.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
  });

  describe.each<Command>(commands)("$name", (command) => {
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

describe("names", () => {
  it("are flat, or a verb of a noun", () => {
    const nouns = groups.map(({ name }) => name);
    const odd = commands.filter(
      ({ name }) => name.includes(" ") && !nouns.includes(name.split(" ")[0] ?? ""),
    );
    expect(odd).toEqual([]);
    for (const group of groups) expect(membersOf(group).length).toBeGreaterThan(0);
  });

  const former: [name: string, name: string][] = [
    ["runs", "runs list"],
    ["show", "runs show"],
    ["stop", "runs stop"],
    ["evaluate", "runs evaluate"],
    ["charge", "runs charge"],
    ["chat", "model chat"],
    ["generate", "model generate"],
    ["serve-model", "model serve"],
    ["export", "export"],
    ["prices", "prices list"],
    ["spend", "cost report"],
    ["budget", "cost budget"],
    ["import", "store import"],
    ["backup", "store backup"],
    ["restore", "store restore"],
    ["users", "server user"],
    ["tokens", "server token"],
    ["projects", "server role"],
    ["audit", "server audit"],
  ];
  it.each(former)("%s of earlier versions calls %s, and documents keep the name", (name, current) => {
    const command = findFormer(name);
    expect(command?.name).toBe(current);
    expect(command && documentName(command)).toBe(name);
  });

  it("has a short form for the server", () => {
    expect(findCommand("serve")?.name).toBe("server start");
    expect(documentName(findCommand("server start") as Command)).toBe("serve");
  });

  const meant: [typed: string, command: string | null][] = [
    ["docter", "doctor"],
    ["shwo", "runs show"],
    ["list", "runs list"],
    ["runs shwo", "runs show"],
    ["model shwo", "runs show"],
    ["pricse", "prices"],
    ["spned", "cost report"],
    ["report", "runs show"],
    ["serve-modle", "model serve"],
    ["bakcup", "store backup"],
    ["frobnicate", null],
    ["runs frobnicate", null],
  ];
  it.each(meant)("%j is taken for %j", (typed, command) => {
    expect(nearestCommand(typed)).toBe(command);
  });
});

describe("help fits the screen", () => {
  const plain = paint(false);
  const texts: [name: string, text: (columns: number) => string][] = [
    ["the overview", (columns) => overviewText(plain, columns)],
    ["exit codes", exitCodesText],
    ...groups.map((group): [string, (columns: number) => string] => [
      group.name,
      (columns) => groupText(group, plain, columns),
    ]),
    ...commands.map((command): [string, (columns: number) => string] => [
      command.name,
      (columns) => commandText(command, plain, columns),
    ]),
  ];
  it.each(texts)("%s, 80 columns wide", (_, text) => {
    for (const columns of [80, 200])
      expect(
        text(columns)
          .split("\n")
          .filter((line) => width(line) > 80),
      ).toEqual([]);
  });

  it.each(texts)("%s, 60 columns wide but for commands to copy", (_, text) => {
    const wide = text(60)
      .split("\n")
      .filter((line) => width(line) > 60 && !/\btunewise /.test(line));
    expect(wide.filter((line) => line.trim().includes(" "))).toEqual([]);
  });

  it.each(texts.slice(0, 2 + groups.length))("%s, 45 lines high", (_, text) => {
    expect(text(80).split("\n").length).toBeLessThanOrEqual(45);
  });

  it("leaves out names and flags of earlier versions", () => {
    const all = texts.map(([, text]) => text(80)).join("\n");
    for (const word of ["--budget-usd", "--max-new-tokens", "--anew", "--usd-per-hour", "--to "])
      expect(all).not.toContain(word);
    expect(all).not.toMatch(/tunewise (show|spend|users|serve-model|export|drop)\b/);
  });
});

describe("exit codes", () => {
  it("are those of the style page", () => {
    const rows = [...readFileSync("docs/STYLE.md", "utf8").matchAll(/^\| (\d+) \| (.+?) \|/gm)];
    expect(rows.map(([, code]) => Number(code))).toEqual(exitCodes.map(({ code }) => code));
    expect(withoutColors("\u001b[1mx\u001b[22m")).toBe("x");
  });
});
