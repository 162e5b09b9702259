/** @file A word of a command line. */

/**
 * Quotes a word for a POSIX shell, if it needs that.
 *
 * @source POSIX, Shell Command Language, 2.2.2: between single quotes every character is itself
 * @example shellWord("it's") // 'it'\''s'
 */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
