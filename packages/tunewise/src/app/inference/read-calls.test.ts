/** @file Which models can be offered tools. */
import { expect, test } from "vitest";
import { tokenizerWith } from "../../../../../test/support/scripted-model.ts";
import { callReader } from "./read-calls.ts";

const offered = { definitions: [{}], isParallel: true };

test.each([
  ["writes no calls", "{{ m.content }}"],
  ["shows no names", "{% for c in m.tool_calls %}<c>{{ c.function.arguments | tojson }}</c>{% endfor %}"],
])("a template that %s is refused", (_, turn) => {
  expect(() => callReader(tokenizerWith(turn), offered)).toThrow(
    expect.objectContaining({ code: "TOOLS_UNSUPPORTED" }),
  );
});
