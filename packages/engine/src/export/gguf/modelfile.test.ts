/** The `Modelfile`: chat templates as Go templates, or the reason; stop texts; sampling. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createTokenizer, type Tokenizer } from "../../tokenize/index.ts";
import { goTemplate } from "./go-template.ts";
import { planModelfile } from "./modelfile.ts";

const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`models/small/${name}`, "utf8"));

function tokenizerWith(chatTemplate: string | null): Tokenizer {
  const { chat_template: own, ...config } = json("tokenizer_config.json");
  const template = chatTemplate ?? String(own);
  return createTokenizer({ tokenizer: json("tokenizer.json"), config, chatTemplate: template, endIds: [2] });
}

const turns = (before: string, system: string): string =>
  `${before}{% for m in messages %}{% if m.role == 'system' %}${system}{% else %}` +
  "{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const ownSystem = "{{ '<|system|>' + m.content + '<|end|>' }}";

function templateOf(source: string | null, isBeginAdded = false): string {
  const made = goTemplate(tokenizerWith(source), isBeginAdded);
  return "template" in made ? made.template : `no: ${made.reason}`;
}

test("ChatML, with the header of the answer after each user", () => {
  expect(templateOf(null)).toBe(
    '{{ range .Messages }}{{ if eq .Role "system" }}<|im_start|>system\n{{ .Content }}<|im_end|>\n' +
      '{{ else if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>\n<|im_start|>assistant\n' +
      '{{ else if eq .Role "assistant" }}{{ .Content }}<|im_end|>\n{{ end }}{{ end }}',
  );
});

test("a default system prompt is written if there is none", () => {
  const otherwise = "{% if messages[0].role != 'system' %}<|system|>Be kind.<|end|>{% endif %}";
  expect(templateOf(turns(otherwise, ownSystem))).toMatch(/^\{\{ if not \.System \}\}<\|system\|>Be kind\./);
});

test("BOS is left to a runtime that adds it, and written otherwise", () => {
  const source = turns("{{ bos_token }}", ownSystem);
  const begin = tokenizerWith(source).decode([tokenizerWith(source).beginId as number]);
  expect(templateOf(source, true)).not.toContain(begin);
  expect(templateOf(source, false).split(begin).length).toBe(3); // with and without a system
});

test.each([
  ["a system in the user's turn", turns("", "{% set ns = 1 %}"), "a system message"],
  ["a refused system", turns("", "{{ raise_exception('no systems') }}"), "a system message"],
  [
    "answers that the history shows otherwise",
    `${turns("", ownSystem)}{{ '<think>' }}`,
    "answers in the history",
  ],
  [
    "turns that depend on their number",
    turns("{{ messages | length }}", ownSystem),
    "otherwise than their order",
  ],
  ["braces", turns("{{ '{' + '{' }}", ownSystem), "braces"],
])("no template, but the reason: %s", (_, source, reason) => {
  expect(templateOf(source)).toMatch(`no: `);
  expect(templateOf(source)).toContain(reason);
});

test("the file names weights, template, stop texts and sampling", () => {
  const options = { weights: "model-f16.gguf", tokenizer: tokenizerWith(null), isBeginAdded: true };
  const generation = { temperature: 0.7, top_p: 0.9, repetition_penalty: 1.05 };
  const { file, notes } = planModelfile({ ...options, generation });
  const text = Buffer.concat([...(file.chunks() as Iterable<Uint8Array>)]).toString();
  expect(notes).toEqual([]);
  expect(text).toMatch(/^FROM \.\/model-f16\.gguf$/m);
  expect(text).toContain('TEMPLATE """{{ range .Messages }}');
  expect(text).toContain('PARAMETER stop "<|im_end|>"\nPARAMETER temperature 0.7\nPARAMETER top_p 0.9\n');
  expect(text).toContain("PARAMETER repeat_penalty 1.05");
  const other = planModelfile({ ...options, generation: { ...generation, do_sample: false } });
  expect(Buffer.concat([...(other.file.chunks() as Iterable<Uint8Array>)]).toString()).not.toContain(
    "temperature",
  );
});

test("a template that cannot be translated leaves a note and a comment", () => {
  const tokenizer = tokenizerWith(turns("{{ messages | length }}", ownSystem));
  const { file, notes } = planModelfile({
    weights: "m.gguf",
    tokenizer,
    generation: {},
    isBeginAdded: false,
  });
  expect(notes).toEqual([expect.stringContaining("no template for Ollama")]);
  const text = Buffer.concat([...(file.chunks() as Iterable<Uint8Array>)]).toString();
  expect(text).toContain("# No TEMPLATE: it writes the turns");
  expect(text).toContain("PARAMETER repeat_penalty 1\n");
});
