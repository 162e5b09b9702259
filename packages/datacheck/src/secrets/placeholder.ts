/** @file Values in place of a secret: placeholders, ascending or descending characters, templates. */

/** Words that random values contain with a probability below one in ten thousand. */
const words =
  `example sample placeholder changeme change_me change-me replace insert redacted your_ your- yourkey
  yourapi yourtoken yoursecret yourpass youraccess dummy removed censored hidden masked foobar foo-bar
  foo_bar xxxx **** .... ---- ____ my_secret my-secret mysecret my_api my-api mytoken my_token my-token
  todo goes_here goes-here goeshere _here -here notreal not_real not-real fake mock secret_key_ api_key
  apikey api-key access_token accesstoken undefined testtest deadbeef cafebabe lorem qwerty asdf abcabc
  123123 000000 111111 1234567`.split(/\s+/);

/** Whether the value contains an ascending or descending sequence with this many steps: `abcdefg`, `7654321`. */
function countsOn(value: string, steps: number): boolean {
  let up = 0;
  let down = 0;
  for (let i = 1; i < value.length; i++) {
    const step = value.charCodeAt(i) - value.charCodeAt(i - 1);
    up = step === 1 || (step === -9 && value[i] === "0") ? up + 1 : 0;
    down = step === -1 ? down + 1 : 0;
    if (up >= steps || down >= steps) return true;
  }
  return false;
}

/** Whether one character occurs this many times in a row. */
function repeatsOne(value: string, times: number): boolean {
  let length = 1;
  for (let i = 1; i < value.length; i++) {
    length = value[i] === value[i - 1] ? length + 1 : 1;
    if (length >= times) return true;
  }
  return false;
}

/** Whether a value repeats a piece of at most a third of its length. */
function repeatsPiece(value: string): boolean {
  for (let size = 1; size <= Math.min(16, value.length / 3); size++) {
    let i = size;
    while (i < value.length && value[i] === value[i - size]) i++;
    if (i === value.length) return true;
  }
  return false;
}

/**
 * Whether a value is a placeholder. Reads its first 256 characters.
 *
 * @param least min entropy of a real value in bits per character
 */
export function isPlaceholder(value: string, least: number): boolean {
  const head = value.slice(0, 256);
  if (entropyOf(head) < least) return true;
  const lower = head.toLowerCase();
  if (words.some((word) => lower.includes(word))) return true;
  return countsOn(lower, 5) || repeatsOne(head, Math.max(5, head.length / 6)) || repeatsPiece(head);
}

/** Whether a value is resolved or filled in later: `${KEY}`, `{{ key }}`, `<token>`, `%s`, `$(cat key)`. */
export function isTemplate(value: string): boolean {
  return /^[$%<{[(@#&*!~]|\$\{|\$\(|\{\{|\}\}|<[\w -]{0,40}>|%[sdv]\b|%\(|\{\w{0,40}\}|\.\.\.|…/.test(
    value.slice(0, 256),
  );
}

/**
 * Whether a value is only an expression in braces, or a role of reStructuredText: `{repr(e)}`, `py:class:` and a name.
 */
export function isExpression(value: string): boolean {
  return /^\{[^{}\n]{1,80}\}$|^:?[a-z]{1,20}(?::[a-z]{1,20})?:`/.test(value);
}

const counts = new Uint16Array(128);

/**
 * Entropy of a value's characters in bits per character. All characters beyond ASCII count as one.
 *
 * @source Shannon 1948, A Mathematical Theory of Communication, section 6: H = -sum p log2 p
 */
export function entropyOf(value: string): number {
  const length = Math.min(value.length, 4096);
  if (length === 0) return 0;
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    const slot = code < 128 ? code : 0;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length);
  return bits;
}
