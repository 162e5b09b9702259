import { describe, expect, it } from "vitest";
import { TunewiseError } from "../problem/index.ts";
import { budgetFlag, isOn, numberFlag, textFlag } from "./command.ts";
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
    ["runs", "run", "runs list"],
    ["runs --status completed", "run", "runs list"],
    ["runs show latest", "run", "runs show"],
    ["--json runs -q show latest", "run", "runs show"],
    ["show latest", "run", "runs show"],
    ["show --help", "help", "runs show"],
    ["runs show --help", "help", "runs show"],
    ["runs --help", "help", "runs"],
    ["model", "help", "model"],
    ["model --json", "help", "model"],
    ["prices --spot", "run", "prices list"],
    ["prices update", "run", "prices update"],
    ["prices --from https://mirror.example update", "run", "prices update"],
    ["serve --port 0", "run", "server start"],
    ["export csv --to out", "run", "export"],
    ["store export csv -o out", "run", "store export"],
  ];
  it.each(wishes)("%j wants %s", (line, wants, command) => {
    const parsed = parseCommandLine(words(line));
    expect(parsed.wants).toBe(wants);
    if (parsed.wants === "help") expect(parsed.topic?.name).toBe(command);
    if (parsed.wants === "run") expect(parsed.call.command.name).toBe(command);
  });

  it("gives flags their values", () => {
    const parsed = call(
      "init --model=a/b --data x.csv --task json --usd-per-hour .5 -o out.yaml --force -qy",
    );
    expect(textFlag(parsed, "model")).toBe("a/b");
    expect(textFlag(parsed, "data")).toBe("x.csv");
    expect(textFlag(parsed, "task")).toBe("json");
    expect(numberFlag(parsed, "rate")).toBe(0.5);
    expect(textFlag(parsed, "output")).toBe("out.yaml");
    expect([isOn(parsed, "force"), isOn(parsed, "yes"), isOn(parsed, "quiet")]).toEqual([true, true, true]);
    expect([textFlag(parsed, "budget"), numberFlag(parsed, "model"), isOn(parsed, "debug")]).toEqual([
      null,
      null,
      false,
    ]);
  });

  const budgets: [flags: string, usd: number | null, minutes: number | null][] = [
    ["--budget 20usd", 20, null],
    ["--budget $2.5", 2.5, null],
    ["--budget 30min", null, 30],
    ["--budget 20usd,30min", 20, 30],
    ["--budget=0.5min,1usd", 1, 0.5],
    ["--budget 20usd --budget 30min", 20, 30],
    ["--budget-usd 20 --budget-minutes 30", 20, 30],
    ["--budget 20usd --budget-minutes 30", 20, 30],
    ["", null, null],
  ];
  it.each(budgets)("run %j caps dollars and minutes", (flags, usd, minutes) => {
    expect(budgetFlag(call(`run ${flags}`.trim()))).toEqual({ usd, minutes });
  });

  it("takes earlier spellings for today's", () => {
    expect(numberFlag(call("init --rate 2.49/h"), "rate")).toBe(2.49);
    expect(isOn(call("try --anew"), "fresh")).toBe(true);
    expect(numberFlag(call("generate latest --max-new-tokens 7"), "max-tokens")).toBe(7);
    expect(textFlag(call("store export csv --to out"), "output")).toBe("out");
    expect(call("budget drop").words).toEqual(["remove"]);
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
    ["init --task jsn", "USAGE_VALUE_INVALID", "must be one of classify, json, tools, text", "`json`"],
    ["init --task poem", "USAGE_VALUE_INVALID", 'found "poem"', "classify, json, tools, text"],
    ["init --usd-per-hour free", "USAGE_VALUE_INVALID", "a number from 0 to 100000", "--usd-per-hour 1"],
    ["init --usd-per-hour -1", "USAGE_VALUE_INVALID", 'found "-1"', "--usd-per-hour 1"],
    ["init --usd-per-hour 1e9", "USAGE_VALUE_INVALID", 'found "1e9"', "--usd-per-hour 1"],
    ["init --usd-per-hour 0x10", "USAGE_VALUE_INVALID", 'found "0x10"', "--usd-per-hour 1"],
    ["init --budget-usd 0", "USAGE_VALUE_INVALID", 'found "0"', "--budget-usd"],
    ["shwo", "USAGE_COMMAND_UNKNOWN", "no command `shwo`", "`tunewise runs show`"],
    ["runs shwo", "USAGE_COMMAND_UNKNOWN", "no command `runs shwo`", "`tunewise runs show`"],
    ["model --jsno", "USAGE_FLAG_UNKNOWN", "`tunewise model` has no flag `--jsno`", "`--json`"],
    ["show", "USAGE_INVALID", "RUN is missing", "tunewise runs show --help"],
    ["run --budget 0usd", "USAGE_VALUE_INVALID", 'found "0usd"', "--budget 20usd,30min"],
    ["run --budget 1usd,2usd", "USAGE_VALUE_INVALID", 'found "1usd,2usd"', "--budget 20usd"],
    ["run --budget 20", "USAGE_VALUE_INVALID", 'found "20"', "--budget 20usd"],
    ["run --budget 20eur", "USAGE_VALUE_INVALID", 'found "20eur"', "--budget 20usd"],
    [
      "run --budget 20usd --budget-usd 3",
      "USAGE_INVALID",
      "--budget-usd is given twice",
      "tunewise run --help",
    ],
    ["init --rate free", "USAGE_VALUE_INVALID", 'found "free"', "--rate 2.49/h"],
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
    expect(commandName(words("runs show latest"))).toBe("show");
    expect(commandName(words("show latest"))).toBe("show");
    expect(commandName(words("prices update"))).toBe("prices");
    expect(commandName(words("model --json"))).toBe("model");
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
