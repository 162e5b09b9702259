/** The command line as a process: stdout, stderr, exit codes, files. Only commands that need no model. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecipe } from "../../packages/tunewise/src/recipe/index.ts";
import { program } from "../support/program.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tunewise-journey-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tunewise(words: readonly string[], env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "", FORCE_COLOR: "", HF_TOKEN: "", ...env },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

describe("help", () => {
  it("goes to stdout and ends with 0", () => {
    const { code, out, err } = tunewise(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Know what a fine-tune costs/);
    expect(out).toMatch(/^ {2}init {2,}inspect a data file and write a recipe for it$/m);
    expect(tunewise([]).out).toBe(out);
  });

  it("tells about one command both ways", () => {
    const { out } = tunewise(["help", "init"]);
    expect(out).toContain("usage: tunewise init [DATA] [FLAGS]");
    expect(tunewise(["init", "--help"]).out).toBe(out);
  });

  it("tells about a group three ways", () => {
    const { code, out } = tunewise(["help", "runs"]);
    expect(code).toBe(0);
    expect(out).toContain("  runs show      show one run");
    expect(tunewise(["runs", "--help"]).out).toBe(out);
    expect(tunewise(["model"]).out).toContain("usage: tunewise model COMMAND");
  });

  it("names today's spelling of an earlier one", () => {
    const { code, out } = tunewise(["help", "show"]);
    expect(code).toBe(0);
    expect(out).toContain("`tunewise show` is now `tunewise runs show`.");
    expect(out).toContain("usage: tunewise runs show RUN [FLAGS]");
    expect(tunewise(["show", "--help"]).out).toBe(out);
    expect(tunewise(["export", "-h"]).out).toContain(
      "`tunewise export` is now `tunewise model export` and `tunewise store export`.",
    );
  });

  it("lists exit codes", () => {
    expect(tunewise(["help", "exit-codes"]).out).toContain(
      "  64  invalid usage, recipe, data or model file\n",
    );
  });

  it("knows no such topic", () => {
    const { code, err } = tunewise(["help", "exit-code"]);
    expect(code).toBe(64);
    expect(err).toContain("did you mean `tunewise help exit-codes`?");
  });

  it("is data with --json", () => {
    const document = JSON.parse(tunewise(["help", "--json"]).out);
    expect(document.format_version).toBe(1);
    expect(document.commands.map(({ name }: { name: string }) => name)).toContain("doctor");
  });
});

describe("the version", () => {
  it("is that of package.json", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(tunewise(["--version"]).out).toBe(`${version}\n`);
    expect(JSON.parse(tunewise(["-v", "--json"]).out)).toEqual({ format_version: 1, command: "", version });
  });
});

describe("bad usage", () => {
  it("is said on stderr, with one fix and code 64", () => {
    expect(tunewise(["docter"])).toEqual({
      code: 64,
      out: "",
      err: "error USAGE_COMMAND_UNKNOWN: tunewise has no command `docter`.\n  fix: did you mean `tunewise doctor`?\n",
    });
  });

  it("is a document with --json", () => {
    const { code, out, err } = tunewise(["init", "--modle", "x", "--json"]);
    expect([code, err]).toEqual([64, ""]);
    expect(JSON.parse(out)).toEqual({
      format_version: 1,
      command: "init",
      error: {
        code: "USAGE_FLAG_UNKNOWN",
        title: "Unknown flag",
        message: "`tunewise init` has no flag `--modle`.",
        fix: "did you mean `--model`?",
        where: null,
      },
    });
  });

  it("shows where in the code with --debug alone", () => {
    expect(tunewise(["docter"]).err).not.toContain("unknownCommand");
    expect(tunewise(["docter", "--debug"]).err).toContain("at unknownCommand");
  });

  it("is colored only where colors are wanted", () => {
    expect(tunewise(["docter"]).err).not.toContain("\u001b");
    expect(tunewise(["docter"], { FORCE_COLOR: "1" }).err).toContain("\u001b[31merror\u001b[39m");
    expect(tunewise(["docter"], { FORCE_COLOR: "1", NO_COLOR: "1" }).err).not.toContain("\u001b");
  });
});

describe("explain", () => {
  it("explains a code, however it is written", () => {
    const { code, out } = tunewise(["explain", "recipe-key-unknown"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^RECIPE_KEY_UNKNOWN {2}Unknown key\n/);
    expect(out).toContain("64 (invalid usage, recipe, data or model file)");
  });

  it("lists all codes", () => {
    const { codes } = JSON.parse(tunewise(["explain", "--json"]).out);
    expect(codes.length).toBeGreaterThan(20);
    expect(tunewise(["explain"]).out).toContain("USAGE_CODE_UNKNOWN");
  });

  it("names the nearest code", () => {
    const { code, err } = tunewise(["explain", "RECIPE_SINTAX"]);
    expect(code).toBe(64);
    expect(err).toContain("error USAGE_CODE_UNKNOWN");
    expect(err).toContain("did you mean `tunewise explain RECIPE_SYNTAX`?");
  });
});

describe("init", () => {
  const csv = `text,label\n${Array.from({ length: 30 }, (_, at) => `"Where is order ${at}, please?",${at % 3 ? "delivery" : "billing"}`).join("\n")}\n`;

  it("writes paths that hold from any folder, and answers what is wrong with a code", () => {
    mkdirSync(join(folder, "recipes"), { recursive: true });
    writeFileSync(join(folder, "rows.csv"), csv);
    expect(tunewise(["init", "rows.csv", "-o", "recipes/x.yaml", "-q"]).code).toBe(0);
    expect(readFileSync(join(folder, "recipes", "x.yaml"), "utf8")).toContain("\n  train: ../rows.csv\n");
    for (const words of [["gone.csv"], ["rows.csv", "--model", "nonsense"]]) {
      const { code, err } = tunewise(["init", ...words, "-o", "recipes/y.yaml"]);
      expect(code).toBeGreaterThan(0);
      expect(err).toMatch(/^error (INIT_DATA_NOT_FOUND|MODEL_ID_INVALID): /);
      expect(existsSync(join(folder, "recipes", "y.yaml"))).toBe(false);
    }
  });

  it("writes a recipe from flags, without a question", () => {
    const flags = ["--data", "rows.csv", "--task", "json", "--rate", "0.5/h", "--budget", "2usd"];
    writeFileSync(join(folder, "rows.csv"), csv);
    const { code, out, err } = tunewise(["init", "-o", "a.yaml", ...flags]);
    expect([code, out]).toEqual([0, "wrote a.yaml\n"]);
    expect(err).toContain("data.columns          text -> label");
    expect(err.trimEnd().split("\n").at(-1)).toBe("next: tunewise check a.yaml");
    const text = readFileSync(join(folder, "a.yaml"), "utf8");
    const { recipe, problems } = readRecipe(text, "a.yaml");
    expect(problems).toEqual([]);
    expect(recipe).toMatchObject({
      model: { source: "HuggingFaceTB/SmolLM2-135M-Instruct" },
      data: { train: "rows.csv" },
      task: { kind: "json" },
      budget: { usd: 2, minutes: null },
      machine: { usdPerHour: 0.5 },
    });
    expect(text).toContain("$schema=./node_modules/tunewise/schema/tunewise.schema.json\n");
  });

  it("never replaces a file without --force", () => {
    writeFileSync(join(folder, "b.yaml"), "mine");
    const { code, err } = tunewise(["init", "-o", "b.yaml"]);
    expect(code).toBe(64);
    expect(err).toContain("error RECIPE_EXISTS: b.yaml exists");
    expect(readFileSync(join(folder, "b.yaml"), "utf8")).toBe("mine");
    writeFileSync(join(folder, "rows.csv"), csv);
    expect(tunewise(["init", "rows.csv", "-o", "b.yaml", "--force", "-q"])).toEqual({
      code: 0,
      out: "wrote b.yaml\n",
      err: "",
    });
    expect(readFileSync(join(folder, "b.yaml"), "utf8")).toContain("model:");
  });

  it("says that no data were named where none can be found", () => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    const { code, err } = tunewise(["init", "-o", "empty/a.yaml"]);
    expect([code, err.split(":")[0]]).toEqual([64, "error INIT_DATA_MISSING"]);
  });

  it("takes the rows that lie in the folder", () => {
    const rows = Array.from({ length: 8 }, (_, row) => `{"prompt": "p${row}", "completion": "c${row}"}\n`);
    writeFileSync(join(folder, "train.jsonl"), rows.join(""));
    const { recipe } = JSON.parse(tunewise(["init", "-o", "c.yaml", "--json"]).out);
    expect(recipe).toContain("\n  train: train.jsonl\n");
  });

  it("writes nothing that it would not read", () => {
    writeFileSync(join(folder, "rows.xls"), csv);
    const { code, err } = tunewise(["init", "-o", "d.yaml", "rows.xls"]);
    expect(code).toBe(64);
    expect(err).toContain("error RECIPE_INVALID: d.yaml has one problem.");
    expect(existsSync(join(folder, "d.yaml"))).toBe(false);
  });

  it("says so where it cannot write", () => {
    writeFileSync(join(folder, "rows.csv"), csv);
    const { code, err } = tunewise(["init", "rows.csv", "-o", "no/such/folder/e.yaml"]);
    expect(code).toBe(1);
    expect(err).toContain("error RECIPE_NOT_WRITTEN: no/such/folder/e.yaml could not be written: ENOENT.");
  });
});

describe("doctor", () => {
  it("looks at everything and shows no secret", () => {
    const { out, err } = tunewise(["doctor"], { HF_TOKEN: "hf_verysecret" });
    expect(out).toMatch(/^ok +node +v\d/m);
    expect(out).toMatch(/^ok +runtime +ONNX Runtime starts/m);
    expect(out).toMatch(/^ok +credentials +HF_TOKEN is set/m);
    expect(out).toContain("fix: tunewise init");
    expect(err).toContain("next: ");
    expect(out + err).not.toContain("verysecret");
  });

  it("ends with 2 where a run could not start", () => {
    writeFileSync(join(folder, "bad.yaml"), "model: a/b\ndata:\n  train: gone.jsonl\n  los: all\n");
    const { code, out } = tunewise(["doctor", "bad.yaml", "--json"]);
    expect(code).toBe(2);
    const { ok, checks } = JSON.parse(out);
    expect(ok).toBe(false);
    expect(checks.find(({ name }: { name: string }) => name === "recipe")).toEqual({
      name: "recipe",
      health: "fail",
      detail: "bad.yaml:4:3: `data` has no key `los`.",
      fix: "did you mean `loss`?",
    });
  });
});

describe("an earlier name", () => {
  it.each([
    [["runs"], ["runs", "list"]],
    [["spend"], ["cost", "report"]],
    [["budget"], ["cost", "budget", "list"]],
    [
      ["users", "list"],
      ["server", "user"],
    ],
    [["audit"], ["server", "audit"]],
    [
      ["show", "latest"],
      ["runs", "show", "latest"],
    ],
    [
      ["export", "csv", "--to", "x", "--force"],
      ["store", "export", "csv", "-o", "x", "--force"],
    ],
  ])("%j does what %j does", (former, current) => {
    const [before, now] = [former, current].map((words) => tunewise([...words, "--json"]));
    expect([before?.code, before?.out]).toEqual([now?.code, now?.out]);
  });
});

describe("the process", () => {
  it("does not mind a reader that leaves early", async () => {
    const child = spawn(process.execPath, [program, "completion", "bash"], {
      cwd: folder,
    });
    child.stdout.destroy();
    const errors: string[] = [];
    child.stderr.on("data", (chunk) => errors.push(String(chunk)));
    const code = await new Promise((settle) => child.on("close", settle));
    expect([code, errors.join("")]).toEqual([0, ""]);
  });

  it("prints whole documents into a pipe", () => {
    expect(JSON.parse(tunewise(["help", "--json"]).out)).toHaveProperty("commands");
  });
});

describe("help alone", () => {
  it("imports nothing heavy", () => {
    // The module loader logs what it reads; none of the large packages may be in the log.
    const { stderr } = spawnSync(process.execPath, [program, "--help"], {
      cwd: folder,
      env: { ...process.env, NODE_DEBUG: "esm,module" },
      encoding: "utf8",
    });
    expect(stderr).toContain("picocolors");
    expect(stderr).not.toMatch(/node_modules\/(zod|yaml|onnxruntime-node|@clack|@huggingface)\//);
  });
});
