import { describe, expect, it } from "vitest";
import { commands, groups } from "../../packages/tunewise/src/cli/commands.ts";
import { readText } from "./sources.ts";

const readme = readText("README.md");
const lines = readme.split("\n");
const screen = lines.slice(0, 40).join("\n");
const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };

/** npm's built-in commands, which need no entry in package.json. */
const npmOwn = ["ci", "install", "test", "pack", "config"];

describe("README", () => {
  it.each([
    ["the name", /^# tunewise$/m],
    ["the demo", /^npm ci && npm run demo$/m],
    ["the tests", /^npm ci && npm test$/m],
    ["a plan with its cost", /^\s*money .*\$\d/m],
    ["when it is not for you", /\bnot\b.*\bif\b/i],
    ["how to install it", /npm install --global \.|npm install -g \./],
    ["one's own file", /^tunewise init \S+\.csv/m],
    ["a picture of a report", /^!\[.+\]\(docs\/images\/report\.png\)$/m],
    ["the way to the architecture page", /\(docs\/ARCHITECTURE\.md\)/],
    ["the honest table", /^\| supported \| limited \| not \|$/m],
  ])("shows %s on its first screen of 40 lines", (_, pattern) => {
    expect(screen).toMatch(pattern);
  });

  it("ends its first screen with the honest table", () => {
    expect(lines.slice(40).join("\n")).not.toContain("| supported | limited | not |");
    expect(lines[40] ?? "").not.toMatch(/^\|/);
  });

  it("guards five things, each with a command", () => {
    const guarded = screen.split("\n").filter((line) => /^- \*\*\w+.*\*\*/.test(line));
    expect(guarded).toHaveLength(5);
    expect(guarded.filter((line) => !/`(tunewise \w+|[a-z_]+:)/.test(line))).toEqual([]);
  });

  it("names only commands that package.json has", () => {
    const named = [...readme.matchAll(/\bnpm (?:run )?([a-z][a-z-]*)/g)].map(([, name]) => name ?? "");
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !npmOwn.includes(name) && scripts[name] === undefined)).toEqual([]);
  });

  it("names only commands that tunewise has", () => {
    const named = [...readme.matchAll(/`tunewise ([a-z-]+)|^(?:next: )?tunewise ([a-z-]+)/gm)].map(
      ([, a, b]) => a ?? b,
    );
    const known = [...commands, ...groups].flatMap((one) => [
      "alias" in one ? one.alias : one.name,
      one.name,
    ]);
    expect(named.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });
});
