/** @file Detects which lines of a text without fences are code. */
import { headOf, type Piece } from "./snippet.ts";

/** strong: almost certainly code; weak: possibly code. */
type Kind = "strong" | "weak" | "blank" | "prose";

const anyOf = (...patterns: readonly RegExp[]): ((line: string) => boolean) => {
  return (line) => patterns.some((one) => one.test(line));
};

const strong = anyOf(
  // C, Java, JavaScript, PHP, Go, Rust: ends of statements and blocks, calls, declarations
  /[;{]\s{0,20}(\/[/*].{0,200})?$|^\s{0,80}[)\]}]{1,8}[;,]?\s{0,9}$/,
  /^\s{0,80}(#include\s{0,5}[<"]|#define\s|#pragma\s|using namespace\s|<\?php|package [\w.]{1,80}$|func \w{0,60}\()/,
  /^\s{0,80}(export |async |public |private |protected |static |final ){0,4}(const|let|var|function|class) [\w${[]/,
  /^\s{0,80}(export |module\.exports|import [\w*{"'].{0,200} from ["']|import ["(])/,
  // Python
  /^\s{0,80}(from [\w.]{1,100} import |import [\w.]{1,100}( as \w{1,60})?\s{0,9}(,|#|$)|@[\w.]{1,80}(\(|$))/,
  /^\s{0,80}(async )?(def|class) \w{1,100}\s?[(:].{0,200}$/,
  /^\s{0,80}(if|elif|while|for|with|except)\b.{1,200}:\s{0,9}(#.{0,100})?$/,
  /^\s{0,80}(else|try|finally|except)\s?:/,
  /^\s{0,80}(return|raise|yield|await|assert|del|pass|break|continue)(\s[\w"'([{-].{0,200})?$/,
  // assignments and calls that take up a whole line
  /^\s{0,80}[\w.$@*&>[\]'"-]{1,80}\s?(:\s?[\w[\], .|]{1,60})?\s?([+\-*/|&^%.]|\|\|)?:?=\s?[^=\s].{0,250}$/,
  /^\s{0,80}[\w$][\w.$]{0,100}\(.{0,250}\)\s{0,9}(#.{0,100})?$/,
  // shells
  /^#!\/|^\s{0,20}(sudo|export \w{1,60}=|apt-get|curl -|curl http|wget http|chmod [\d+u-]|mkdir -|rm -\w|echo ["'$])/,
  // SQL
  /^\s{0,40}(select\s.{1,250}\sfrom\s|insert\s{1,9}into\s|update\s{1,9}\w.{0,100}\sset\s|delete\s{1,9}from\s)/i,
  /^\s{0,40}(create\s{1,9}(or\s{1,9}replace\s{1,9})?(table|view|procedure|function|user|index|trigger)\s)/i,
  /^\s{0,40}(grant\s.{1,100}\sto\s|drop\s{1,9}table\s|alter\s{1,9}(table|user)\s)/i,
);

const prose = anyOf(
  /^\s{0,3}([A-Z][\w'’]{0,30}|I|A)[,:]?( [\w'’()",-]{1,40}){3,60}[.:?!]?\s{0,9}$/,
  /^\s{0,3}([-*+•]|\d{1,3}[.)])\s+\S|^#{1,6} [A-Z0-9]\w{0,40}( [^=;{}()]{1,80})?$|^\*\*.{1,200}\*\*/,
  /^\s{0,3}[A-Z][a-z'’]{0,30},? .{10,250}[.:?!]\s{0,9}$/,
);

function kindOf(line: string): Kind {
  const bare = line.trimEnd();
  if (bare === "") return "blank";
  const isProse = prose(bare);
  if (strong(bare) && !(isProse && !/[;{}=]/.test(bare))) return "strong";
  return isProse ? "prose" : "weak";
}

/** A run of code lines. */
export interface Run {
  readonly pieces: readonly Piece[];
  /** Number of lines that are almost certainly code. */
  readonly strong: number;
  /** The run covers all given lines. */
  readonly whole: boolean;
}

/** Delimiters of multi-line strings and comments. Prose inside them does not end a run. */
const quotes = /"""|'''|\/\*|\*\/|<<-?\s?['"]?\w/g;

/** The runs of code in order. A run starts at a line that is certainly code and ends before the next prose. */
export function runsIn(text: string, lines: readonly Piece[]): Run[] {
  const runs: Run[] = [];
  let [first, last, count, open, before] = [-1, -1, 0, false, 0];
  const end = (): void => {
    if (first >= 0) {
      const pieces = lines.slice(first, last + 1);
      runs.push({ pieces, strong: count, whole: before === 0 && restIsBlank(text, lines, last + 1) });
    }
    before += first >= 0 ? 1 : 0;
    [first, last, count, open] = [-1, -1, 0, false];
  };
  for (const [at, piece] of lines.entries()) {
    const head = headOf(text, piece);
    const kind = kindOf(head);
    const marks = head.match(quotes)?.length ?? 0;
    if (first < 0) {
      const starts = kind === "strong" || /^\s{0,20}("""|'''|\/\*|\/\/|#!|-- )/.test(head);
      if (!starts) {
        if (kind !== "blank") before += 1;
        continue;
      }
      first = at;
    } else if (kind === "prose" && !open && !/^\s{0,3}#/.test(head)) {
      end();
      before += 1;
      continue;
    }
    if (kind === "strong") count += 1;
    if (kind !== "blank") last = at;
    if (marks % 2 === 1) open = !open;
  }
  end();
  return runs;
}

function restIsBlank(text: string, lines: readonly Piece[], from: number): boolean {
  for (let at = from; at < lines.length; at++) {
    const piece = lines[at];
    if (piece !== undefined && headOf(text, piece).trim() !== "") return false;
  }
  return true;
}
