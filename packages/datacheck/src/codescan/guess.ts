/** @file Guesses the language of a text from weighted signs. */
import type { LanguageName } from "./language.ts";

/** A sign and its weight. Each sign counts only a few times, so that length alone does not decide. */
type Sign = readonly [pattern: RegExp, weight: number];

const signs: Readonly<Record<Exclude<LanguageName, "tsx">, readonly Sign[]>> = {
  python: [
    [/^\s{0,40}(async )?def \w{1,80}\(.{0,200}\).{0,60}:\s{0,9}$/gm, 4],
    [/^from [\w.]{1,80} import /gm, 4],
    [/^import [\w.]{1,80}( as \w{1,40})?$/gm, 3],
    [/^\s{0,40}(if|elif|for|while|with|except|class|else|try)\b[^;{}]{0,150}:\s{0,9}$/gm, 2],
    [/\bself\.|__\w{1,40}__|\bNone\b|\bTrue\b|\bFalse\b|\bprint\(/g, 1],
    [/^@\w[\w.]{0,60}(\(|$)/gm, 1],
  ],
  javascript: [
    [/\b(const|let) [\w${}[\], ]{1,80} ?=/g, 2],
    [/=>|===|!==/g, 2],
    [/\brequire\(['"]|\bmodule\.exports|\bexport (default|const|function|async)/g, 4],
    [/\bfunction ?\w{0,40}\(|\bconsole\.log\(|\bdocument\.|\bwindow\.|\bawait \w/g, 2],
    [/^import [\w*{}, ]{1,120} from ['"]/gm, 4],
  ],
  typescript: [
    [/\b(const|let) [\w${}[\], ]{1,80} ?=/g, 1],
    [/=>|===|!==/g, 1],
    [/\binterface \w{1,40} ?\{|^(export )?type \w{1,40} ?=/gm, 4],
    [/[\w)\]]\??: ?(string|number|boolean|any|void|unknown|Promise<|Request|Response)\b/g, 3],
    [/^import [\w*{}, ]{1,120} from ['"]/gm, 3],
    [/\b(private|public|readonly) \w{1,40}[:(?]|\bas (string|any|const|number)\b/g, 3],
  ],
  java: [
    [
      /\b(public|private|protected) (static |final |abstract ){0,3}(class|interface|void|int|String|boolean|List)\b/g,
      4,
    ],
    [/^import (static )?(java|javax|org|com)\.[\w.*]{1,80};/gm, 5],
    [/\bSystem\.out\.print|\bnew [A-Z]\w{0,40}(<.{0,40}>)?\(|@Override|\bthrows [A-Z]/g, 2],
    [/\bString \w{1,40} ?[=;)]/g, 2],
    [/\b(public|private) \w{1,40}(\[\])? \w{1,60}\(/g, 2],
    [
      /\b(?:int|long|double|float|char|boolean|bool|byte|String|string)(?:\[\]){1,2} \w|\bnew (?:int|long|double|char|boolean|bool|byte|[Ss]tring)\[/g,
      3,
    ],
  ],
  cpp: [
    [/^\s{0,9}#\s{0,3}include\s{0,3}[<"]/gm, 6],
    [/\b(int|void|char|size_t|unsigned|double|float|bool) \*{0,2}\w{1,40} ?(\(|=|;|\[)/g, 2],
    [/\bstd::|->|\bprintf\(|\bscanf\(|\bmalloc\(|\bstrcpy\(|\bsizeof ?\(|\bcout ?<</g, 2],
    [/^\s{0,9}#\s{0,3}(define|ifdef|ifndef|endif)\b/gm, 3],
  ],
  csharp: [
    [
      /\b(?:int|long|double|float|char|boolean|bool|byte|String|string)(?:\[\]){1,2} \w|\bnew (?:int|long|double|char|boolean|bool|byte|[Ss]tring)\[/g,
      3,
    ],
    [/^using (static )?(System|Microsoft|Newtonsoft|[A-Z]\w{1,40})(\.[A-Z]\w{0,40}){0,6};/gm, 5],
    [/^\s{0,40}namespace [A-Z][\w.]{0,80}\s{0,3}[;{]?\s{0,9}$/gm, 4],
    [
      /\b(public|private|protected|internal) (static |async |override |readonly |virtual ){0,3}(string|Task|IActionResult)\b/g,
      4,
    ],
    [/\bConsole\.(Write|Read)|\{ get; (private )?(set|init); \}|\bnew \w{1,40}(Command|Connection)\(/g, 4],
    [/^\s{0,40}\[[A-Z]\w{1,40}(\(.{0,100}\))?\]\s{0,9}$|\$@?"|\bforeach \(|\bstring\.(Format|IsNullOr)/gm, 2],
  ],
  go: [
    [/^package \w{1,40}$/gm, 6],
    [/^func (\(\w{1,20} \*?\w{1,40}\) )?\w{1,60}\(/gm, 4],
    [/:=|\bif err != nil\b|\bfmt\.|\bnil\b/g, 2],
    [/^import \($/gm, 4],
  ],
  php: [
    [/<\?php|<\?=/g, 8],
    [/\$_(GET|POST|REQUEST|SERVER|COOKIE|FILES|SESSION)\b/g, 5],
    [/\$\w{1,40} ?(=|->|\.=)|\becho \$?/g, 1],
    [/\bfunction \w{1,60}\(\$/g, 3],
  ],
  rust: [
    [/^\s{0,40}(pub(\(crate\))? )?(async |unsafe )?fn \w{1,60}(<.{0,80}>)?\(/gm, 4],
    [/^\s{0,40}use (std|crate|super|\w{1,40})::[\w:{}, *]{1,120};/gm, 5],
    [/\blet mut \w|\bimpl(<.{0,40}>)? \w|\bmatch .{1,80} \{$|\bOk\(|\bSome\(|\bErr\(/gm, 2],
    [
      /\b(println|format|vec|panic|assert_eq|write|eprintln)!\s?[([]|\.unwrap\(\)|&(mut |'static )?(str|self)\b/g,
      3,
    ],
    [/^\s{0,40}#!?\[\w{1,40}(\(.{0,100}\))?\]/gm, 3],
  ],
  shell: [
    [/^#!.{0,40}\b(ba|z|da|k)?sh\b/g, 9],
    [/^\s{0,20}(if \[\[? |fi$|done$|esac$|then$|for \w{1,40} in .{1,100}; ?do|while .{1,80}; ?do)/gm, 3],
    [
      /^\s{0,9}(sudo|apt(-get)?|curl|wget|chmod|export|echo|cd|mkdir|rm|grep|sed|awk|cat|docker|git|pip|npm) /gm,
      2,
    ],
    [/\$\{?\w{1,40}\}?|\$\(/g, 1],
  ],
  sql: [
    [/^\s{0,20}(select\b.{1,200}\bfrom\b|insert into\b|update \w{1,60} set\b)/gim, 4],
    [/^\s{0,20}(delete from\b|create (table|view|index)\b)/gim, 4],
    [/^\s{0,20}(grant|alter (table|user)|drop (table|database)|exec(ute)?) /gim, 3],
    [/\b(where|group by|order by|inner join|left join|varchar|primary key)\b/gi, 1],
  ],
};

const maxCount = 5;
const lookedAt = 20_000;
const needed = 3;

/** The language with the highest weight; `undefined` if the weight is too low, as in prose. */
export function guessLanguage(text: string): LanguageName | undefined {
  const part = text.slice(0, lookedAt);
  let best: LanguageName | undefined;
  let most = needed - 1;
  for (const [language, list] of Object.entries(signs) as [LanguageName, readonly Sign[]][]) {
    let score = 0;
    for (const [pattern, weight] of list) score += weight * count(part, pattern);
    if (score > most) [best, most] = [language, score];
  }
  return best;
}

function count(text: string, pattern: RegExp): number {
  pattern.lastIndex = 0;
  let found = 0;
  while (found < maxCount && pattern.exec(text) !== null) found += 1;
  return found;
}
