import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { ProcessIo } from "../console.ts";
import { linesOf, openLines } from "./lines.ts";

async function* chunks(...texts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* texts;
}

async function all(source: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of source) found.push(line);
  return found;
}

/** A `ProcessIo` whose standard input is a stream. */
function worldOf(stdin: PassThrough, terminal: boolean): ProcessIo {
  Object.assign(stdin, { isTTY: terminal });
  return { stdin, stderr: new PassThrough() } as unknown as ProcessIo;
}

describe("lines of a pipe", () => {
  const smile = new TextEncoder().encode("a😀\n");
  it.each<[string, (string | Uint8Array)[], string[]]>([
    ["whole", ["a\nb\n"], ["a", "b"]],
    ["in pieces", ["a", "b\nc", "\n"], ["ab", "c"]],
    ["without an end", ["a\nb"], ["a", "b"]],
    ["of Windows", ["a\r\nb\r\n"], ["a", "b"]],
    ["empty ones too", ["\n\na"], ["", "", "a"]],
    ["half a character in each chunk", [smile.subarray(0, 3), smile.subarray(3)], ["a😀"]],
    ["none", [], []],
  ])("%s", async (_, texts, lines) => {
    expect(await all(linesOf(chunks(...texts)))).toEqual(lines);
  });

  it("have a longest length", async () => {
    const endless = chunks(...Array.from({ length: 11 }, () => "x".repeat(100_000)));
    await expect(all(linesOf(endless))).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("end when they are closed, though the pipe stays open", async () => {
    const input = new PassThrough();
    const lines = openLines(worldOf(input, false), "chat", () => undefined);
    input.write("one\n");
    expect(await lines.next()).toBe("one");
    const next = lines.next();
    lines.close();
    expect(await next).toBeNull();
    expect(input.destroyed).toBe(true);
  });

  it("need an input", () => {
    const io = { stdin: {} } as ProcessIo;
    expect(() => openLines(io, "chat", () => undefined)).toThrow("nothing on standard input");
  });
});

describe("lines of a terminal", () => {
  it("are edited, kept while nobody asks, and end with Ctrl-D", async () => {
    const input = new PassThrough();
    const lines = openLines(worldOf(input, true), "chat", () => undefined);
    input.write("onn\u007fe\rtwo\r");
    expect([await lines.next(), await lines.next()]).toEqual(["one", "two"]);
    const next = lines.next();
    input.write("\u0004");
    expect(await next).toBeNull();
    expect(await lines.next()).toBeNull();
  });

  it("hand over Ctrl-C, and end when they are closed", async () => {
    let interrupts = 0;
    const input = new PassThrough();
    const lines = openLines(worldOf(input, true), "chat", () => void interrupts++);
    const next = lines.next();
    input.write("half\u0003");
    await new Promise((go) => setImmediate(go));
    expect(interrupts).toBe(1);
    lines.close();
    expect(await next).toBeNull();
  });
});
