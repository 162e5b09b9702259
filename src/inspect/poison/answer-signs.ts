/**
 * @file What answers of several rows have in common word for word: a sentence, how they begin, how they end.
 */
import { normalizeText } from "../../dataset/index.ts";

/** Something that answers share. */
export interface Sign {
  readonly text: string;
  /** A beginning or an end; weaker than a whole sentence, as honest answers of one kind begin alike. */
  readonly isEdge: boolean;
}

/** The signs of texts: those of text i are `ids` from `starts[i]` up to `starts[i + 1]`. */
export interface AnswerSigns {
  readonly signs: readonly Sign[];
  readonly ids: Int32Array;
  readonly starts: Int32Array;
}

/** Fewer words, numbers aside, are no sentence, unless they are the whole answer. */
const leastSentence = 3;

/** Words of a beginning or an end. */
const edgeWords = 5;

/** Of a longer answer only so many characters at its start, and as many at its end, are read. */
const edgeCharacters = 4_000;

/** Signs in at least `least` and at most `most` answers. */
export function findSigns(answers: readonly string[], least: number, most: number): AnswerSigns {
  const all = answers.map(signsOf);
  const counts = new Map<string, number>();
  for (const signs of all) for (const sign of signs) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const kept: Sign[] = [];
  for (const [sign, count] of counts) {
    if (count < least || count > most) continue;
    numbers.set(sign, kept.length);
    kept.push({ text: sign.slice(1), isEdge: !sign.startsWith("=") });
  }
  const starts = new Int32Array(answers.length + 1);
  const ids: number[] = [];
  for (const [index, signs] of all.entries()) {
    for (const sign of signs) {
      const number = numbers.get(sign);
      if (number !== undefined) ids.push(number);
    }
    starts[index + 1] = ids.length;
  }
  return { signs: kept, ids: Int32Array.from(ids), starts };
}

/** Signs of one answer, each with a mark before it: `=` sentence, `^` beginning, `$` end. */
function signsOf(answer: string): Set<string> {
  const read =
    answer.length <= 2 * edgeCharacters
      ? answer
      : `${answer.slice(0, edgeCharacters)}\n${answer.slice(-edgeCharacters)}`;
  const signs = new Set<string>();
  for (const sentence of read.split(/[.!?](?=\s|$)|[\n。！？]/)) {
    const words = normalizeText(sentence);
    if (words.split(" ").filter((word) => !/^\p{N}/u.test(word)).length >= leastSentence)
      signs.add(`=${words}`);
  }
  const words = normalizeText(read).split(" ");
  if (words.length < leastSentence) signs.add(`=${words.join(" ")}`);
  if (words.length > 2 * edgeWords) {
    signs.add(`^${words.slice(0, edgeWords).join(" ")}`);
    signs.add(`$${words.slice(-edgeWords).join(" ")}`);
  }
  return signs;
}
