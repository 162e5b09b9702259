/** @file Small chat templates, each of which writes calls in another syntax that models in use have. */
import type { Conversation } from "@tunewise/core/rows";
import { compileChatTemplate } from "@tunewise/engine/tokenize";

const begin = "{% if tools %}<|sys|>{{ tools | tojson }}{% endif %}{% for m in messages %}<|{{ m.role }}|>";
const end = "<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
const calls = (one: string, between = ""): string =>
  `{% for c in m.tool_calls %}${one}{% if not loop.last %}${between}{% endif %}{% endfor %}`;
const json = "{{ c.function.arguments | tojson }}";
const ifCalls = (text: string, otherwise = ""): string =>
  `{% if m.tool_calls %}${text}{% else %}${otherwise}{% endif %}`;
const items = (one: string): string => `{% for k, v in c.function.arguments.items() %}${one}{% endfor %}`;
const raw = "{{ v | tojson if v is not string else v }}";

/** Templates by the family whose syntax they have. */
export const callTemplates: Readonly<Record<string, string>> = {
  hermes: `{{ m.content }}${calls('<tool_call>\n{"name": "{{ c.function.name }}", "arguments": @args}\n</tool_call>', "\n")}`,
  llama: ifCalls(
    `{% if m.tool_calls | length > 1 %}{{ raise_exception("one call") }}{% endif %}${calls('{"name": "{{ c.function.name }}", "parameters": @args}')}`,
    "{{ m.content }}",
  ),
  mistral: ifCalls(
    `[TOOL_CALLS][${calls('{"name": "{{ c.function.name }}", "arguments": @args, "id": "{{ c.id }}"}', ", ")}]`,
    "{{ m.content }}",
  ),
  mistral3: `{{ m.content }}${calls("[TOOL_CALLS]{{ c.function.name }}[CALL_ID]{{ c.id }}[ARGS]@args")}`,
  phi: `{{ m.content }}${ifCalls(
    `<|tool_call|>[${calls('{"name": "{{ c.function.name }}", "arguments": @args}', ", ")}]<|/tool_call|>`,
  )}`,
  command: ifCalls(
    `<|START_ACTION|>[\n${calls('    {"tool_call_id": "{{ loop.index0 }}", "tool_name": "{{ c.function.name }}", "parameters": @args}', ",\n")}\n]<|END_ACTION|>`,
    "{{ m.content }}",
  ),
  deepseek: `{{ m.content }}${ifCalls(
    `<｜calls｜>${calls("<｜call｜>function<｜sep｜>{{ c.function.name }}\n```json\n@args\n```<｜end｜>", "\n")}<｜/calls｜>`,
  )}`,
  coder: `{{ m.content }}${calls(
    `<tool_call>\n<function={{ c.function.name }}>\n${items(`<parameter={{ k }}>\n${raw}\n</parameter>\n`)}</function>\n</tool_call>`,
    "\n",
  )}`,
  glm: `{{ m.content }}${calls(
    `\n<tool_call>{{ c.function.name }}\n${items(`<arg_key>{{ k }}</arg_key>\n<arg_value>${raw}</arg_value>\n`)}</tool_call>`,
  )}`,
  minimax: `{{ m.content }}${ifCalls(
    `\n<tool_calls>\n${calls(`<invoke name="{{ c.function.name }}">\n${items(`<parameter name="{{ k }}">${raw}</parameter>\n`)}</invoke>\n`)}</tool_calls>`,
  )}`,
  functionary: `{{ m.content }}${calls(">>>{{ c.function.name }}\n@args")}`,
  byName: `{{ m.content }}${calls('<call>{"{{ c.function.name }}": @args}</call>')}`,
  indented: `{{ m.content }}${calls("<tool_call>\n{{ c | tojson(indent=2) }}\n</tool_call>")}`,
  encoded: `{{ m.content }}${calls('<call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson | tojson }}}</call>')}`,
  thinking: `{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}{{ m.content }}${calls("<call>{{ c.function.name }} @args</call>")}`,
  plain: "{{ m.content }}",
};

/** A chat template whose turns are written in a given way. */
export function turnTemplate(turn: string): string {
  return `${begin}${turn.replace("@args", json)}${end}`;
}

/** The part of a tokenizer that renders conversations, with a template of `callTemplates` or another for a turn. */
export function rendererOf(turn: string): {
  render(conversation: Conversation, options: { readonly addGenerationPrompt: boolean }): string;
} {
  const template = compileChatTemplate(turnTemplate(turn), new Map(), null);
  return { render: (conversation, { addGenerationPrompt }) => template(conversation, addGenerationPrompt) };
}

/** An answer as the template writes it: what follows the prompt, without the end of the turn. */
export function answerWritten(
  { render }: ReturnType<typeof rendererOf>,
  answer: Conversation["messages"][number],
): string {
  const messages = [{ role: "user", content: "Hi" }] as const;
  const prompt = render({ messages, tools: [{}] }, { addGenerationPrompt: true });
  const full = render({ messages: [...messages, answer], tools: [{}] }, { addGenerationPrompt: false });
  return full.slice(prompt.length, -"<|end|>".length);
}
