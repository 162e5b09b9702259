/** @file A row as question and answer: the parts of its conversation, and the conversation as text. */
import { answerText, type Conversation, type Example, type Message } from "@tunewise/core/rows";

/** A conversation or a document. */
type AnyRow = Conversation & Pick<Example, "isDocument">;

/** The answer of a row, its last turn, as text with its calls; the text of a document. */
export function answerOf({ messages }: Conversation): string {
  const answer = messages.at(-1);
  return answer === undefined ? "" : answerText(answer);
}

/** The turn before the answer, which metrics call the question. */
export function questionOf({ messages }: Conversation): string {
  return messages.at(-2)?.content ?? "";
}

/**
 * All turns except the answer, without system messages, one per line; the text of a document. Rows are searched and
 * compared by this text.
 */
export function promptOf(row: AnyRow): string {
  if (row.isDocument === true) return answerOf(row);
  return askedOf(row).map(answerText).join("\n");
}

/**
 * All turns except the answer, without system messages, for display. A single turn is unchanged; several have their
 * roles.
 *
 * @param maxCharacters max length of each turn before the last one; a long conversation shows its first and last turns
 */
export function transcriptOf(row: Conversation, maxCharacters: number = Number.POSITIVE_INFINITY): string {
  const asked = askedOf(row);
  if (asked.length <= 1) return asked[0]?.content ?? "";
  const lines = asked.map((turn, at) => {
    const { role } = turn;
    const content = answerText(turn);
    const isWhole = at === asked.length - 1 || content.length <= maxCharacters;
    return `${role}: ${isWhole ? content : `${content.slice(0, maxCharacters).trimEnd()} ...`}`;
  });
  const left = lines.length - turnsFirst - turnsLast;
  if (!Number.isFinite(maxCharacters) || left < 2) return lines.join("\n");
  return [...lines.slice(0, turnsFirst), `(${left} turns)`, ...lines.slice(-turnsLast)].join("\n");
}

/** Number of turns that a shortened transcript of a long conversation shows. */
const [turnsFirst, turnsLast] = [1, 4];

function askedOf({ messages }: Conversation): readonly Message[] {
  return messages.slice(0, -1).filter(({ role }) => role !== "system");
}
