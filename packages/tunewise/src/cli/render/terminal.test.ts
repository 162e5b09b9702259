import { expect, test } from "vitest";
import { createConsole, type ProcessIo } from "../console.ts";
import { paint } from "./paint.ts";
import { wrapLines } from "./table.ts";
import { harmlessJson, harmlessText } from "./terminal.ts";

/** Writes to the clipboard, renames the window, hides a line, reverses text; then the first in its one-byte form. */
const sequences = [
  "\u001b]52;c;ZXZpbA==\u0007",
  "\u001b]0;title\u001b\\",
  "\u001b[8mhidden\u001b[2J",
  "\u202egnp.exe",
  "\u009d52;c;x\u009c",
  "a\rb",
];

test.each(sequences)("%j comes out harmless", (text) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(harmlessText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("our own colors, line ends and tabs stay", () => {
  const { red, bold, dim, cyan, yellow, green } = paint(true);
  const text = `${red("a")}\n\t${bold("b")} ${dim(cyan("c"))} ${yellow("d")} ${green("e")}`;
  expect(harmlessText(text)).toBe(text);
});

test("JSON keeps its value", () => {
  const json = JSON.stringify({ text: sequences.join("") });
  expect(JSON.parse(harmlessJson(json))).toEqual(JSON.parse(json));
  expect(harmlessJson(json)).not.toMatch(/[\u007f-\u009f\u202a-\u202e]/);
});

test("nothing that a command prints goes around it", () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const io = { stdout: stream, stderr: stream, stdin: {}, env: {} } as unknown as ProcessIo;
  const bad = sequences.join(" ");
  for (const json of [false, true]) {
    const console = createConsole(io, { json, quiet: false, debug: false }, "status");
    console.result(bad);
    console.info(bad);
    console.error(bad);
    console.document({ bad });
  }
  expect(written.length).toBe(7);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(written.join("")).not.toMatch(/[\u001b\u0007\u009d\u202e\r]/);
});

test("in a terminal sentences break between words; commands and tables stay whole", () => {
  const sentence = "  tuned answers 61.0 % of the rows, the nearest training row 49.8 %";
  expect(wrapLines(sentence, 40)).toBe(
    "  tuned answers 61.0 % of the rows, the\n  nearest training row 49.8 %",
  );
  for (const whole of [
    "fix: tunewise check a/very/long/path/to/a/recipe.yaml --json",
    "base   tuned   difference to base",
  ])
    expect(wrapLines(whole, 20)).toBe(whole);
  expect(wrapLines(sentence, 80)).toBe(sentence);
});

test("a console breaks sentences for a terminal alone: what a script reads stays on its line", () => {
  const written: string[] = [];
  const write = (text: string): number => written.push(text);
  const io = { stdout: { write }, stderr: { write, isTTY: true, columns: 12 }, stdin: {}, env: {} };
  const console = createConsole(
    io as unknown as ProcessIo,
    { json: false, quiet: false, debug: false },
    "run",
  );
  console.result("one two three four");
  console.info("one two three four");
  expect(written).toEqual(["one two three four\n", "one two\nthree four\n"]);
});
