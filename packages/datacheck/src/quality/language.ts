/** @file Language identification by script and function words, and rows in another language than the majority. */
import { type Observation, observeHits } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** Scripts by character class. Han characters without kana are Chinese. */
const scripts: readonly (readonly [string, RegExp])[] = [
  ["Russian or another in Cyrillic", /\p{Script=Cyrillic}/gu],
  ["Greek", /\p{Script=Greek}/gu],
  ["Arabic or another in its script", /\p{Script=Arabic}/gu],
  ["Hebrew", /\p{Script=Hebrew}/gu],
  ["Hindi or another in Devanagari", /\p{Script=Devanagari}/gu],
  ["Bengali", /\p{Script=Bengali}/gu],
  ["Tamil", /\p{Script=Tamil}/gu],
  ["Thai", /\p{Script=Thai}/gu],
  ["Korean", /\p{Script=Hangul}/gu],
  ["Japanese", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["Chinese", /\p{Script=Han}/gu],
];

/** Frequent function words by language. A word of several languages counts for each; single letters count for none. */
const smallWords: Readonly<Record<string, string>> = {
  English:
    "the of and to in is that it for was with as this are you have not be on by from what how my your can do i",
  German:
    "der die das und ist nicht ein eine ich sie es mit den von für auf zu im dem wie was sind wird auch bei nach",
  French:
    "le la les des est et une que dans pour pas qui sur vous je il elle nous avec ce cette du au sont mais",
  Spanish: "el la los las de que y en un una es por con para no se su lo como más pero está del al qué mi",
  Portuguese: "o a os as de que e em um uma é por com para não se do da no na mais mas como você são foi ao",
  Italian: "il la lo gli le di che e un una è per con non sono del della nel più ma come si questo al anche",
  Dutch: "de het een en van is dat niet op te zijn voor met die ik je aan er maar om hoe wat ook naar worden",
  Swedish: "och att det som en ett på är av för med den till inte jag om har de kan vi hur vad från men",
  Danish: "og at det som en et på er af for med den til ikke jeg om har de kan vi hvordan hvad fra der",
  Polish: "i w na się nie jest że do to z jak o co ale po dla czy przez ja są od tego być który",
  Turkish: "ve bir bu için ile da de ne mi çok daha olarak gibi var ben nasıl olan en ama kadar değil",
  Finnish: "ja on ei se että en oli hän mutta kun ovat minä mitä miten tai jos niin ole myös kuin sen",
  Czech: "a je se na že v to s z do ale jak jsem si pro tak co by jako nebo který jsou od této",
  Romanian: "și în de la nu este un o cu pe că din pentru care mai ce sunt sau dar cum acest prin a fi",
  Vietnamese: "và của là có không được cho trong một những với các này đã để người tôi bạn khi như",
  Indonesian:
    "dan yang di ini itu dengan untuk dari tidak dalam akan pada adalah saya ke bisa anda apa juga oleh",
};

const languagesOf = new Map<string, string[]>();
for (const [language, words] of Object.entries(smallWords)) {
  for (const word of words.split(" ").filter(({ length }) => length > 1)) {
    languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);
  }
}

/** Min letters of a script, and min function words of a language, for a confident result. */
const minCharacters = 12;
const minSmallWords = 4;

/**
 * Share of a text's letters in one script; share of its words that are function words; lead over the second
 * language.
 */
const scriptShare = 0.5;
const smallShare = 0.2;
const lead = 1.6;

/** Only this many characters of a text are read. */
const readCharacters = 2_000;

/** The language of a text, or `null` if it cannot be determined reliably: short texts, code, names. */
export function languageOf(text: string): string | null {
  const read = text.slice(0, readCharacters).toLowerCase();
  const letters = (read.match(/\p{L}/gu) ?? []).length;
  if (letters < minCharacters) return null;
  const latin = (read.match(/\p{Script=Latin}/gu) ?? []).length;
  return latin > scriptShare * letters ? latinLanguage(read) : scriptOf(read, letters);
}

function scriptOf(text: string, letters: number): string | null {
  // Japanese is checked before Chinese: it uses both kinds of characters.
  const kana = (text.match(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu) ?? []).length;
  if (kana > 0.15 * letters) return "Japanese";
  for (const [name, pattern] of scripts) {
    if ((text.match(pattern) ?? []).length > scriptShare * letters) return name;
  }
  return null;
}

function latinLanguage(text: string): string | null {
  const words = text.match(/\p{L}{1,40}/gu) ?? [];
  const hits = new Map<string, number>();
  const kinds = new Map<string, Set<string>>();
  for (const word of words) {
    for (const language of languagesOf.get(word) ?? []) {
      hits.set(language, (hits.get(language) ?? 0) + 1);
      kinds.set(language, (kinds.get(language) ?? new Set()).add(word));
    }
  }
  const [best, second] = [...hits].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] < minSmallWords || best[1] < smallShare * words.length) return null;
  if ((kinds.get(best[0])?.size ?? 0) < minSmallWords - 1 || best[1] < lead * (second?.[1] ?? 0)) return null;
  return best[0];
}

const languageAsked = [
  /\btranslat|\b(?:second|another|other|foreign) language\b/i,
  /\b(?:in|into|to|for) (?:English|German|French|Spanish|Portuguese|Italian|Dutch|Swedish|Danish|Polish)\b/i,
  /\b(?:in|into|to|for) (?:Turkish|Finnish|Czech|Romanian|Vietnamese|Indonesian|Latin)\b/i,
  /\b(?:in|into|to|for) (?:Russian|Greek|Arabic|Hebrew|Hindi|Japanese|Korean|Chinese)\b/i,
];

/** Whether a prompt requests an answer in a named language, or a translation. */
function asksForLanguage(prompt: string): boolean {
  const read = prompt.slice(0, readCharacters);
  return languageAsked.some((pattern) => pattern.test(read));
}

/** If more rows than this share are in other languages, the data set is intentionally multilingual. */
const maxStrays = 0.2;

/** Min rows with a known language to determine the main one. */
const minKnown = 20;

/** `DATA_LANGUAGE_MIXED`. */
export function languageMix(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const judged = rows.map((row) => ({
    row,
    asked: languageOf(row.prompt),
    answered: areLabels || asksForLanguage(row.prompt) ? null : languageOf(row.answer),
  }));
  const strays = straysFrom(judged.map(({ asked, answered }) => asked ?? answered));
  const pairs = straysFrom(
    judged.map(({ asked, answered }) =>
      asked === null || answered === null ? null : `${asked}>${answered}`,
    ),
  );
  const hits = judged.flatMap(({ row, asked, answered }, index) => {
    if (strays.has(index)) return [{ row, reason: `in ${asked ?? answered}` }];
    if (asked === answered || !pairs.has(index)) return [];
    return [{ row, reason: `asked in ${asked}, answered in ${answered}` }];
  });
  return observeHits("DATA_LANGUAGE_MIXED", "note", part, hits, rows.length);
}

/** Indices of rows that differ from the most frequent kind; none if many rows differ. */
function straysFrom(kinds: readonly (string | null)[]): ReadonlySet<number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const known = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [main] = [...counts].sort((a, b) => b[1] - a[1]);
  if (main === undefined || known < minKnown || known - main[1] > maxStrays * known) return new Set();
  return new Set([...kinds.keys()].filter((index) => kinds[index] !== null && kinds[index] !== main[0]));
}
