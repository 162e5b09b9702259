/** @file The syntax of calls is learned from a template, or none is. */
import { expect, test } from "vitest";
import { callTemplates, rendererOf } from "../../../../../test/support/call-templates.ts";
import { learnToolCallSyntax, rendersTools } from "./learn.ts";

test("the texts around a call, in order", () => {
  const around = Object.fromEntries(
    Object.entries(callTemplates).map(([name, template]) => {
      const syntax = learnToolCallSyntax(rendererOf(template));
      if (syntax === null) return [name, null];
      const { open, before, form, after, separator, close } = syntax;
      return [name, [open, before, form.kind, after, separator, close].join(" · ")];
    }),
  );
  expect(around).toMatchInlineSnapshot(`
    {
      "byName": " · <call> · object · </call> ·  · ",
      "coder": " · <tool_call>
    <function= · keyed · 
    </function>
    </tool_call> ·  · ",
      "command": "<|START_ACTION|>[ · 
         · object ·  · , · ]<|END_ACTION|>",
      "deepseek": "<｜calls｜> · <｜call｜>function<｜sep｜> · named · 
    \`\`\`<｜end｜> ·  · <｜/calls｜>",
      "encoded": " · <call> · object · </call> ·  · ",
      "functionary": " · >>> · named ·  ·  · ",
      "glm": " · <tool_call> · keyed · 
    </tool_call> ·  · ",
      "hermes": " · <tool_call>
     · object · 
    </tool_call> ·  · ",
      "indented": " · <tool_call>
     · object · 
    </tool_call> ·  · ",
      "llama": " ·  · object ·  ·  · ",
      "minimax": "<tool_calls> · 
    <invoke name=" · keyed · 
    </invoke> ·  · 
    </tool_calls>",
      "mistral": "[TOOL_CALLS][ ·  · object ·  · ,  · ]",
      "mistral3": " · [TOOL_CALLS] · named ·  ·  · ",
      "phi": "<|tool_call|>[ ·  · object ·  · ,  · ]<|/tool_call|>",
      "plain": null,
      "thinking": " · <call> · named · </call> ·  · ",
    }
  `);
});

test.each([
  ["writes no calls", "{{ m.content }}"],
  ["writes names only", "{% for c in m.tool_calls %}<call>{{ c.function.name }}</call>{% endfor %}"],
  ["writes arguments only", "{% for c in m.tool_calls %}<call>@args</call>{% endfor %}"],
  ["refuses calls", "{% if m.tool_calls %}{{ raise_exception('no') }}{% endif %}{{ m.content }}"],
  ["hides the name in the id", "{% for c in m.tool_calls %}<call>{{ c.id }} @args</call>{% endfor %}"],
  [
    "writes keys in upper case",
    "{% for c in m.tool_calls %}<c>{{ c.function.name }}{{ c.function.arguments | tojson | upper }}</c>{% endfor %}",
  ],
])("no syntax is learned from a template that %s", (_, template) => {
  expect(learnToolCallSyntax(rendererOf(template))).toBeNull();
});

test("whether definitions of tools reach the prompt", () => {
  expect(rendersTools(rendererOf("{{ m.content }}"))).toBe(true);
  expect(rendersTools({ render: () => "a prompt" })).toBe(false);
});
