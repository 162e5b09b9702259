/** @file Synthetic rows from a seed: Zipf-distributed words, templates, and rows that repeat others in known ways. */

/** A stream of random numbers from 0 to 1, determined by the seed. */
export function stream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

const letters = "etaoinsrhldcumfpgwybvkxjqz";

/** Words by rank; rank r is drawn with a probability of about 1 / r. */
export function lexicon(size, random) {
  const words = new Set();
  while (words.size < size) {
    let word = "";
    const length = 2 + Math.floor(Math.log2(words.size + 2) * (0.3 + 0.6 * random()));
    for (let at = 0; at < length; at++) word += letters[Math.floor(letters.length * random() ** 1.6)];
    words.add(word);
  }
  return [...words];
}

/**
 * Rows of `words` words on average: 80 % have Zipf-distributed words, 8 % use one of 200 templates with two slots, and
 * 12 % are changed copies of earlier rows: 2 % with different case and punctuation, 2 % reordered, 4 % with one word
 * changed, 4 % with a fifth changed at one end.
 */
export function makeRows(count, seed, words = 12) {
  const random = stream(seed);
  const known = lexicon(60_000, random);
  const word = () => known[Math.floor(known.length ** random()) - 1] ?? known[0];
  const fresh = () => Array.from({ length: Math.ceil(words * (0.5 + random())) }, word);
  const templates = Array.from({ length: 200 }, () => Array.from({ length: Math.max(6, words - 4) }, word));
  const rows = [];
  for (let row = 0; row < count; row++) {
    const kind = random();
    const copied = rows[Math.floor(random() * rows.length)]?.split(" ");
    if (kind < 0.8 || copied === undefined) rows.push(fresh().join(" "));
    else if (kind < 0.88) {
      const filled = [...templates[Math.floor(random() * templates.length)]];
      for (let slot = 0; slot < 2; slot++) filled[Math.floor((filled.length * (slot + 1)) / 3)] = word();
      rows.push(filled.join(" "));
    } else rows.push(changed(copied, kind, random, word).join(" "));
  }
  return rows;
}

function changed(words, kind, random, word) {
  if (kind < 0.9) return [`${words.join(", ").toUpperCase()}!`];
  const at = Math.floor(random() * words.length);
  if (kind < 0.92) return [...words.slice(at), ...words.slice(0, at)];
  if (kind < 0.96) return words.map((one, place) => (place === at ? word() : one));
  const kept = words.slice(0, Math.ceil(words.length * 0.9));
  return [...kept, ...Array.from({ length: words.length - kept.length }, word)];
}

/** CPU seconds used by this process, since `from` if given. */
export function cpuSeconds(from = 0) {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 - from;
}
