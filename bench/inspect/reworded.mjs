/**
 * @file A second rewording of sentences, independent of `planted.mjs`: different operations and words, so that a
 * detector that does well on both is not fitted to one. No detector may read it.
 *
 * Swaps clauses, turns active into passive and questions into statements, changes possessives, spells numbers out, and
 * replaces 3 in 5 of the words that have an alternative.
 */

/** @param random uniform numbers in [0, 1) */
export function reworded(text, random, strength = 0.6) {
  let words = text.split(/\s+/).filter(Boolean);
  words = asStatement(words, random);
  if (random() < 0.7) words = clausesSwapped(words);
  if (random() < 0.7) words = passive(words);
  words = words.flatMap((word, at) => turnedRound(word, words[at + 1]));
  words = words.flatMap((word) => otherWord(word, random, strength));
  if (random() < 0.3) words = [...words, ...pick(tails, random)];
  return words.join(" ");
}

const pick = (list, random) => list[Math.floor(random() * list.length)];
const plainOf = (word) => word.toLowerCase().replace(/[^a-z0-9'%$-]/g, "");

const tails = [["thanks"], ["please", "advise"], ["any", "ideas?"], ["that", "is", "all"], ["right?"]];

/** Openings of questions, and their replacement in a statement or another question. */
const openings = [
  ["how many", ["the", "number", "of"]],
  ["how much", ["what", "amount", "of"]],
  ["how do i", ["is", "there", "a", "way", "to"]],
  ["how can i", ["explain", "the", "steps", "to"]],
  ["how to", ["which", "steps", "let", "me"]],
  ["how long", ["what", "length", "of", "time"]],
  ["what is", ["give", "me"]],
  ["what are", ["list"]],
  ["can i", ["is", "it", "possible", "to"]],
  ["can you", ["are", "you", "able", "to"]],
  ["do you", ["does", "your", "company"]],
  ["i want", ["my", "aim", "is"]],
  ["i need", ["it", "is", "necessary", "for", "me"]],
  ["why is", ["the", "reason", "for"]],
  ["why did", ["what", "caused"]],
  ["where can", ["at", "which", "location", "could"]],
  ["if", ["supposing"]],
];

function asStatement(words, random) {
  const opening = openings.find(([start]) => {
    const length = start.split(" ").length;
    return words.slice(0, length).map(plainOf).join(" ") === start;
  });
  if (opening === undefined || random() < 0.3) return words;
  return [...opening[1], ...words.slice(opening[0].split(" ").length)];
}

const joints = new Set(
  "and but because that which if when who while before after so then since until".split(" "),
);

/** Moves the words after the conjunction or punctuation nearest to the middle to the front. */
function clausesSwapped(words) {
  const middle = words.length / 2;
  let joint = -1;
  for (let at = 2; at < words.length - 2; at++) {
    const isJoint = joints.has(plainOf(words[at])) || /[,.;:?!]$/.test(words[at - 1]);
    if (isJoint && (joint < 0 || Math.abs(at - middle) < Math.abs(joint - middle))) joint = at;
  }
  if (joint < 0) return words;
  const [first, second] = [words.slice(0, joint), words.slice(joint)];
  if (joints.has(plainOf(second[0]))) return [...second.slice(1), "-", ...first];
  return [...second, "and", ...first];
}

/** Past forms and participles. */
const participles = new Map(
  Object.entries({
    bought: "bought",
    made: "made",
    gave: "given",
    took: "taken",
    sold: "sold",
    ate: "eaten",
    received: "received",
    transferred: "transferred",
    lost: "lost",
    used: "used",
    found: "found",
    saw: "seen",
    paid: "paid",
    wants: "wanted",
    buys: "bought",
    sells: "sold",
    makes: "made",
    needs: "needed",
    takes: "taken",
    gives: "given",
    has: "had",
    had: "had",
    got: "gotten",
    drove: "driven",
    wrote: "written",
    picked: "picked",
    collected: "collected",
    loves: "loved",
    knows: "known",
    sees: "seen",
    charged: "charged",
    ordered: "ordered",
    bring: "brought",
  }),
);
const asObject = new Map(Object.entries({ i: "me", he: "him", she: "her", they: "them", we: "us" }));

/** Turns the first verb into the passive; takes up to three words before it as subject, up to four after as object. */
function passive(words) {
  const verb = words.findIndex(
    (word, at) => at > 0 && at < words.length - 1 && participles.has(plainOf(word)),
  );
  if (verb < 0) return words;
  const from = Math.max(0, verb - 3);
  const until = Math.min(words.length, verb + 5);
  const subject = words.slice(from, verb).map((word) => asObject.get(plainOf(word)) ?? word);
  const object = words.slice(verb + 1, until);
  const done = participles.get(plainOf(words[verb]));
  return [...words.slice(0, from), ...object, "was", done, "by", ...subject, ...words.slice(until)];
}

const spelled = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

/** `Ann's` becomes `Ann own`; a number up to twelve becomes a word, and a number word becomes digits. */
function turnedRound(word, next) {
  const plain = plainOf(word);
  if (/^[a-z]+'s$/.test(plain) && next !== undefined) return [word.replace(/'s/, ""), "own"];
  if (/^\d{1,2}$/.test(plain) && Number(plain) < spelled.length) return [spelled[Number(plain)]];
  const digit = spelled.indexOf(plain);
  return [digit > 1 ? String(digit) : word];
}

const others = new Map(
  [
    "card debit-card|bank-card",
    "money funds|sum",
    "account bank-account",
    "transfer move|send",
    "payment transaction",
    "cash notes|banknotes",
    "top-up recharge",
    "pin code|passcode",
    "charged debited",
    "fee commission",
    "help support",
    "please kindly",
    "lost misplaced",
    "stolen taken",
    "received got",
    "waiting pending",
    "exchange conversion",
    "currency tender",
    "app application",
    "phone mobile",
    "bank institution",
    "verify confirm|check",
    "identity ID",
    "withdraw take-out",
    "withdrawal payout",
    "refund reimbursement|repayment",
    "statement record",
    "purchase acquisition",
    "order request",
    "store shop",
    "buy get",
    "buys gets",
    "bought got",
    "sells offers",
    "each apiece",
    "total combined",
    "many lots",
    "more extra",
    "left remaining",
    "dollars bucks",
    "friend buddy",
    "friends buddies",
    "house home",
    "school class",
    "children kids",
    "father dad",
    "mother mom",
    "brother sibling",
    "sister sibling",
    "hours h",
    "minutes moments",
    "day 24h",
    "week 7-day",
    "month 30-day",
    "year annum",
    "twice 2x",
    "half 50%",
    "eggs egg-boxes",
    "apples fruit",
    "books volumes",
    "car vehicle",
    "cars vehicles",
    "dog puppy",
    "cake dessert",
    "game match",
    "party celebration",
    "big huge",
    "small tiny",
    "good decent",
    "great splendid",
    "old aged",
    "new recent",
    "first initial",
    "last final",
    "same identical",
    "love adore",
    "death dying",
    "king ruler",
    "lord sir",
    "lady madam",
    "heart soul",
    "blood gore",
    "speak say",
    "tell let-know",
    "hear listen",
    "see view",
    "think reckon",
    "know realize",
    "come approach",
    "go depart",
    "give grant",
    "gave granted",
    "make produce",
    "made produced",
    "take seize",
    "find discover",
    "must should",
    "shall will",
    "will is-going-to",
    "can could",
    "would 'd",
    "method technique",
    "methods techniques",
    "algorithm routine",
    "computer processor",
    "computers processors",
    "program code",
    "programs codes",
    "programming coding",
    "language notation",
    "languages notations",
    "system setup",
    "systems setups",
    "data information",
    "problem question",
    "problems questions",
    "solution resolution",
    "analysis study",
    "function operation",
    "number amount",
    "using with",
    "for towards",
    "from off",
    "with and",
    "about on",
    "into inside",
    "because as",
    "but though",
    "my this",
    "his the",
    "her the",
    "their the",
    "your the",
    "the that",
    "a one",
    "is 's",
    "are remain",
    "was seemed",
    "have possess",
    "has possesses",
    "not hardly",
    "never no-longer",
    "always constantly",
    "now presently",
    "very quite",
    "really truly",
    "why how-come",
    "when once",
    "where wherever",
    "what which",
    "i we",
    "he one",
    "she someone",
    "they people",
    "it this",
  ].map((line) => {
    const [word, alternatives] = line.split(" ");
    return [word, alternatives.split("|")];
  }),
);

function otherWord(word, random, strength) {
  const plain = plainOf(word);
  const alternatives = others.get(plain);
  if (alternatives !== undefined && random() < strength) return pick(alternatives, random).split("-");
  if (/^[a-z]{4,}ly$/.test(plain) && random() < 0.5) return [];
  return [word];
}
