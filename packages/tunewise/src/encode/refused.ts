/** @file Rows that cannot be rendered or whose answer cannot be located: the message that the template rejects. */
import type { Conversation, Example, RowIssue, RowLocation } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { type ProblemCode, TunewiseError } from "../problem/index.ts";
import { forTemplate } from "./template-probes.ts";

/** A row that training does not use. */
export interface RefusedExample extends RowIssue<ProblemCode> {
  readonly place: RowLocation;
}

/**
 * The number of the message that a template rejects, from 1: the conversation up to it fails with the same error as the
 * whole conversation. `null` if no such message exists.
 *
 * @param reason the template's error
 */
export function refusedMessage(
  example: Conversation,
  reason: string,
  tokenizer: Pick<Tokenizer, "render">,
): number | null {
  const at = example.messages.findIndex((_, last) => {
    const messages = example.messages.slice(0, last + 1);
    return failureOf({ ...example, messages }, tokenizer) === reason;
  });
  return at < 0 ? null : at + 1;
}

function failureOf(conversation: Conversation, tokenizer: Pick<Tokenizer, "render">): string | null {
  try {
    tokenizer.render(forTemplate(conversation, tokenizer), { addGenerationPrompt: false });
    return null;
  } catch (error) {
    return TunewiseError.is(error) ? String(error.params["reason"]) : null;
  }
}

/** The issue with the rejected message in its reason. */
export function locateRefusal(
  example: Example,
  issue: RowIssue<ProblemCode>,
  tokenizer: Pick<Tokenizer, "render">,
): RowIssue<ProblemCode> {
  if (issue.code !== "DATA_TEMPLATE_REFUSED") return issue;
  const message = refusedMessage(example, issue.reason, tokenizer);
  if (message === null) return issue;
  return { ...issue, reason: `message ${message} (${example.messages[message - 1]?.role}): ${issue.reason}` };
}
