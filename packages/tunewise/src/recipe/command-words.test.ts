/** @file Splitting a command into words: quotes and backslashes as in a shell, but no other shell syntax. */
import { expect, test } from "vitest";
import { commandWords } from "./command-words.ts";

test.each<[text: string, words: readonly string[] | null]>([
  ["bandit -q -r -f sarif", ["bandit", "-q", "-r", "-f", "sarif"]],
  ["  a\tb \n c  ", ["a", "b", "c"]],
  ["semgrep --config 'my rules' {folder}", ["semgrep", "--config", "my rules", "{folder}"]],
  ['a "b \\"c\\" \\d"', ["a", 'b "c" \\d']],
  ["a 'b \\'", ["a", "b \\"]],
  ["a\\ b c", ["a b", "c"]],
  ["a'b'\"c\"d", ["abcd"]],
  ["a '' b", ["a", "", "b"]],
  ["a $HOME `id` $(id) | tee x; *.py", ["a", "$HOME", "`id`", "$(id)", "|", "tee", "x;", "*.py"]],
  ["", []],
  ["a 'b", null],
  ['a "b', null],
  ["a \\", ["a", "\\"]],
  ["a ".repeat(201), null],
])("%s", (text, words) => expect(commandWords(text)).toEqual(words));
