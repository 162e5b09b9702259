/** @file A command as text for people and records, without what could be a secret. */

/** Longest text. */
const charsMost = 500;

const secretName = /(token|secret|password|passwd|credential|api[-_]?key|access[-_]?key|auth)/i;
/** Keys that say what they are by themselves: Hugging Face, OpenAI, GitHub, AWS; and a password in an address. */
const secretValue = /^(hf_|sk-|gh[opsu]_|AKIA)[\w-]{8,}|\/\/[^/\s:@]*:[^/\s@]+@/;

/** The command line with `***` in place of secrets: `train.py --hub_token ***`. */
export function shownCommand(words: readonly string[]): string {
  const shown = words.map((word, at) => {
    const before = words[at - 1] ?? "";
    if (/^-/.test(before) && !before.includes("=") && secretName.test(before) && !/^-/.test(word))
      return "***";
    const equals = word.indexOf("=");
    if (equals > 0) {
      const [name, value] = [word.slice(0, equals), word.slice(equals + 1)];
      return secretName.test(name) || secretValue.test(value) ? `${name}=***` : quoted(word);
    }
    return secretValue.test(word) ? "***" : quoted(word);
  });
  const text = shown.join(" ");
  return text.length > charsMost ? `${text.slice(0, charsMost)}…` : text;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
