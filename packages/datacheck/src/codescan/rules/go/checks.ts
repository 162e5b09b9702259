/** @file Go rules: truncated numbers, host patterns, OAuth states, email, XPath, tokens, servers without limits. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

/** The number of bits of each type. */
const widths: Readonly<Record<string, number>> = {
  int8: 8,
  uint8: 8,
  byte: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  rune: 32,
};

/** The widest number that the function parses: `ParseInt(text, 10, 32)`. 64 if it parses none. */
function readBits(source: string): number {
  const found = [...source.matchAll(/Parse(?:Int|Uint)\([^\n]{1,120},\s{0,3}\d{1,2},\s{0,3}(\d{1,2})\)/g)];
  return found.length === 0 ? 64 : Math.max(...found.map(([, bits]) => Number(bits) || 64));
}

/** A host name whose dots match any character. */
const looseHost =
  /(^|[^\\])(\/\/|\(|\^|@|\|)?[a-z0-9-]{2,40}(?<!\\)\.(com|org|net|io|gov|edu|de|uk|dev)(?![\w.]*\\\.)/i;

/** A host-key check that accepts every key: it only returns nil. */
function acceptsAll(value: Value | undefined, text: string): boolean {
  const made = value?.made;
  if (made?.kind !== "function") return false;
  return /^func\([^{]{0,200}\{\s{0,20}return nil;?\s{0,20}\}$/.test(text.slice(made.start, made.end));
}

/** Rules on checks. */
export const goCheckRules: readonly Rule[] = [
  {
    id: "go/number-cut-off",
    cwe: 681,
    title: "Parsed number truncated by an integer conversion",
    severity: "medium",
    why: "A value out of range silently becomes another number.",
    fix: "Use strconv.ParseInt(text, 10, 32) before int32(n)",
    literals: ["strconv."],
    match: [
      calls(Object.keys(widths).join(" "), ({ path, args: [value], here }) => {
        if (!/^strconv\.(Atoi|ParseInt|ParseUint)\(\)/.test(value?.path ?? "")) return false;
        const source = sourceAround(here);
        if (/math\.(Max|Min)\w{3,6}|[<>]=?\s{0,3}\d/.test(source)) return false;
        const bits = /strconv\.Atoi/.test(value?.path ?? "") ? 64 : readBits(source);
        return bits > (widths[path] ?? 64);
      }),
    ],
  },
  {
    id: "go/loose-host",
    cwe: 20,
    title: "Host name pattern with unescaped dots",
    severity: "medium",
    why: "A host with any other character in place of the dot also matches.",
    fix: "Escape the dots: regexp.MustCompile(`^https://www\\.example\\.com/`)",
    literals: ["regexp."],
    match: [
      calls(
        "regexp.MustCompile regexp.Compile regexp.MatchString regexp.Match search",
        ({ args: [pattern] }) =>
          says(pattern, /^\^?\(?(https?|\(|\[|www|[a-z0-9-]{1,30}\.)/i) && says(pattern, looseHost),
      ),
    ],
  },
  {
    id: "go/constant-state",
    cwe: 352,
    title: "Constant OAuth state parameter",
    severity: "medium",
    why: "Another site can complete a login in the visitor's session (login CSRF).",
    fix: "Generate a random state for each login, store it in the session and compare it in the callback",
    literals: ["AuthCodeURL"],
    match: [
      // at a terminal, the user who requested the code types it
      calls(
        ".AuthCodeURL",
        ({ args: [state], here }) =>
          says(state, /^/) && !aroundSays(here, /fmt\.F?Scan|os\.Stdin|:ietf:wg:oauth/),
      ),
    ],
  },
  {
    id: "go/mail-from-outside",
    cwe: 640,
    title: "Untrusted input in an email",
    severity: "medium",
    why: "Links and headers in the input change the content of the email.",
    fix: "Build links from a configured host, and render text with html/template",
    literals: ["smtp", "mail."],
    match: [
      reaches("html", 2, "smtp.SendMail", [4]),
      reaches("html", 2, "mail.NewContent mail.NewSingleEmail mail.NewV3MailInit", ["*"]),
      reaches("html", 2, "smtp.NewClient().Data().Write", [0]),
    ],
  },
  {
    id: "go/xpath-from-outside",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Use a constant query and compare the value in Go",
    literals: words("xpath xmlquery htmlquery jsonquery xmlpath etree goxpath SearchXPath FindNodes"),
    match: [
      reaches(
        "xpath",
        2,
        "xpath.Compile xpath.MustCompile xpath.Select xmlpath.Compile " +
          "xmlpath.MustCompile goxpath.Parse goxpath.MustParse " +
          "goxpath.ParseExec etree.CompilePath etree.MustCompilePath " +
          ".SearchByString .SearchXPath .EvalXPath .FindElements",
      ),
      reaches(
        "xpath",
        2,
        "xmlquery.Find xmlquery.FindOne xmlquery.FindEach xmlquery.Query " +
          "xmlquery.QueryAll htmlquery.Find htmlquery.FindOne " +
          "htmlquery.Query htmlquery.QueryAll jsonquery.Find jsonquery.FindOne jsonquery.Query jsonquery.QueryAll",
        [1],
      ),
    ],
  },
  {
    id: "go/any-host-key",
    cwe: 322,
    title: "SSH host key verification disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use knownhosts.New(file) or ssh.FixedHostKey(key)",
    literals: ["InsecureIgnoreHostKey", "HostKeyCallback"],
    match: [
      calls("ssh.InsecureIgnoreHostKey"),
      assigns(/^HostKeyCallback$/, ({ value, here }) => acceptsAll(value, here.text)),
      calls("ssh.HostKeyCallback", ({ args: [check], here }) => acceptsAll(check, here.text)),
    ],
  },
  {
    id: "go/unpacked-without-limit",
    cwe: 409,
    title: "Decompression without a size limit (decompression bomb)",
    severity: "low",
    why: "A few compressed bytes can expand until memory or disk is full.",
    fix: "Use io.CopyN(out, reader, max) or io.LimitReader(reader, max)",
    literals: ["gzip", "zlib", "flate", "bzip2", "lzw"],
    match: [
      calls("io.Copy", ({ args: [, from] }) =>
        /^(gzip|zlib|flate|bzip2|lzw)\.New\w{0,3}Reader\w{0,4}\(\)/.test(from?.path ?? ""),
      ),
      calls(
        "io.ReadAll ioutil.ReadAll",
        ({ args: [from] }) =>
          /^(gzip|zlib|flate|bzip2|lzw)\.New\w{0,3}Reader\w{0,4}\(\)/.test(from?.path ?? "") &&
          from?.level === 2,
      ),
    ],
  },
];
