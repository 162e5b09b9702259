/**
 * @file A model's chat template: a conversation as the text the model was trained on.
 */
import type { Message } from "../example.ts";
import { parseTemplate, runTemplate } from "./jinja.ts";
import { strftime } from "./strftime.ts";

/** Renders a conversation. */
export type ChatTemplate = (messages: readonly Message[], addGenerationPrompt: boolean) => string;

/**
 * JavaScript counts U+FEFF as white space when it trims, Python does not. It travels as a noncharacter, which
 * neither trims.
 */
const byteOrderMark = /\ufeff/g;
const standIn = "\ufdd0";

/**
 * Compiles a template.
 *
 * @param specialTokens variables such as `bos_token`
 * @param now the date templates print through `strftime_now`; without one that function is not defined, so
 * templates fall back to the date they carry
 * @throws {TunewiseError} `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`; the renderer also `TEMPLATE_FAILED`
 */
export function compileChatTemplate(
  source: string,
  specialTokens: ReadonlyMap<string, string>,
  now: Date | null,
): ChatTemplate {
  const template = parseTemplate(source);
  const fixed = new Map<string, unknown>([["tools", null], ["documents", null], ...specialTokens]);
  if (now !== null) fixed.set("strftime_now", (format: unknown) => strftime(now, String(format)));
  return (messages, addGenerationPrompt) => {
    const guarded = messages.some(({ content }) => content.includes("\ufeff"));
    const given = messages.map(({ role, content }) => ({
      role,
      content: guarded ? content.replace(byteOrderMark, standIn) : content,
    }));
    const text = runTemplate(
      template,
      new Map([...fixed, ["messages", given], ["add_generation_prompt", addGenerationPrompt]]),
    );
    return guarded ? text.replaceAll(standIn, "\ufeff") : text;
  };
}
