/** @file Porter stemmer, identical to NLTK's. Published ROUGE scores and the search use it. */

type Rule = readonly [suffix: string, replacement: string];

const irregular: ReadonlyMap<string, string> = new Map(
  readRules(`sky>sky skies>sky dying>die lying>lie tying>tie news>news innings>inning inning>inning outings>outing
  outing>outing cannings>canning canning>canning howe>howe proceed>proceed exceed>exceed succeed>succeed`),
);

const doubles: readonly Rule[] =
  readRules(`ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous
  ization>ize ation>ate ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive
  biliti>ble fulli>ful`);

const trims: readonly Rule[] = readRules("icate>ic ative> alize>al iciti>ic ical>ic ful> ness>");

/** Reads `suffix>replacement` pairs. */
function readRules(text: string): Rule[] {
  return text.split(/\s+/).map((rule) => rule.split(">") as [string, string]);
}

const endings = "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize".split(" ");

/**
 * Returns the stem of a lower-case word of letters and digits.
 *
 * @source Porter 1980, "An algorithm for suffix stripping", Program 14(3), with the extensions of nltk
 *   nltk/stem/porter.py, mode NLTK_EXTENSIONS, version 3.10
 */
export function stem(word: string): string {
  const known = irregular.get(word);
  if (known !== undefined) return known;
  if (word.length <= 2) return word;
  return [
    dropPlural,
    dropPast,
    turnFinalY,
    shortenDouble,
    trimSuffix,
    dropEnding,
    dropFinalE,
    dropFinalL,
  ].reduce((stem, step) => step(stem), word);
}

/** Step 1a: caresses -> caress, ponies -> poni, ties -> tie, cats -> cat. */
function dropPlural(word: string): string {
  if (word.endsWith("ies")) return word.length === 4 ? word.slice(0, -1) : word.slice(0, -2);
  if (word.endsWith("sses")) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

/** Step 1b: agreed -> agree, plastered -> plaster, hopping -> hop, filing -> file. */
function dropPast(word: string): string {
  if (word.endsWith("ied")) return word.length === 4 ? word.slice(0, -1) : word.slice(0, -2);
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ["ed", "ing"].find((end) => word.endsWith(end) && hasVowel(word.slice(0, -end.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (["at", "bl", "iz"].some((end) => stem.endsWith(end))) return `${stem}e`;
  if (endsInDoubleConsonant(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

/** Step 1c: happy -> happi, but enjoy stays. */
function turnFinalY(word: string): string {
  const stem = word.slice(0, -1);
  return word.endsWith("y") && stem.length > 1 && consonants(stem).at(-1) ? `${stem}i` : word;
}

/** Step 2: relational -> relate, hopefulness -> hopeful. */
function shortenDouble(word: string): string {
  if (word.endsWith("alli") && measure(word.slice(0, -4)) > 0) return shortenDouble(word.slice(0, -2));
  const replaced = replaceFirst(word, doubles);
  if (replaced !== null) return replaced;
  // NLTK measures "geolog" here, not "geo": its rule removes only three characters.
  return word.endsWith("logi") && measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
}

/** Step 3: triplicate -> triplic, goodness -> good. */
function trimSuffix(word: string): string {
  return replaceFirst(word, trims) ?? word;
}

/** Step 4: revival -> reviv, adoption -> adopt. */
function dropEnding(word: string): string {
  const suffix = endings.find((end) => word.endsWith(end));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  const fits = measure(stem) > 1 && (suffix !== "ion" || /[st]$/.test(stem));
  return fits ? stem : word;
}

/** Step 5a: probate -> probat, cease -> ceas, rate stays. */
function dropFinalE(word: string): string {
  if (!word.endsWith("e")) return word;
  const stem = word.slice(0, -1);
  const size = measure(stem);
  return size > 1 || (size === 1 && !endsShort(stem)) ? stem : word;
}

/** Step 5b: controll -> control, roll stays. */
function dropFinalL(word: string): string {
  return word.endsWith("ll") && measure(word.slice(0, -1)) > 1 ? word.slice(0, -1) : word;
}

/** Applies the first rule whose suffix matches if the stem has a measure above 0. Returns `null` if none matches. */
function replaceFirst(word: string, rules: readonly Rule[]): string | null {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (!rule) return null;
  const stem = word.slice(0, -rule[0].length);
  return measure(stem) > 0 ? stem + rule[1] : word;
}

/** Whether each letter is a consonant; y is one at the start and after a vowel. */
function consonants(word: string): boolean[] {
  const flags: boolean[] = [];
  for (const letter of word) {
    flags.push(letter === "y" ? !(flags.at(-1) ?? false) : !"aeiou".includes(letter));
  }
  return flags;
}

/** Number of vowel-consonant sequences: m in the paper. */
function measure(stem: string): number {
  const flags = consonants(stem);
  return flags.filter((isConsonant, i) => isConsonant && i > 0 && !flags[i - 1]).length;
}

function hasVowel(stem: string): boolean {
  return consonants(stem).includes(false);
}

function endsInDoubleConsonant(word: string): boolean {
  return word.length >= 2 && word.at(-1) === word.at(-2) && consonants(word).at(-1) === true;
}

/** Consonant, vowel, consonant other than w, x, y; or a two-letter word of vowel and consonant. */
function endsShort(word: string): boolean {
  const flags = consonants(word);
  const [third, second, last] = [flags.at(-3), flags.at(-2), flags.at(-1)];
  if (word.length === 2) return second === false && last === true;
  return word.length >= 3 && third === true && second === false && last === true && !/[wxy]$/.test(word);
}
