/**
 * @file Conversations as one text, whose turns begin with the name of a speaker: `Human: `, `### Assistant: `,
 * `<|im_start|>user` and others. The first name shows the form, and only names in the same form begin turns.
 */
import { roleOf } from "./messages.ts";
import { type Fields, fieldOf } from "./record.ts";

/**
 * A name with the mark before and after it. A mark is punctuation or a tag; the role decides whether the name is a
 * speaker.
 */
const named =
  /(<[^<>\s]{1,24}>|[^\p{L}\p{N}\s]{1,8} ?)?(?<![\p{L}\p{N}])(\p{L}{2,12}(?:[ _]\p{L}{2,12})?)(<[^<>\s]{1,24}>|[:|\]>*]{1,4}|(?=\n))/gu;

/** Texts that tokenizers write before and after turns. */
const special = /^(?:<\|[^<>|\s]{1,24}\|>|<\/?(?:s|bos|eos|end_of_turn)>)/;
const specialEnd = /(?:<\|[^<>|\s]{1,24}\|>|<\/?(?:s|eos|end_of_turn)>)$/;

/** Max. length of a text that is searched for speakers; longer texts are documents. */
const maxCharacters = 2 ** 20;

interface Speaker {
  readonly mark: string;
  readonly name: string;
  readonly end: string;
  readonly start: number;
  readonly contentStart: number;
}

/**
 * Reads the turns of a transcript as messages with `role` and `content`; `null` for a text that does not begin with a
 * speaker or has no turn of an assistant. An empty turn of an assistant at the end is dropped: it asks for an answer.
 *
 * @source the data sets Anthropic/hh-rlhf and timdettmers/openassistant-guanaco; ChatML
 */
export function transcriptTurns(text: string): Fields[] | null {
  if (text.length > maxCharacters) return null;
  const speakers = speakersIn(text);
  const turns = speakers.map(({ name, contentStart }, at) => {
    const content = text.slice(contentStart, speakers[at + 1]?.start ?? text.length).trim();
    return { role: name, content };
  });
  if (!turns.some(({ role }) => roleOf(role) === "assistant")) return null;
  const answered = turns.find(({ role }) => roleOf(role) === "assistant")?.content ?? "";
  const closing = specialEnd.exec(answered)?.[0] ?? "";
  const plain = turns.map(({ role, content }) => ({ role, content: withoutEnd(content, closing) }));
  const last = plain.at(-1);
  const isOpen = last !== undefined && roleOf(last.role) === "assistant" && last.content === "";
  return isOpen ? plain.slice(0, -1) : plain;
}

function withoutEnd(content: string, closing: string): string {
  return closing !== "" && content.endsWith(closing) ? content.slice(0, -closing.length).trimEnd() : content;
}

/** The speakers in the form of the first one; none if the text begins with something else. */
function speakersIn(text: string): readonly Speaker[] {
  const begin = beginOf(text);
  if (!isSpeakerAt(text, begin)) return [];
  const found = [...text.matchAll(named)].flatMap((match): Speaker[] => {
    const [whole, mark = "", name = "", end = ""] = match;
    const contentStart = match.index + whole.length;
    return roleOf(nameOf(name)) === undefined
      ? []
      : [{ mark, name: nameOf(name), end, start: match.index, contentStart }];
  });
  const [first] = found;
  if (first === undefined || first.start !== begin || (first.mark === "" && first.end === "")) return [];
  // the punctuation before a mark may end the turn before it
  const alike = found
    .filter(({ mark, end }) => mark.endsWith(first.mark) && end === first.end)
    .map((one) => ({ ...one, start: one.start + one.mark.length - first.mark.length }));
  if (first.mark !== "") return alike;
  // names without a mark occur in sentences too: they begin a line, after as many empty lines as the second one
  const starting = alike.filter(
    ({ mark, start }) => start === begin || (mark === "" && text[start - 1] === "\n"),
  );
  const gap = starting[1] === undefined ? 1 : lineEndsBefore(text, starting[1].start);
  return starting.filter(({ start }) => start === begin || lineEndsBefore(text, start) >= gap);
}

/** The start of the first turn: after white space and what a tokenizer writes at the start. */
function beginOf(text: string): number {
  const start = text.length - text.trimStart().length;
  const mark = special.exec(text.slice(start, start + maxOpening))?.[0] ?? "";
  if (mark === "" || isSpeakerAt(text, start)) return start;
  return text.length - text.slice(start + mark.length).trimStart().length;
}

/** Characters that the beginning of a turn takes at most. */
const maxOpening = 100;

function isSpeakerAt(text: string, at: number): boolean {
  const [first] = text.slice(at, at + maxOpening).matchAll(named);
  return first?.index === 0 && roleOf(nameOf(first[2] ?? "")) !== undefined;
}

function lineEndsBefore(text: string, start: number): number {
  let count = 0;
  while (text[start - 1 - count] === "\n") count++;
  return count;
}

function nameOf(name: string): string {
  return name.toLowerCase().replace(" ", "_");
}

/** Max. fields of a row that are searched for a transcript. */
const maxFields = 32;

/** The only field of a row that is a transcript with a question and its answer; `null` if there is none. */
export function transcriptField(fields: Fields): string | null {
  const found = Object.keys(fields)
    .slice(0, maxFields)
    .filter((name) => {
      const value = fieldOf(fields, name);
      if (typeof value !== "string") return false;
      const turns = transcriptTurns(value);
      const first = turns?.find(({ role }) => roleOf(String(role)) !== "system");
      return first !== undefined && roleOf(String(first["role"])) === "user" && (turns?.length ?? 0) > 1;
    });
  return found.length === 1 ? (found[0] ?? null) : null;
}
