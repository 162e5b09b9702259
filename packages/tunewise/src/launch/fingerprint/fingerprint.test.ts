import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { parseCommand } from "./arguments.ts";
import { hashContent, hashNamedFiles, readCodeVersion } from "./command-files.ts";
import { type CommandParts, fingerprintCommand } from "./fingerprint.ts";

const folder = temporaryFolder();

function printOf(line: string, more: Partial<CommandParts> = {}): { exact: string; family: string } {
  return fingerprintCommand({ command: line.split(" "), files: new Map(), code: null, ...more });
}

describe("a command line", () => {
  it("is taken apart", () => {
    const { program, words, options } = parseCommand(
      "/usr/bin/python -u train.py --lr 1e-4 --lora-r=8 --bf16 --shift -3 optim.lr=2 +data.seed=1".split(" "),
    );
    expect(program).toBe("python");
    expect(words).toEqual([]);
    expect(options.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "u train.py",
      "lr 1e-4",
      "lora_r 8",
      "bf16 null",
      "shift -3",
      "optim.lr 2",
      "data.seed 1",
    ]);
  });
});

describe("the fingerprint", () => {
  const base = "accelerate launch train.py --lr 1e-4 --seed 7 --model m";
  it.each([
    "accelerate launch train.py --model m --seed 7 --lr 1e-4",
    "accelerate launch train.py --lr=1e-4 --seed=7 --model m",
    `${base} --output_dir out/7`,
    `${base} --output-dir=out --run_name x --report_to mlflow --logging_dir y`,
    `${base} --hub_token hf_secret --hub_model_id me/x --push_to_hub`,
    `/opt/bin/${base}`,
    `${base} trainer.output_dir=elsewhere`,
  ])("is the same for %s", (line) => {
    expect(printOf(line)).toEqual(printOf(base));
  });

  it.each([
    base.replace("1e-4", "2e-4"),
    base.replace("train.py", "other.py"),
    `${base} --bf16`,
    base.replace("accelerate", "torchrun"),
    base.replace("--model m", "--model n"),
  ])("is another, and of another family, for %s", (line) => {
    expect(printOf(line).exact).not.toBe(printOf(base).exact);
    expect(printOf(line).family).not.toBe(printOf(base).family);
  });

  it.each([base.replace("--seed 7", "--seed 8"), base.replace(" --seed 7", ""), `${base} data.data_seed=3`])(
    "is another of the same family for %s",
    (line) => {
      expect(printOf(line).exact).not.toBe(printOf(base).exact);
      expect(printOf(line).family).toBe(printOf(base).family);
    },
  );

  it("counts code and its changes", () => {
    const prints = [
      null,
      { commit: "a", changesSha256: null },
      { commit: "b", changesSha256: null },
      { commit: "a", changesSha256: "c" },
    ].map((code) => printOf(base, { code }).family);
    expect(new Set(prints).size).toBe(4);
  });

  it("does not depend on the order of options with different names, but on that of equal ones", () => {
    const options = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9.]{1,8}$/)),
      {
        selector: ([name]) => name,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(
        options.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([one, other]) => {
          const lineOf = (list: [string, string][]): string =>
            ["t", ...list.map(([n, v]) => `--${n} ${v}`)].join(" ");
          expect(printOf(lineOf(other))).toEqual(printOf(lineOf(one)));
        },
      ),
    );
    expect(printOf("t --x 1 --x 2").exact).not.toBe(printOf("t --x 2 --x 1").exact);
  });
});

describe("files named by a command", () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const printWith = async (line: string): Promise<string> =>
    printOf(line, { files: await hashNamedFiles(line.split(" "), folder) }).exact;

  it("count by content, not by name", async () => {
    write("a.py", "print(1)\n");
    write("b.py", "print(1)\n");
    write("c.py", "print(2)\n");
    expect(await printWith("python a.py")).toBe(await printWith("python b.py"));
    expect(await printWith("python a.py")).not.toBe(await printWith("python c.py"));
    expect(await printWith("python a.py --data=b.py")).not.toBe(await printWith("python a.py --data=c.py"));
  });

  it("do not count where they are only written to", async () => {
    mkdirSync(join(folder, "out"), { recursive: true });
    const files = await hashNamedFiles("t --output_dir out --logging_dir a.py x out".split(" "), folder);
    expect(files).toEqual(new Map());
  });

  it("are rows in any order, as often as they are there", async () => {
    const rows = fc.array(fc.stringMatching(/^[a-z]{0,6}$/), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        rows.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        fc.constantFrom("\n", "\r\n"),
        async ([one, other], end) => {
          const [left, right] = [
            write("one.jsonl", one.join("\n")),
            write("two.jsonl", other.join(end) + end),
          ];
          const [a, b] = await Promise.all([left, right].map((name) => hashContent(join(folder, name), 100)));
          expect(b).toBe(a);
        },
      ),
      { numRuns: 50 },
    );
    const hashes = ["a\nb\n", "a\nb\nb\n", "a\n", "ab\n", ""].map((text) => {
      return hashContent(join(folder, write(`${text.length}${text[1] ?? "-"}.jsonl`, text)), 10);
    });
    expect(new Set(await Promise.all(hashes)).size).toBe(5);
  });

  it("keep the head of a table apart", async () => {
    const hash = (name: string, text: string): Promise<string> =>
      hashContent(join(folder, write(name, text)), 10);
    expect(await hash("1.csv", "x\n1\n2\n")).toBe(await hash("2.csv", "x\n2\n1\n"));
    expect(await hash("3.csv", "1\nx\n2\n")).not.toBe(await hash("1.csv", "x\n1\n2\n"));
    expect(await hash("4.txt", "1\n2\n")).not.toBe(await hash("5.txt", "2\n1\n"));
  });
});

describe("the version of the code", () => {
  const repository = join(folder, "repository");
  const git = (...words: string[]): void => {
    const who = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
    spawnSync("git", [...who, ...words], { cwd: repository });
  };

  it("is none outside a repository, and before a first commit", async () => {
    mkdirSync(repository);
    expect(await readCodeVersion(join(folder, "nowhere"))).toBe(null);
    git("init", "-q");
    expect(await readCodeVersion(repository)).toBe(null);
  });

  it("knows commits and changes of tracked files, and passes over new files", async () => {
    writeFileSync(join(repository, "train.py"), "1\n");
    git("add", ".");
    git("commit", "-qm", "first");
    const clean = await readCodeVersion(repository);
    expect(clean).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/), changesSha256: null });
    writeFileSync(join(repository, "results.txt"), "new\n");
    expect(await readCodeVersion(repository)).toEqual(clean);
    writeFileSync(join(repository, "train.py"), "2\n");
    const dirty = await readCodeVersion(repository);
    expect(dirty).toMatchObject({
      commit: clean?.commit,
      changesSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    writeFileSync(join(repository, "train.py"), "3\n");
    expect(await readCodeVersion(repository)).not.toEqual(dirty);
  });
});
