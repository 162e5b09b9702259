/** @file Conversations with tools and reasoning are rendered byte for byte as transformers renders them. */
import { resolve } from "node:path";
import type { Conversation } from "@tunewise/core/rows";
import { compileChatTemplate } from "@tunewise/engine/tokenize";
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

test.skipIf(python === "")(
  `${count} conversations in the templates of TRL: the text of transformers, or refused like there`,
  async () => {
    const conversations = Array.from({ length: count }, (_, seed) => randomConversation(seed));
    const rows = JSON.stringify(conversations.map(transformersRow));
    const { status, stdout, stderr } = await endedProgram(
      python,
      [resolve("test/python/templates/render.py")],
      rows,
    );
    expect(status, stderr).toBe(0);
    const rendered = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Rendered);
    expect(rendered.length).toBeGreaterThan(60);
    const different = new Map<string, string[]>();
    for (const { name, source, texts } of rendered) {
      const template = compileChatTemplate(source, special, new Date());
      const render = (conversation: Conversation, isPrompt: boolean): string | null => {
        const { messages } = conversation;
        const asked = isPrompt ? { ...conversation, messages: messages.slice(0, -1) } : conversation;
        try {
          return template(asked, isPrompt);
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
    const summary = [...different].map(([name, all]) => `${name}: ${all.length}, first ${all[0]}`);
    expect(summary).toEqual([]);
  },
);

/** The place where two texts part. */
function difference(expected: string | null, found: string | null): string {
  if (expected === null || found === null) return expected === null ? "not refused" : "refused";
  const at = [...expected].findIndex((letter, place) => letter !== [...found][place]);
  const around = (text: string): string =>
    JSON.stringify([...text].slice(Math.max(0, at - 30), at + 40).join(""));
  return `${around(expected)} is ${around(found)}`;
}
