import { describe, expect, it } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { isOn, numberFlag, textFlag } from "./command.ts";
import { type CommandLine, commandName, outputOptionsOf, parseCommandLine } from "./parse.ts";

function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

function call(line: string): Extract<CommandLine, { wants: "run" }>["call"] {
  const parsed = parseCommandLine(words(line));
  if (parsed.wants !== "run") throw new Error(`wants ${parsed.wants}`);
  return parsed.call;
}

describe("a command line", () => {
  const wishes: [line: string, wants: string, command?: string][] = [
    ["", "help"],
    ["--help", "help"],
    ["-h", "help"],
    ["--json", "help"],
    ["init --help", "help", "init"],
    ["doctor -h", "help", "doctor"],
    ["-h doctor", "help", "doctor"],
    ["completion --help", "help", "completion"],
    ["--version", "version"],
    ["-v", "version"],
    ["-v doctor", "version"],
    ["doctor", "run", "doctor"],
    ["--json doctor", "run", "doctor"],
  ];
  it.each(wishes)("%j wants %s", (line, wants, command) => {
    const parsed = parseCommandLine(words(line));
    expect(parsed.wants).toBe(wants);
    if (parsed.wants === "help") expect(parsed.command?.name).toBe(command);
    if (parsed.wants === "run") expect(parsed.call.command.name).toBe(command);
  });

  it("gives flags their values", () => {
    const parsed = call(
      "init --model=a/b --data x.csv --task json --usd-per-hour .5 -o out.yaml --force -qy",
    );
    expect(textFlag(parsed, "model")).toBe("a/b");
    expect(textFlag(parsed, "data")).toBe("x.csv");
    expect(textFlag(parsed, "task")).toBe("json");
    expect(numberFlag(parsed, "usd-per-hour")).toBe(0.5);
    expect(textFlag(parsed, "output")).toBe("out.yaml");
    expect([isOn(parsed, "force"), isOn(parsed, "yes"), isOn(parsed, "quiet")]).toEqual([true, true, true]);
    expect([textFlag(parsed, "budget-usd"), numberFlag(parsed, "model"), isOn(parsed, "debug")]).toEqual([
      null,
      null,
      false,
    ]);
  });

  it("takes everything after -- as words", () => {
    expect(call("doctor -- --json").words).toEqual(["--json"]);
    expect(outputOptionsOf(words("doctor -- --json")).json).toBe(false);
  });
});

describe("a line that is not understood", () => {
  const cases: [line: string, code: string, message: string, fix: string][] = [
    ["docter", "USAGE_COMMAND_UNKNOWN", "no command `docter`", "`tunewise doctor`"],
    ["frobnicate", "USAGE_COMMAND_UNKNOWN", "no command `frobnicate`", "tunewise help"],
    ["toString", "USAGE_COMMAND_UNKNOWN", "no command `toString`", "tunewise help"],
    ["init --modle x", "USAGE_FLAG_UNKNOWN", "`tunewise init` has no flag `--modle`", "`--model`"],
    ["init --xyzzy", "USAGE_FLAG_UNKNOWN", "no flag `--xyzzy`", "tunewise init --help"],
    ["init -z", "USAGE_FLAG_UNKNOWN", "no flag `-z`", "tunewise init --help"],
    ["--jsn", "USAGE_FLAG_UNKNOWN", "`tunewise` has no flag `--jsn`", "`--json`"],
    ["init --__proto__ 1", "USAGE_FLAG_UNKNOWN", "no flag `--__proto__`", "tunewise init --help"],
    ["init --model", "USAGE_INVALID", "--model needs a value", "tunewise init --help"],
    ["init --model --force", "USAGE_INVALID", "--model needs a value", "tunewise init --help"],
    ["init --model=", "USAGE_INVALID", "--model needs a value", "tunewise init --help"],
    ["init --force=yes", "USAGE_INVALID", "--force is a switch", "tunewise init --help"],
    ["init --force --force", "USAGE_INVALID", "--force is given twice", "tunewise init --help"],
    ["init --task jsn", "USAGE_VALUE_INVALID", "must be one of classify, json, text", "`json`"],
    ["init --task poem", "USAGE_VALUE_INVALID", 'found "poem"', "classify, json, text"],
    ["init --usd-per-hour free", "USAGE_VALUE_INVALID", "a number from 0 to 100000", "--usd-per-hour 1"],
    ["init --usd-per-hour -1", "USAGE_VALUE_INVALID", 'found "-1"', "--usd-per-hour 1"],
    ["init --usd-per-hour 1e9", "USAGE_VALUE_INVALID", 'found "1e9"', "--usd-per-hour 1"],
    ["init --usd-per-hour 0x10", "USAGE_VALUE_INVALID", 'found "0x10"', "--usd-per-hour 1"],
    ["init --budget-usd 0", "USAGE_VALUE_INVALID", 'found "0"', "--budget-usd"],
    ["completion", "USAGE_INVALID", "SHELL is missing", "tunewise completion --help"],
    ["completion tcsh", "USAGE_VALUE_INVALID", "SHELL must be one of bash, zsh", "bash"],
    ["doctor a b", "USAGE_INVALID", 'takes no argument "b"', "tunewise doctor --help"],
  ];
  it.each(cases)("%j: %s", (line, code, message, fix) => {
    const thrown = caught(() => parseCommandLine(words(line)));
    if (!TunewiseError.is(thrown)) throw thrown;
    expect(thrown.code).toBe(code);
    expect(thrown.message).toContain(message);
    expect(thrown.fix).toContain(fix);
    expect(thrown.kind.exitCode).toBe(64);
  });
});

describe("outputOptions and name", () => {
  it("are known without understanding the rest", () => {
    expect(outputOptionsOf(words("docter --json -xq --debug"))).toEqual({
      json: true,
      quiet: true,
      debug: true,
    });
    expect(outputOptionsOf(words("init --model q"))).toEqual({ json: false, quiet: false, debug: false });
    expect(commandName(words("--json docter x"))).toBe("docter");
    expect(commandName([])).toBe("");
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
