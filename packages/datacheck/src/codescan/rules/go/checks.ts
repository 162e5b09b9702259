/** @file Go rules: truncated numbers, host patterns, OAuth states, email, XPath, tokens, servers without limits. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { says } from "../conditions.ts";
import { aroundSays, sourceAround } from "../inside.ts";
import { assigns, calls, reaches } from "../matches.ts";

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
    bad: [
      'package a\nimport "strconv"\nfunc f(s string) int32 { n, err := strconv.Atoi(s); if err != nil { return 0 }; return int32(n) }\n',
      'package a\nimport "strconv"\nfunc f(s string) uint8 {\n\tn, _ := strconv.ParseInt(s, 10, 64)\n\treturn uint8(n)\n}\n',
    ],
    good: [
      'package a\nimport "strconv"\nfunc f(s string) int32 { n, err := strconv.ParseInt(s, 10, 32); if err != nil { return 0 }; return int32(n) }\n',
      'package a\nimport (\n\t"math"\n\t"strconv"\n)\nfunc f(s string) int32 { n, err := strconv.Atoi(s); if err != nil || n > math.MaxInt32 { return 0 }; return int32(n) }\n',
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
    bad: [
      'package a\nimport "regexp"\nvar host = regexp.MustCompile(`^https://www.example.com/`)\n',
      'package a\nimport "regexp"\nfunc f(h string) bool { ok, _ := regexp.MatchString(`^(www|beta).example.com/`, h); return ok }\n',
    ],
    good: [
      'package a\nimport "regexp"\nvar host = regexp.MustCompile(`^https://www\\.example\\.com/`)\n',
      'package a\nimport "regexp"\nvar word = regexp.MustCompile(`^[a-z]+$`)\n',
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
    bad: [
      'package a\nfunc f(conf *oauth2.Config) string { return conf.AuthCodeURL("state", oauth2.AccessTypeOffline) }\n',
      'package a\nconst state = "abc"\nfunc f(conf *oauth2.Config) string { return conf.AuthCodeURL(state) }\n',
    ],
    good: [
      "package a\nfunc f(conf *oauth2.Config) string { return conf.AuthCodeURL(newState()) }\n",
      "package a\nfunc f(conf *oauth2.Config, state string) string { return conf.AuthCodeURL(state) }\n",
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
    bad: [
      'package a\nimport "net/smtp"\nfunc h(w http.ResponseWriter, r *http.Request) { host := r.Header.Get("Host"); smtp.SendMail("a:25", nil, "a@a.org", to, []byte("reset: https://"+host+"/x")) }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { c := mail.NewContent("text/html", r.FormValue("t")); _ = c }\n',
    ],
    good: [
      'package a\nimport "net/smtp"\nfunc h(w http.ResponseWriter, r *http.Request) { smtp.SendMail("a:25", nil, "a@a.org", to, []byte("reset: https://a.org/x")) }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { c := mail.NewContent("text/html", html.EscapeString(r.FormValue("t"))); _ = c }\n',
    ],
  },
  {
    id: "go/xpath-from-outside",
    cwe: 643,
    title: "XPath injection: untrusted input in an XPath query",
    severity: "high",
    why: "A quote in the input ends the string literal, and the rest becomes part of the query.",
    fix: "Use a constant query and compare the value in Go",
    literals: [
      "xpath",
      "xmlquery",
      "htmlquery",
      "jsonquery",
      "xmlpath",
      "etree",
      "goxpath",
      "SearchXPath",
      "FindNodes",
    ],
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
    bad: [
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { xmlquery.Find(doc, "//user[name=\'"+r.FormValue("n")+"\']") }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { p := xpath.MustCompile("//a[@b=\'" + r.FormValue("n") + "\']"); _ = p }\n',
    ],
    good: [
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { xmlquery.Find(doc, "//user") }\n',
      'package a\nfunc h(w http.ResponseWriter, r *http.Request) { n, err := strconv.Atoi(r.FormValue("n")); if err != nil { return }; xmlquery.Find(doc, fmt.Sprintf("//user[%d]", n)) }\n',
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
    bad: [
      "package a\nvar c = &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}\n",
      "package a\nfunc f(c *ssh.ClientConfig) { c.HostKeyCallback = ssh.InsecureIgnoreHostKey() }\n",
    ],
    good: [
      "package a\nvar c = &ssh.ClientConfig{HostKeyCallback: ssh.FixedHostKey(key)}\n",
      "package a\nfunc f(c *ssh.ClientConfig, b ssh.HostKeyCallback) { c.HostKeyCallback = b }\n",
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
    bad: [
      'package a\nimport "compress/gzip"\nfunc f(out io.Writer, in io.Reader) { r, err := gzip.NewReader(in); _ = err; io.Copy(out, r) }\n',
      'package a\nimport "compress/zlib"\nfunc f(in io.Reader) { r, err := zlib.NewReader(in); _ = err; io.Copy(os.Stdout, r) }\n',
    ],
    good: [
      'package a\nimport "compress/gzip"\nfunc f(out io.Writer, in io.Reader) { r, err := gzip.NewReader(in); _ = err; io.CopyN(out, r, 1024) }\n',
      "package a\nfunc f(out io.Writer, in io.Reader) { io.Copy(out, in) }\n",
    ],
  },
];
