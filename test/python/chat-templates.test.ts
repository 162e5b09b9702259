/** @file Conversations with tools and reasoning are rendered byte for byte as transformers renders them. */
import { resolve } from "node:path";
import type { Conversation, JsonObject } from "@tunewise/core/rows";
import { compileChatTemplate, portableTemplate, shippedTemplates } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { endedProgram } from "../support/ended-program.ts";
import { randomConversation, transformersRow } from "../support/random-conversations.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
/** Conversations; with 200 the test takes a minute of processor time. */
const count = Number(process.env["TUNEWISE_TEST_CONVERSATIONS"] ?? 40);

/** What transformers renders with a template; `null`: refused. */
interface Rendered {
  readonly name: string;
  readonly source: string;
  readonly texts: readonly (readonly [full: string | null, prompt: string | null])[];
}

const special = new Map([
  ["bos_token", "<bos>"],
  ["eos_token", "<eos>"],
  ["pad_token", "<pad>"],
  ["unk_token", "<unk>"],
]);

const variables = {
  enable_thinking: false,
  thinking: false,
  documents: [{ title: 'Köln\'s "news"', text: "line\nbreak \\ {{ x }}", count: 2, seen: [true, null] }],
};

test.skipIf(python === "")(
  `${count} conversations in the templates of TRL: the text of transformers, or refused like there`,
  async () => {
    const asked = { conversations: conversationsOf(count), variables: {}, own: shippedTemplates };
    const rendered = await renderedThere(asked);
    expect(rendered.length).toBeGreaterThan(60);
    expect(differences(rendered, asked)).toEqual([]);
  },
);

test.skipIf(python === "")("variables of the templates, passed and set in the template itself", async () => {
  const source =
    "{{ enable_thinking }} {{ documents | tojson }}{% for m in messages %}{{ m.content }}{% endfor %}";
  const files = { tokenizer: {}, config: {}, endIds: [], chatTemplate: source, templateVariables: variables };
  const own = { portable: portableTemplate(files) ?? "" };
  const asked = { conversations: conversationsOf(6), variables, own };
  const rendered = await renderedThere(asked);
  expect(differences(rendered, asked)).toEqual([]);
  // set in the template, they have the values of the variables
  const template = compileChatTemplate(source, special, null);
  expect(rendered[0]?.texts.map(([full]) => full)).toEqual(
    asked.conversations.map((conversation) => template(conversation, false, variables)),
  );
});

function conversationsOf(length: number): Conversation[] {
  return Array.from({ length }, (_, seed) => randomConversation(seed));
}

interface Asked {
  readonly conversations: readonly Conversation[];
  readonly variables: JsonObject;
  readonly own: Readonly<Record<string, string>>;
}

async function renderedThere(asked: Asked): Promise<Rendered[]> {
  const { status, stdout, stderr } = await endedProgram(
    python,
    [resolve("test/python/templates/render.py")],
    JSON.stringify({ ...asked, conversations: asked.conversations.map(transformersRow) }),
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Rendered);
}

/** Where our text is another one, by template. */
function differences(
  rendered: readonly Rendered[],
  { conversations, variables: given, own }: Asked,
): string[] {
  const different = new Map<string, string[]>();
  for (const { name, source, texts } of rendered) {
    const template = compileChatTemplate(source, special, new Date());
    const passed = Object.hasOwn(own, name) ? {} : given;
    const render = (conversation: Conversation, isPrompt: boolean): string | null => {
      const { messages } = conversation;
      const cut = isPrompt ? { ...conversation, messages: messages.slice(0, -1) } : conversation;
      try {
        return template(cut, isPrompt, passed);
      } catch {
        return null;
      }
    };
    for (const [at, conversation] of conversations.entries()) {
      for (const isPrompt of [false, true]) {
        const expected = texts[at]?.[isPrompt ? 1 : 0] ?? null;
        const found = render(conversation, isPrompt);
        if (found !== expected)
          different.set(name, [...(different.get(name) ?? []), difference(expected, found)]);
      }
    }
  }
  return [...different].map(([name, all]) => `${name}: ${all.length}, first ${all[0]}`);
}

/** The place where two texts part. */
function difference(expected: string | null, found: string | null): string {
  if (expected === null || found === null) return expected === null ? "not refused" : "refused";
  const at = [...expected].findIndex((letter, place) => letter !== [...found][place]);
  const around = (text: string): string =>
    JSON.stringify([...text].slice(Math.max(0, at - 30), at + 40).join(""));
  return `${around(expected)} is ${around(found)}`;
}
