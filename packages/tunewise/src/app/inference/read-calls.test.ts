/** @file Which models can be offered tools, and how earlier calls are given to their templates. */
import { expect, test } from "vitest";
import { callTemplates } from "../../../../../test/support/call-templates.ts";
import { tokenizerWith } from "../../../../../test/support/scripted-model.ts";
import { callReader, withTemplateArguments } from "./read-calls.ts";

const offered = { definitions: [{}], isParallel: true };

test.each([
  ["writes no calls", "{{ m.content }}"],
  ["shows no names", "{% for c in m.tool_calls %}<c>{{ c.function.arguments | tojson }}</c>{% endfor %}"],
])("a template that %s is refused", (_, turn) => {
  expect(() => callReader(tokenizerWith(turn), offered)).toThrow(
    expect.objectContaining({ code: "TOOLS_UNSUPPORTED" }),
  );
});

test("arguments are texts for templates that require them, and objects for others", () => {
  const concatenated =
    '{{ m.content }}{% for c in m.tool_calls %}<c>{{ c.function.name + " " + c.function.arguments }}</c>{% endfor %}';
  const toolCalls = [{ name: "f", arguments: { a: 1 } }];
  const conversation = { messages: [{ role: "assistant" as const, content: "", toolCalls }] };
  const given = (turn: string) =>
    withTemplateArguments(conversation, tokenizerWith(turn)).messages[0]?.toolCalls?.[0]?.arguments;
  expect(given(concatenated)).toBe('{"a":1}');
  expect(given(callTemplates["hermes"] ?? "")).toEqual({ a: 1 });
});
