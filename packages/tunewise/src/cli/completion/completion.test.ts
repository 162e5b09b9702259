import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commands } from "../commands.ts";
import { bashCompletion } from "./bash.ts";
import { candidates, singleQuoted } from "./candidates.ts";
import { fishCompletion } from "./fish.ts";
import { powershellCompletion } from "./powershell.ts";
import { zshCompletion } from "./zsh.ts";

const scripts: [shell: string, script: string, syntax: string[]][] = [
  ["bash", bashCompletion(), ["bash", "-n"]],
  ["zsh", zshCompletion(), ["zsh", "-n"]],
  ["fish", fishCompletion(), ["fish", "--no-execute"]],
  ["pwsh", powershellCompletion(), []],
];

function hasShell(name: string): boolean {
  return spawnSync(name, ["-c", "exit"], { stdio: "ignore" }).error === undefined;
}

describe.each(scripts)("the script for %s", (shell, script, [program = "", ...words]) => {
  it("knows every command and flag", () => {
    for (const { name, flags } of commands) {
      expect(script).toContain(name);
      for (const flag of flags) if (!flag.isHidden) expect(script).toContain(flag.name);
    }
  });

  it.skipIf(program === "" || !hasShell(shell))("is valid to the shell itself", () => {
    const { status, stderr } = spawnSync(program, words, {
      input: script,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describe.skipIf(!hasShell("bash"))("bash completes", () => {
  const cases: [line: string, offers: string[]][] = [
    ["tunewise do", ["doctor"]],
    ["tunewise init --bud", ["--budget"]],
    ["tunewise ru", ["run", "runs"]],
    ["tunewise sh", []],
    ["tunewise runs s", ["show", "stop", "sweep"]],
    ["tunewise --json runs -q s", ["show", "stop", "sweep"]],
    ["tunewise runs list --cli", ["--client"]],
    ["tunewise runs list --client m", ["mlflow"]],
    ["tunewise server user r", ["remove", "role"]],
    ["tunewise cost budget ", ["list", "set", "remove"]],
    ["tunewise model s", ["serve"]],
    ["tunewise serve --po", ["--port"]],
    ["tunewise store export p", ["parquet"]],
    ["tunewise help mo", ["model"]],
    ["tunewise init --task ", ["classify", "json", "tools", "text"]],
    ["tunewise completion z", ["zsh"]],
    ["tunewise --json doctor --q", ["--quiet"]],
    ["tunewise help exit", ["exit-codes"]],
    ["tunewise explain RECIPE_KEY_U", ["RECIPE_KEY_UNKNOWN"]],
    ["tunewise init --model ", []],
    ["tunewise nothing ", []],
  ];
  it.each(cases)("%j", (line, offers) => {
    const words = line.split(" ").map(singleQuoted).join(" ");
    const ask = `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _tunewise; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync("bash", ["-c", `${bashCompletion()}\n${ask}`], { encoding: "utf8" });
    expect(stdout.split("\n").filter((word) => word !== "")).toEqual(offers);
  });
});

describe("candidates", () => {
  it("offer values where a flag has choices", () => {
    const init = candidates().find(({ name }) => name === "init");
    expect(init?.flags.find(({ name }) => name === "task")?.words).toEqual([
      "classify",
      "json",
      "tools",
      "text",
    ]);
    expect(init?.flags.find(({ name }) => name === "data")?.completes).toBe("file");
  });

  it("quote text for a shell", () => {
    expect(singleQuoted("it's")).toBe("'it'\\''s'");
  });

  it("keep quotes of summaries inside quotes in fish", () => {
    expect(fishCompletion()).toContain("-d 'check this machine and the recipe\\'s environment'");
  });
});
