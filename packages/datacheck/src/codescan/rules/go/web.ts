/** @file Go rules: pages, redirects, requests to other hosts, headers, cookies, errors, logs, servers. */
import { carries, isBuilt, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, is, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { calls, reaches } from "../matches.ts";

/** Whether a writer is the response to a request. */
function isAnswer(value: Value | undefined): boolean {
  return /^http\.ResponseWriter$|^w$|^request\.(Writer|Response)/.test(value?.path ?? "");
}

const plainText = /application\/json|text\/plain|text\/csv|octet-stream/;

/** HTTP clients, by the position of the address among their arguments. */
const clients: readonly (readonly [number, string])[] = [
  [
    0,
    "http.Get http.Post http.Head http.PostForm http.Client().Get http.Client().Post http.Client().Head " +
      "http.Client().PostForm client.Get client.Post client.Head client.PostForm httpClient.Get httpClient.Post " +
      "http.DefaultClient.Get http.DefaultClient.Post http.DefaultClient.Head resty.New().R().Get " +
      "resty.New().R().Post resty.R().Get resty.R().Post gorequest.New().Get gorequest.New().Post req.Get req.Post " +
      "grequests.Get grequests.Post websocket.Dial websocket.NewConfig websocket.DefaultDialer.Dial " +
      "websocket.Dialer().Dial gorilla.DefaultDialer.Dial gowebsocket.New rpc.DialHTTP " +
      "httputil.NewSingleHostReverseProxy " +
      "imageproxy.NewRequest colly.NewCollector().Visit soup.Get goquery.NewDocument",
  ],
  [
    1,
    "http.NewRequest net.Dial net.DialTimeout tls.Dial rpc.Dial fasthttp.Get fasthttp.Post ws.Dial " +
      "nhooyr.io/websocket.Dial websocket.DefaultDialer.DialContext websocket.Dialer().DialContext net.Dialer().Dial",
  ],
  [2, "http.NewRequestWithContext net.Dialer().DialContext"],
];
const places = new Map(
  clients.flatMap(([place, names]) => names.split(" ").map((name) => [name, place] as const)),
);
const fetchers = [...places.keys()].join(" ");

/** Rules on the web. */
export const goWebRules: readonly Rule[] = [
  {
    id: "go/page-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Markup in the input runs as script in the user's browser.",
    fix: "Use html/template or html.EscapeString(text)",
    literals: ["Fprint", "Write", "template.HTML", "HTML(", "template.JS"],
    match: [
      reaches(
        "html",
        2,
        "fmt.Fprint fmt.Fprintln io.WriteString",
        [1, 2, 3],
        ({ args: [to], here }) => isAnswer(to) && !aroundSays(here, plainText),
      ),
      reaches(
        "html",
        2,
        "http.ResponseWriter.Write w.Write",
        [0],
        ({ args: [text], here }) =>
          text !== undefined &&
          (isBuilt(text) || /request\./.test(text.path)) &&
          !aroundSays(here, plainText),
      ),
      reaches(
        "html",
        2,
        "html/template.HTML html/template.JS html/template.URL html/template.HTMLAttr template.HTML template.JS",
      ),
      reaches("html", 2, "request.HTML", [1], ({ args }) => args.length === 2),
      reaches("html", 2, "request.Data", [2], ({ args: [, type] }) => says(type, /html/)),
      reaches("html", 1, "html/template.HTML template.HTML", [0], ({ args: [text] }) =>
        shaped(text, /<\s{0,3}[a-z][^\0]{0,200}\0/i),
      ),
    ],
  },
  {
    id: "go/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Check the target's host against an allowlist, or accept only local paths",
    literals: ["Redirect", "Location"],
    match: [
      reaches(
        "redirect",
        2,
        "http.Redirect",
        [2],
        ({ args: [, , to], here }) =>
          !hasFixedHost(to) &&
          !aroundSays(here, /\.(Host|Hostname\(\))\s{0,3}[!=]=|\[\w{1,20}\.(Host|Hostname\(\))\]/) &&
          !/^request\.(URL\.(String\(\)|RequestURI\(\)|Path)|RequestURI)$/.test(to?.path ?? ""),
      ),
      reaches("redirect", 2, "request.Redirect", [0, 1], ({ args, here }) => {
        const to = args.find((one) => one.level === 2);
        return (
          to !== undefined && !hasFixedHost(to) && !aroundSays(here, /\.(Host|Hostname\(\))\s{0,3}[!=]=/)
        );
      }),
      calls(
        ".Header().Set request.Header",
        ({ args: [name, to] }) =>
          says(name, /^location$/i) && carries(to, "redirect") === 2 && !hasFixedHost(to),
      ),
    ],
  },
  {
    id: "go/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check u.Hostname() against an allowlist first",
    literals: ["http", "Dial", "resty", "lient.", "websocket", "ws.", "req", "soup", "Visit", "goquery"],
    match: [
      reaches("url", 2, fetchers, [0, 1, 2], (seen) => {
        const at = seen.args[places.get(seen.path) ?? 0];
        return (
          carries(at, "url") === 2 &&
          !hasFixedHost(at) &&
          !aroundSays(seen.here, /allowed\w{0,12}\[|\.(Host|Hostname\(\))\s{0,3}[!=]=|isAllowed/i)
        );
      }),
    ],
  },
  {
    id: "go/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Use http.Cookie{..., Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}",
    literals: ["Cookie"],
    match: [
      calls("http.Cookie", ({ named, here }) => {
        if (!says(named.get("Name"), /sess|sid|token|auth|jwt|login|user|remember/i)) return false;
        if (says(named.get("Value"), /^$/) || aroundSays(here, /MaxAge:\s{0,3}-1/)) return false;
        return ["Secure", "HttpOnly"].some((name) => {
          const value = named.get(name);
          return value === undefined
            ? !sourceAround(here).replaceAll(" ", "").includes(`.${name}=true`)
            : is(value, false);
        });
      }),
      calls(
        "request.SetCookie",
        ({ args }) =>
          args.length === 7 &&
          says(args[0], /sess|sid|token|auth|jwt/i) &&
          (is(args[5], false) || is(args[6], false)),
      ),
    ],
  },
  {
    id: "go/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "low",
    why: "Error messages reveal files, versions and queries.",
    fix: 'Use log.Print(err) and http.Error(w, "error", http.StatusInternalServerError)',
    literals: ["http.Error", "Fprint", "Write", "debug.Stack", "JSON(", "String("],
    match: [
      calls(
        "http.Error",
        ({ args: [, text, status] }) =>
          comesFrom(text, /^!trace$/) &&
          (/StatusInternalServerError$/.test(status?.path ?? "") || is(status, 500)),
      ),
      calls(
        "fmt.Fprint fmt.Fprintln io.WriteString http.ResponseWriter.Write",
        ({ args, path, here }) =>
          ((isAnswer(args[0]) && fileSays(here, /http\.ResponseWriter|gin\.Context|echo\.Context/)) ||
            /ResponseWriter\.Write$/.test(path)) &&
          args.some((one) => comesFrom(one, /^!trace$/)),
      ),
      calls("request.JSON request.String", ({ args: [status, given] }) => {
        const inner = [given, ...itemsOf(given)];
        return (
          (/StatusInternalServerError$/.test(status?.path ?? "") || is(status, 500)) &&
          inner.some((one) => comesFrom(one, /^!trace$/))
        );
      }),
    ],
  },
  {
    id: "go/header-from-outside",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "medium",
    why: "Scripts on any website can read the service's responses to its users.",
    fix: 'Name the allowed origin: w.Header().Set("Access-Control-Allow-Origin", "https://app.example.org")',
    literals: ["Access-Control-Allow-Origin", "AllowAllOrigins", "AllowCredentials"],
    match: [
      calls(
        ".Header().Set .Header().Add request.Header",
        ({ args: [name, value], here }) =>
          says(name, /^access-control-allow-origin$/i) &&
          (value?.level === 2 || (says(value, /^\*$/) && fileSays(here, /Allow-Credentials",\s{0,3}"true/))),
      ),
      calls(
        "cors.Config cors.Options cors.CORSConfig",
        ({ named }) =>
          is(named.get("AllowCredentials"), true) &&
          (is(named.get("AllowAllOrigins"), true) ||
            ["AllowOrigins", "AllowedOrigins"].some((key) =>
              says(named.get(key)?.entries?.get("0"), /^\*$/),
            )),
      ),
    ],
  },
  {
    id: "go/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: 'Quote the input: log.Printf("user %q", name)',
    literals: ["log"],
    match: [
      calls("log.Printf log.Println log.Print", ({ args }) => {
        const [format] = args;
        const quoted =
          typeof format?.constant === "string" &&
          !/%[sv]/.test(format.constant) &&
          /%q/.test(format.constant);
        return (
          !quoted &&
          args.some(
            (one) =>
              carries(one, "log") === 2 &&
              !comesFrom(one, /^!trace$/) &&
              (isBuilt(one) ||
                /^request\.(FormValue|Query|Param|URL\.Query\(\)\.Get|Header|PostForm|QueryParam|PathValue)/.test(
                  one.path,
                )),
          )
        );
      }),
    ],
  },
];
