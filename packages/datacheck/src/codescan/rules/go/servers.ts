/** @file Go rules: server setup, partly checked addresses, exposed stack traces, program arguments. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isWorldWritable, nameOf, says } from "../conditions.ts";
import { fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, operates, reaches } from "../matches.ts";

const target =
  /^_?(redirect\w{0,10}|redir|next|return_?(to|url)|url|uri|target|location|goto|dest\w{0,10}|callback_?url|back)$/i;

/** A check for a leading slash that still accepts a second one: `//evil.org`. */
function isHalfChecked(subject: string, around: string): boolean {
  return (
    target.test(subject) && !/"\/\/"|`\/\/`|'\/\/'|\\\\|\.Host\b|Hostname\(\)|\[1\]|url\.Parse\(/.test(around)
  );
}

const script = /^javascript:/i;

/** A check that rejects one script scheme but forgets two others. */
function forgetsScheme({ args, here }: CallSeen): boolean {
  const asked = args.find((one) => says(one, script));
  const around = sourceAround(here);
  return asked !== undefined && !(/vbscript/i.test(around) && /data:/i.test(around));
}

const obeying =
  /^(git|hg|svn|ssh|scp|rsync|curl|wget|tar|find|sed|awk|ffmpeg|convert|npm|npx|docker|kubectl|pip|python3?|sudo|env|xargs)$/;

/** Untrusted text among a program's arguments that may act as an option or as the program to run. */
function mayBeOption(words: readonly Value[]): boolean {
  const [program, ...rest] = words.flatMap((one) =>
    one.entries === undefined ? [one] : [...one.entries.values()],
  );
  const at = rest.findIndex((one) => carries(one, "shell") === 2);
  if (at < 0 || !obeying.test(String(program?.constant)) || rest[at]?.lead !== undefined) return false;
  const earlier = rest.slice(0, at).map(({ constant }) => String(constant));
  return /^(sudo|env|xargs)$/.test(String(program?.constant)) || !earlier.includes("--");
}

const traces = /(runtime\.Stack\(|debug\.Stack\(\))/;

/** Writes a stack trace to the response: `w.Write(buf)` after `runtime.Stack(buf, true)`. */
function showsTrace({ args, here, start, path }: CallSeen): boolean {
  const around = sourceAround(here);
  if (!traces.test(around) || /(file|log\w*|buf|conn)\.Write$/i.test(path)) return false;
  const given = here.text.slice(start, start + 200);
  for (const [, name = ""] of around.matchAll(/runtime\.Stack\(\s?([a-zA-Z_]\w{0,40})/g))
    if (new Set(given.split(/\W+/)).has(name)) return true;
  return /debug\.Stack\(\)/.test(given) && args.length > 0;
}

/** Rules on servers. */
export const goServerRules: readonly Rule[] = [
  {
    id: "go/local-address-half-checked",
    cwe: 601,
    title: "Open redirect: check for a local path accepts two slashes",
    severity: "medium",
    why: "Browsers treat //evil.org and /\\evil.org as another host.",
    fix: 'Check strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.HasPrefix(next, "/\\\\")',
    literals: ["HasPrefix", "[0]"],
    match: [
      calls(".startsWith strings.HasPrefix", ({ args, receiver, here }) => {
        const [subject, prefix] = args.length > 1 ? args : [receiver, args[0]];
        return says(prefix, /^\/$/) && isHalfChecked(nameOf(subject), sourceAround(here));
      }),
      operates("== !=", ({ operands: [a, b], here }) => {
        const made = a?.made;
        if (made?.kind !== "index" || made.object.kind !== "name") return false;
        const source = b?.made === undefined ? "" : here.text.slice(b.made.start, b.made.end);
        return (
          (is(b, "/") || is(b, 47) || source === "'/'") && isHalfChecked(made.object.name, sourceAround(here))
        );
      }),
    ],
  },
  {
    id: "go/scheme-forgotten",
    cwe: 20,
    title: "Incomplete check for script URL schemes",
    severity: "medium",
    why: "data: and vbscript: URLs run scripts just as javascript: URLs do.",
    fix: 'Allow only known schemes: u.Scheme == "https" || u.Scheme == "http"',
    literals: ["javascript:"],
    match: [calls("strings.HasPrefix .startsWith", forgetsScheme)],
  },
  {
    id: "go/program-word",
    cwe: 88,
    title: "Argument injection: untrusted input in command arguments",
    severity: "medium",
    why: "Input that starts with a dash is an option: git clone --upload-pack=... runs a program.",
    fix: 'Put "--" before the input: exec.Command("git", "clone", "--", address)',
    literals: ["exec."],
    match: [
      calls("exec.Command", ({ args }) => mayBeOption(args)),
      calls("exec.CommandContext", ({ args }) => mayBeOption(args.slice(1))),
    ],
  },
  {
    id: "go/trace-shown",
    cwe: 209,
    title: "Stack trace exposed to clients",
    severity: "medium",
    why: "The stack trace reveals files, versions and queries.",
    fix: 'Use log.Printf("%s", buf) and return a generic message',
    literals: ["Stack("],
    match: [calls(".Write fmt.Fprint fmt.Fprintf fmt.Fprintln http.Error io.WriteString", showsTrace)],
  },
  {
    id: "go/profiles-served",
    cwe: 489,
    title: "Profiling endpoints (pprof) exposed on a public port",
    severity: "low",
    why: "Anyone who can reach the port can read the command line and parts of memory, and can overload the server.",
    fix: "Serve them on a separate port bound to localhost",
    literals: ["net/http/pprof"],
    match: [
      {
        imports: ({ path, here }) =>
          path === "net/http/pprof" &&
          fileSays(here, /ListenAndServe(TLS)?\(\s?"(0\.0\.0\.0)?:/) &&
          !fileSays(here, /package main_test|_test\.go/),
      },
    ],
  },
  {
    id: "go/folder-listed",
    cwe: 548,
    title: "File server exposes a non-public directory",
    severity: "low",
    why: "Visitors can list its files, such as source code, configuration and backups.",
    fix: 'Serve a public directory only, http.FileServer(http.Dir("public")), and disable listings',
    literals: ["FileServer", "Static"],
    match: [
      calls("http.Dir", ({ args: [folder] }) =>
        says(folder, /^(\.|\.\/|\/|\.\.\/?|\/(etc|root|home|var|tmp)\/?|)$/),
      ),
      calls("gin.Default().Static gin.New().Static .Static .StaticFS", ({ args: [, folder] }) =>
        says(folder, /^(\.|\.\/|\/)$/),
      ),
    ],
  },
  {
    id: "go/websocket-origin-unchecked",
    cwe: 1385,
    title: "WebSocket accepts any origin",
    severity: "medium",
    why: "The browser sends the visitor's cookies, so another site can act as the visitor.",
    fix: "Remove CheckOrigin: the default accepts only the same host",
    literals: ["CheckOrigin", "InsecureSkipVerify"],
    match: [
      assigns(/^CheckOrigin$/, ({ value, here }) => {
        const made = value.made;
        return (
          made?.kind === "function" &&
          /^func\([^{]{0,200}\{\s{0,20}return true;?\s{0,20}\}$/.test(here.text.slice(made.start, made.end))
        );
      }),
    ],
  },
  {
    id: "go/channel-open",
    cwe: 319,
    title: "gRPC connection without TLS",
    severity: "low",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use grpc.WithTransportCredentials(credentials.NewTLS(config))",
    literals: ["grpc"],
    match: [calls("grpc.WithInsecure insecure.NewCredentials")],
  },
  {
    id: "go/file-for-all",
    cwe: 732,
    title: "World-writable file",
    severity: "low",
    why: "Another local user can change content that is later read or run.",
    fix: "Use mode 0o640, or 0o600 for secrets",
    literals: ["os.", "ioutil"],
    match: [
      calls("os.WriteFile ioutil.WriteFile os.OpenFile", ({ args: [, , mode] }) => isWorldWritable(mode)),
      calls("os.Chmod os.Mkdir os.MkdirAll", ({ args: [, mode] }) => isWorldWritable(mode)),
    ],
  },
  {
    id: "go/module-from-outside",
    cwe: 470,
    title: "Unsafe reflection: method or plugin name from untrusted input",
    severity: "medium",
    why: "An attacker who controls the name chooses which method or library runs.",
    fix: "Look up the allowed names in a map",
    literals: ["MethodByName", "plugin.Open"],
    match: [reaches("code", 1, ".MethodByName", [0]), reaches("code", 2, "plugin.Open", [0])],
  },
];
