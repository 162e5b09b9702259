/**
 * @file One conversation as tokens, and where in them the answer stands.
 */
import { TunewiseError } from "../problem/index.ts";
import type { Complaint } from "./complaint.ts";
import type { EncodedRow, Example } from "./example.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A whole row before it is cut. The loss lies on `ids[from]` to `ids[to - 1]`. */
export interface WholeRow {
  readonly ids: readonly number[];
  readonly promptLength: number;
  readonly from: number;
  readonly to: number;
  /** Behind the last end token of the answer; the number of ids where it has none. */
  readonly answerEnd: number;
  readonly endsProperly: boolean;
  /** Whether the prompt alone gives the ids that it has in the whole. */
  readonly promptIsPrefix: boolean;
  readonly beginsTwice: boolean;
}

/**
 * Renders and encodes an example, or says why it cannot be used: `DATA_TEMPLATE_REFUSED`,
 * `DATA_BOUNDARY_UNCLEAR`, `DATA_ANSWER_EMPTY`.
 *
 * @throws {TunewiseError} `TOKENIZER_TEMPLATE_MISSING`, `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function encodeWhole(
  example: Example,
  tokenizer: Tokenizer,
  endIds: ReadonlySet<number>,
  loss: "completion" | "all",
): WholeRow | Complaint {
  const texts = renderBoth(example, tokenizer);
  if ("code" in texts) return texts;
  const { prompt, full } = texts;
  const startsWithPrompt = full.startsWith(prompt);
  const at = startsWithPrompt ? prompt.length : answerPlace(full, example);
  if (at === null && loss === "completion") {
    return { code: "DATA_BOUNDARY_UNCLEAR", reason: "the template changes prompt and answer" };
  }
  const { ids, index } = tokenizer.encodeAt(full, at ?? full.length);
  const end = ids.findLastIndex((id, place) => place >= index && endIds.has(id));
  const answerEnd = end < 0 ? ids.length : end + 1;
  const from = Math.max(1, loss === "all" ? 1 : index);
  const to = loss === "all" ? ids.length : answerEnd;
  if (from >= to)
    return { code: "DATA_ANSWER_EMPTY", reason: "no token of the answer is left in the template" };
  return {
    ids,
    promptLength: index,
    from,
    to,
    answerEnd,
    endsProperly: end >= 0,
    promptIsPrefix: !startsWithPrompt || isPrefix(tokenizer.encodeAt(prompt, 0).ids, ids, index),
    beginsTwice: tokenizer.beginId !== null && ids[0] === tokenizer.beginId && ids[1] === tokenizer.beginId,
  };
}

/** The row cut to a length, with its labels. */
export function labelRow(whole: WholeRow, maxLength: number, example: number): EncodedRow {
  const ids = Int32Array.from(whole.ids.length > maxLength ? whole.ids.slice(0, maxLength) : whole.ids);
  const labelled = new Uint8Array(ids.length);
  labelled.fill(1, whole.from, Math.min(whole.to, ids.length));
  return { ids, labelled, promptLength: Math.min(whole.promptLength, ids.length), example };
}

function renderBoth(example: Example, tokenizer: Tokenizer): { prompt: string; full: string } | Complaint {
  try {
    const full = tokenizer.render(example.messages, { addGenerationPrompt: false });
    const prompt = tokenizer.render(example.messages.slice(0, -1), { addGenerationPrompt: true });
    return { prompt, full };
  } catch (error) {
    // What a template refuses is a matter of the row; everything else is one of the model.
    if (!TunewiseError.is(error) || error.code !== "TEMPLATE_FAILED") throw error;
    return { code: "DATA_TEMPLATE_REFUSED", reason: String(error.about["reason"]) };
  }
}

/** Where the answer's text stands in the rendering, as written or trimmed; `null` if it does not. */
function answerPlace(full: string, example: Example): number | null {
  const answer = example.messages.at(-1)?.content ?? "";
  for (const text of [answer, answer.trim()]) {
    const place = text === "" ? -1 : full.lastIndexOf(text);
    if (place >= 0) return place;
  }
  return null;
}

function isPrefix(prompt: readonly number[], ids: readonly number[], length: number): boolean {
  return prompt.length === length && prompt.every((id, place) => id === ids[place]);
}
