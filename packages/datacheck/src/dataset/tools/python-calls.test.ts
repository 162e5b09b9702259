/** @file Calls in Python's syntax, and texts that are none. */
import { expect, test } from "vitest";
import { pythonCalls, pythonLiteral } from "./python-calls.ts";

const offered = new Set(["find", "Order Status", "a.b"]);

test.each([
  ["[find()]", [{ name: "find", arguments: {} }]],
  ['[find(x=1, y="a, (b)")]', [{ name: "find", arguments: { x: 1, y: "a, (b)" } }]],
  [
    "[Order Status(id=-2.5e3), a.b(ok=True, no=None)]",
    [
      { name: "Order Status", arguments: { id: -2500 } },
      { name: "a.b", arguments: { ok: true, no: null } },
    ],
  ],
  [
    "[find(list=['x', 'it\\'s'], map={'k': [1, {}]},)]",
    [{ name: "find", arguments: { list: ["x", "it's"], map: { k: [1, {}] } } }],
  ],
  ["[find(__proto__=1)]", [{ name: "find", arguments: Object.fromEntries([["__proto__", 1]]) }]],
])("%s", (text, calls) => expect(pythonCalls(text, offered)).toEqual(calls));

test.each([
  "",
  "[]",
  "[other(x=1)]",
  "[find(x=1)] and so on",
  "[find(x=open('f'))]",
  "[find(1)]",
  "[find(x=1]",
  '[find(x="',
  "[find(x=1",
  `[find(x=${"[".repeat(100_000)})]`,
])("%# is none", (text) => expect(pythonCalls(text, offered)).toBeNull());

test("a dict with single quotes is a literal, a name is not", () => {
  expect(pythonLiteral(`{"name": "a", "arguments": '{"x": 1}'}`)).toEqual({
    name: "a",
    arguments: '{"x": 1}',
  });
  expect(pythonLiteral("name")).toBeUndefined();
  expect(pythonLiteral("{'a': 1} x")).toBeUndefined();
});
