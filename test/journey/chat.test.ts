/**
 * `tunewise model chat` as a process and in a simulated console: the small model that ships with the project, a real
 * run.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { invoke } from "../../packages/tunewise/src/cli/index.ts";
import { ESCAPE } from "../../packages/tunewise/src/cli/render/paint.ts";
import { program } from "../support/program.ts";
import { smallModel, trainSmallRun, tunewise } from "../support/small-run.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { fakeIo } from "./fake-io.ts";

let folder = "";
let run = "";
beforeAll(() => {
  folder = temporaryFolder();
  run = trainSmallRun(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface ChatEvent {
  readonly kind: string;
  readonly turn: number;
  readonly voice: string;
  readonly text?: string;
  readonly reason?: string;
  readonly promptTokens?: number;
  readonly reusedTokens?: number;
  readonly problem?: { readonly code: string };
}

const eventsOf = (out: string): ChatEvent[] =>
  out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ChatEvent);

const textOf = (events: readonly ChatEvent[], turn: number, voice: string): string =>
  events
    .filter((event) => event.turn === turn && event.voice === voice)
    .map(({ text }) => text ?? "")
    .join("");

describe("piped in", () => {
  test("each line is one turn, and answers go to stdout", () => {
    const chat = ["chat", smallModel, "--max-tokens", "8"];
    const { code, out, err } = tunewise(folder, chat, "Copy: red\n\nCopy: blue\n/exit\nCopy: green\n");
    expect(code).toBe(0);
    expect(out.trim().split("\n")).toHaveLength(2);
    expect(err).toMatch(/^(\(cut at 8 tokens\)\n)*$/);
    expect(tunewise(folder, [...chat, "--quiet"], "Copy: red\nCopy: blue").out).toBe(out);
  });

  test("the first answer is that of generate", () => {
    const asked = "My parcel is lost.";
    const { out } = tunewise(folder, ["chat", "latest", "--max-tokens", "30"], asked);
    expect(out).toBe(tunewise(folder, ["generate", "latest", asked, "--max-new-tokens", "30"]).out);
  });

  test("--json gives an event a line, --compare both voices with memories of their own", () => {
    const words = ["chat", run, "--compare", "--json", "--max-tokens", "6"];
    const { code, out, err } = tunewise(folder, words, "My parcel is lost.\nAnd now?\n");
    expect([code, err]).toEqual([0, ""]);
    const events = eventsOf(out);
    expect(new Set(events.map(({ kind }) => kind))).toEqual(
      new Set(["answer-start", "text-added", "answer-end"]),
    );
    expect(events.filter(({ kind }) => kind === "answer-start").map(({ voice }) => voice)).toEqual([
      "small",
      run,
      "small",
      run,
    ]);
    expect(textOf(events, 1, "small")).not.toBe(textOf(events, 1, run));
    for (const { turn, promptTokens = 0, reusedTokens = 0 } of events) {
      if (turn === 2 && promptTokens > 0) expect(reusedTokens).toBeGreaterThan(promptTokens / 3);
    }
  });

  test("commands are obeyed, unknown ones named", () => {
    const input = "/system\n/system Be brief.\n/rest\n/help\n/reset\nHi\n";
    const { code, out, err } = tunewise(folder, ["chat", "--max-tokens", "2"], input);
    expect(code).toBe(0);
    expect(out.trim()).not.toBe("");
    expect(err).toContain("(system: as the recipe says)\n(system: Be brief.)\n");
    expect(err).toContain("there is no /rest; did you mean /reset?\n");
    expect(err).toContain("/system TEXT  sets the system text");
    expect(err).toContain("(forgotten)\n");
  });

  test("a turn that cannot be answered is said, the others are answered, and the end is 1", () => {
    const input = `${"word ".repeat(600)}\nHi\n`;
    const text = tunewise(folder, ["chat", smallModel, "--max-tokens", "3"], input);
    expect(text.code).toBe(1);
    expect(text.err).toContain("error PROMPT_TOO_LONG: The prompt has ");
    expect(text.out.trim()).not.toBe("");
    const events = eventsOf(tunewise(folder, ["chat", smallModel, "--json"], input).out);
    expect(events[0]).toMatchObject({ kind: "problem", problem: { code: "PROMPT_TOO_LONG" } });
    expect(events.at(-1)).toMatchObject({ kind: "answer-end", turn: 2 });
  });

  test("--compare needs two, and other words are checked", () => {
    const { code, err } = tunewise(folder, ["chat", run, "--base", "--compare"]);
    expect([code, err]).toEqual([64, expect.stringContaining("--compare needs a run")]);
    expect(tunewise(folder, ["chat", "nobody/nothing-there-at-all"]).code).toBe(64);
  });

  test("Ctrl-C leaves with 130, though the pipe stays open", async () => {
    const words = [program, "chat", smallModel, "--json"];
    const child = spawn(process.execPath, words, { cwd: folder });
    const end = new Promise<number | null>((done) => child.on("close", done));
    child.stdout.on("data", (chunk) => {
      if (String(chunk).includes("answer-end")) child.kill("SIGINT");
    });
    child.stdin.write("Hi\n");
    expect(await end).toBe(130);
  });
});

describe("in a terminal", () => {
  test("answers stream to stdout; Ctrl-C stops one, then leaves", async () => {
    const { io, stdout, stderr } = fakeIo({ terminal: true, cwd: folder });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stream = Object.assign(new PassThrough(), io.stderr);
    let said = "";
    const answered = (): void => {
      if (said === "" && stdout() !== "") stdin.write("\u0003");
      said = stdout();
    };
    const write = (text: string): void => {
      io.stdout.write(text);
      answered();
    };
    const chat = invoke(["chat", smallModel, "--max-tokens", "400", "--temperature", "5"], {
      ...io,
      stdin,
      stdout: { ...io.stdout, write },
      stderr: stream,
    });
    stdin.write("Tell me everything.\r");
    const until = Date.now() + 20_000;
    while (!stderr().includes("(stopped)") && Date.now() < until) {
      await new Promise((next) => setTimeout(next, 5));
    }
    expect(stderr()).toContain("small (base). /help shows what else there is");
    expect(stderr()).toContain("(stopped)");
    stdin.write("\u0003");
    expect(await chat).toBe(0);
    expect(said).not.toContain(ESCAPE);
  });
});
