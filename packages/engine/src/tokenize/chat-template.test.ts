/** @file Chat templates: Python's behavior where the library differs, limits, dates. */

import type { Message } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import { compileChatTemplate, strftime } from "./chat-template.ts";
import { MAX_TEMPLATE_LENGTH, parseTemplate } from "./jinja.ts";

const messages: readonly Message[] = [
  { role: "user", content: "a" },
  { role: "assistant", content: "b" },
  { role: "user", content: "c" },
];
const render = (source: string, given: readonly Message[] = messages, now: Date | null = null): string =>
  compileChatTemplate(source, new Map([["bos_token", "<s>"]]), now)({ messages: given }, true);

describe("as in Python", () => {
  test.each([
    [
      "text before break stays",
      "{% for m in messages %}{{ m.content }}{% if loop.index == 2 %}!{% break %}{% endif %},{% endfor %}.",
      "a,b!.",
    ],
    [
      "text before continue stays",
      "{% for m in messages %}{{ m.content }}{% if m.role == 'user' %}{% continue %}{% endif %},{% endfor %}",
      "ab,c",
    ],
    [
      "break leaves the inner loop alone",
      "{% for m in messages %}{% for i in range(5) %}{{ i }}{% if i == 1 %}{% break %}{% endif %}{% endfor %};{% endfor %}",
      "01;01;01;",
    ],
    [
      "a variable of one turn is gone in the next",
      "{% for m in messages %}{% if loop.first %}{% set x = 1 %}{% endif %}{{ x }}|{% endfor %}",
      "1|||",
    ],
    [
      "an outer variable is seen in each turn",
      "{% set x = 0 %}{% for m in messages %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}",
      "0505050",
    ],
    [
      "a namespace carries over",
      "{% set n = namespace(x=0) %}{% for m in messages %}{% set n.x = n.x + 1 %}{% endfor %}{{ n.x }}",
      "3",
    ],
    [
      "kinds never equal across",
      "{{ '1' == 1 }} {{ none == undefined_name }} {{ 1 == true }} {{ 1 != 1.0 }}",
      "False False True False",
    ],
    [
      "lists and mappings equal by item",
      "{{ [1, 'a'] == [1, 'a'] }} {{ {'a': 1} == {'a': 2} }} {{ [1] != [1, 2] }}",
      "True False True",
    ],
    [
      "constants print as Python prints them",
      "{{ true }} {{ none }} {{ undefined_name }} {{ false ~ none }}",
      "True None  FalseNone",
    ],
    [
      "JSON without escapes for HTML",
      "{{ {'a': '<é>', 'b': [1, none]} | tojson }}",
      '{"a": "<é>", "b": [1, null]}',
    ],
    [
      "special tokens are variables",
      "{{ bos_token }}{{ add_generation_prompt }}{{ tools is none }}",
      "<s>TrueTrue",
    ],
    [
      "strip takes the characters to remove",
      "{{ '\\n x \\n'.lstrip('\\n') }}|{{ 'abxab'.strip('ba') }}|{{ 'x  '.rstrip() }}|{{ ' x'.rstrip(' ') }}",
      " x \n|x|x| x",
    ],
    [
      "text filters take any value",
      "{{ none | string }} {{ true | upper }} {{ ['a', 1.5, none, \"it's\"] | lower }} {{ {'k': 'v'} | string }} {{ x | upper }}.",
      "None TRUE ['a', 1.5, none, \"it's\"] {'k': 'v'} .",
    ],
    [
      "texts are iterated by character, and characters have no attributes",
      "{% for c in 'abc' if c != 'b' %}{{ c }},{% endfor %}{{ 'abc' | selectattr('type') | list | length }}",
      "a,c,0",
    ],
    ["generation blocks print their content", "{% generation %}x{% endgeneration %}y", "xy"],
    ["blocks trim as transformers sets it", "  {% if true %}\n  a\n  {% endif %}\nb\n", "  a\nb"],
  ])("%s", (_, source, text) => {
    expect(render(source)).toBe(text);
  });

  test.each([
    ["a text and a number", "{{ 'a' + 1 }}"],
    ["a part of an undefined value", "{{ messages[0].tool.name }}"],
    ["a method of an undefined value", "{{ name.strip() }}"],
  ])("%s: refused", (_, source) => {
    expect(() => render(source)).toThrow(expect.objectContaining({ code: "TEMPLATE_FAILED" }));
  });

  test("trimming leaves a byte order mark", () => {
    expect(render("{{ messages[0].content | trim }}", [{ role: "user", content: " \ufeff x " }])).toBe(
      "\ufeff x",
    );
  });

  test("tools, calls and reasoning are variables, named as in transformers", () => {
    const source =
      "{{ tools and tools[0].function.name }} {% for m in messages %}{{ m.reasoning_content }}{{ m.thinking }} {{ m.tool_calls | tojson }} {{ m.tool_call_id }} {{ m.name is defined }} {% endfor %}";
    const template = compileChatTemplate(source, new Map(), null);
    const toolCalls = [{ id: "1", name: "add", arguments: { b: 2, a: "\ufeff" } }];
    const conversation = {
      tools: [{ type: "function", function: { name: "add" } }],
      messages: [
        { role: "assistant" as const, content: "", reasoning: "why", toolCalls },
        { role: "tool" as const, content: "3", toolCallId: "1", name: "add" },
      ],
    };
    const call =
      '{"id": "1", "type": "function", "function": {"name": "add", "arguments": {"b": 2, "a": "\ufeff"}}}';
    expect(template(conversation, false)).toBe(`add whywhy [${call}]  False  null 1 True `);
    expect(template({ messages: [] }, false)).toBe("None ");
  });

  test("a template cannot change the messages of the next rendering", () => {
    const template = compileChatTemplate(
      "{% set messages = messages[1:] %}{{ messages | length }}",
      new Map(),
      null,
    );
    expect([template({ messages }, false), template({ messages }, false)]).toEqual(["2", "2"]);
    expect(messages).toHaveLength(3);
  });
});

describe("limits and refusals", () => {
  test.each<[string, string, string, RegExp]>([
    ["raise_exception", "{{ raise_exception('No system here') }}", "TEMPLATE_FAILED", /No system here/],
    ["a call of nothing", "{{ nothing() }}", "TEMPLATE_FAILED", /raised an error/],
    ["broken syntax", "{% if %}", "TEMPLATE_INVALID", /not valid Jinja/],
    ["an open block", "{% for m in messages %}", "TEMPLATE_INVALID", /not valid Jinja/],
    ["too long", "x".repeat(MAX_TEMPLATE_LENGTH + 1), "TEMPLATE_LIMIT", /1048576 characters/],
    ["a huge range", "{% for i in range(1000000000) %}{% endfor %}", "TEMPLATE_LIMIT", /100000 items/],
    [
      "text that doubles",
      "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
      "TEMPLATE_LIMIT",
      /characters of text/,
    ],
    [
      "loops in loops",
      "{% for i in range(9999) %}{% for j in range(9999) %}{% set x = 1 %}{% endfor %}{% endfor %}",
      "TEMPLATE_LIMIT",
      /steps/,
    ],
  ])("%s", (_, source, code, message) => {
    let failure: unknown;
    try {
      render(source);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toMatch(message);
  });

  test("recursion ends", () => {
    const source = "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}";
    expect(() => render(source)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^TEMPLATE_/) }),
    );
  });

  test("deep nesting ends", () => {
    expect(() => parseTemplate(`{{ ${"(".repeat(200_000)} }}`)).toThrow(
      expect.objectContaining({ code: "TEMPLATE_INVALID" }),
    );
  });
});

describe("dates", () => {
  const date = new Date(2024, 1, 5, 14, 7, 9);
  test.each([
    ["%d %b %Y", "05 Feb 2024"],
    ["%A, %B %-d, %y", "Monday, February 5, 24"],
    ["%Y-%m-%dT%H:%M:%S %I%p %j %%", "2024-02-05T14:07:09 02PM 036 %"],
    ["%F %T %Q", "2024-02-05 14:07:09 %Q"],
  ])("%s", (format, text) => {
    expect(strftime(date, format)).toBe(text);
  });

  const source =
    "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}26 Jul 2024{% endif %}";
  test("a template prints the day it is given, or its own", () => {
    expect(render(source, messages, date)).toBe("05 Feb 2024");
    expect(render(source)).toBe("26 Jul 2024");
    expect(render("{{ strftime_now('%Y-%m-%d') }}")).toBe("2024-07-26");
  });
});
