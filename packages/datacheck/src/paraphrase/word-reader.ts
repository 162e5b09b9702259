/**
 * @file Reads a text as folded words: lowercase, split where letters, digits or case change, so that prose, code and
 * identifiers are read the same way.
 */

/** Maximum number of characters of a row that are read, so that one huge row cannot take minutes. */
export const maxCharacters = 16_384;

/** Form of a word before it was folded. */
export const wordMarks = { number: 1, capital: 2, sentenceStart: 4 } as const;

/** Character classes. `own` is a word by itself: scripts written without spaces. */
const kinds = { gap: 0, lower: 1, upper: 2, digit: 3, own: 4 } as const;
const space = 32;

/**
 * Reads one text at a time into arrays that are reused for the next.
 *
 * After {@link read}, `codes` contains the folded words with one space before, between and after; word `i` is at
 * `starts[i]` to `ends[i]`.
 */
export class WordReader {
  readonly codes: Uint16Array = new Uint16Array(2 * maxCharacters + 2);
  readonly starts: Int32Array = new Int32Array(maxCharacters);
  readonly ends: Int32Array = new Int32Array(maxCharacters);
  readonly marks: Uint8Array = new Uint8Array(maxCharacters);
  /** Number of words. */
  count = 0;
  /** Number of folded codes, including spaces. */
  length = 0;

  /** Never throws: any sequence of UTF-16 units is a valid text. */
  read(text: string): void {
    this.count = 0;
    this.codes[0] = space;
    this.length = 1;
    const end = Math.min(text.length, maxCharacters);
    let before: number = kinds.gap;
    let fresh = true;
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at);
      const kind = kindOf(code);
      if (kind === kinds.gap) {
        if (before !== kinds.gap) this.close();
        if (opensSentence(code)) fresh = true;
      } else {
        if (before !== kinds.gap && isBorder(before, kind)) {
          this.close();
          this.open(kind, false);
        } else if (before === kinds.gap) {
          this.open(kind, fresh);
          fresh = false;
        }
        this.codes[this.length++] = lowerOf(code);
      }
      before = kind;
    }
    if (before !== kinds.gap) this.close();
  }

  private open(kind: number, fresh: boolean): void {
    this.starts[this.count] = this.length;
    let mark = fresh ? wordMarks.sentenceStart : 0;
    if (kind === kinds.digit) mark |= wordMarks.number;
    if (kind === kinds.upper) mark |= wordMarks.capital;
    this.marks[this.count] = mark;
  }

  private close(): void {
    this.ends[this.count++] = this.length;
    this.codes[this.length++] = space;
  }
}

function isBorder(before: number, kind: number): boolean {
  if (before === kinds.own || kind === kinds.own) return true;
  if ((before === kinds.digit) !== (kind === kinds.digit)) return true;
  return before === kinds.lower && kind === kinds.upper;
}

/** Whether a capital after this mark does not indicate a name. */
function opensSentence(code: number): boolean {
  return code !== space && code !== 44 && code !== 45 && code !== 39; // all except space , - '
}

const unknownKind = 255;
const kindTable = new Uint8Array(0x10000).fill(unknownKind);
const lowerTable = new Uint16Array(0x10000);

function kindOf(code: number): number {
  const kind = kindTable[code] as number;
  return kind === unknownKind ? learn(code) : kind;
}

/** Only valid after {@link kindOf} of the same code. */
function lowerOf(code: number): number {
  return lowerTable[code] as number;
}

/**
 * Classifies a character once. Halves of surrogate pairs count as letters, so that emoji and rare scripts form words.
 */
function learn(code: number): number {
  const character = String.fromCharCode(code);
  const lower = character.toLowerCase();
  lowerTable[code] = lower.length === 1 ? lower.charCodeAt(0) : code;
  const kind = kindOfCharacter(code, character, lower !== character);
  kindTable[code] = kind;
  return kind;
}

function kindOfCharacter(code: number, character: string, isUpper: boolean): number {
  if (code >= 0xd800 && code <= 0xdfff) return kinds.lower;
  if (
    /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u.test(
      character,
    )
  ) {
    return kinds.own;
  }
  if (/\p{N}/u.test(character)) return kinds.digit;
  if (!/[\p{L}\p{M}]/u.test(character)) return kinds.gap;
  return isUpper ? kinds.upper : kinds.lower;
}
