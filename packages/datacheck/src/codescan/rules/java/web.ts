/** @file Java rules: pages, redirects, requests to other hosts, headers, cookies, logs. */
import type { Here } from "../../engine/seen.ts";
import { carries, hole, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, is, says, shaped } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

const writers =
  "ResponseWriter ResponseStream PrintWriter JspWriter ServletOutputStream out request.getResponseBody()";
const pageWriters = [
  ...writers
    .split(" ")
    .flatMap((one) => "print println write printf append format".split(" ").map((verb) => `${one}.${verb}`)),
  "HttpServletResponse.sendError request.html request.response().end request.resultHtml",
].join(" ");
const fetchers = [
  "URL.openStream URL.openConnection URL.getContent URLConnection.connect IOUtils.toString IOUtils.toByteArray",
  ..."getForObject getForEntity postForObject postForEntity exchange execute put delete headForHeaders patchForObject"
    .split(" ")
    .flatMap((verb) => [`RestTemplate.${verb}`, `restTemplate.${verb}`]),
  "HttpGet HttpPost HttpPut HttpDelete HttpPatch HttpHead HttpOptions " +
    "RequestBuilder.get RequestBuilder.post GetMethod PostMethod",
  "Jsoup.connect Builder.url Request.Builder().url Request.Get " +
    "Request.Post HttpUrl.parse HttpUrl.get Socket",
  "HttpRequest.uri HttpRequest.newBuilder HttpRequest WebClient.create " +
    "WebClient.uri .webClient.get().uri ClientBuilder.target",
  "Client.target ImageIO.read DriverManager.getConnection Unirest.get " +
    "Unirest.post HttpRequest.get HttpUtil.get HttpUtil.post",
  "FileUtils.copyURLToFile Resources.toString Resources.asByteSource " +
    "AsyncHttpClient.prepareGet HttpClient.get SimpleHttpClient.get",
  "URI.toURL RequestEntity.get RequestEntity.post WebClient.get().uri " +
    "OkHttpClient.newCall HttpAsyncClient.execute DatagramPacket " +
    ".get().uri .post().uri .put().uri .delete().uri .patch().uri .method().uri .baseUrl RestTemplateBuilder.rootUri",
].join(" ");

/** Content types that browsers do not render as a page. */
const noPage = /application\/json|text\/plain|application\/octet|text\/csv/;

const cookieName = /sess|sid|token|auth|jwt|login|user|remember/i;

/** The page's scripts must read a token against request forgery. */
function isForScripts({ made, roots }: Value, path: string, { text }: Here): boolean {
  const source = made === undefined ? "" : text.slice(made.start, made.end);
  return /ttpOnly$/.test(path) && /[cx]s[rf]{2}/i.test(`${source} ${roots.join(" ")}`);
}

/** Rules on the web. */
export const javaWebRules: readonly Rule[] = [
  {
    id: "java/page-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Markup in the input runs as script in the user's browser.",
    fix: "Use Encode.forHtml(text), HtmlUtils.htmlEscape(text) or a template that escapes",
    literals: ["getWriter", "PrintWriter", "out.", "getOutputStream", "Mapping", "ResponseEntity"],
    match: [
      reaches("html", 2, pageWriters, ["*"], ({ here }) => !fileSays(here, noPage)),
      reaches(
        "html",
        2,
        "ResponseEntity ResponseEntity.ok .body Response.ok .entity",
        [0],
        ({ args: [text], here }) =>
          shaped(text, /<\s{0,3}\/?[a-z][a-z0-9]{0,10}[\s>\0]/i) && !aroundSays(here, noPage),
      ),
      {
        returns: ({ value, here }) =>
          here.answers &&
          carries(value, "html") === 2 &&
          isBuilt(value) &&
          shaped(value, /<\s{0,3}\/?[a-z][a-z0-9]{0,10}[\s>\0]/i) &&
          !aroundSays(here, noPage),
      },
    ],
  },
  {
    id: "java/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Check the target against an allowlist, or accept only local paths",
    literals: ["sendRedirect", "redirect:", "Location", "location(", "RedirectView", "redirect("],
    match: [
      reaches(
        "redirect",
        2,
        ".sendRedirect RedirectView RedirectView.setUrl " +
          "ModelAndView ResponseEntity.status().location Response.seeOther " +
          "HttpHeaders.setLocation .setRedirectUrl ModelAndView.setViewName .encodeRedirectURL " +
          "Response.temporaryRedirect request.redirect",
        [0],
        ({ args: [to], path }) =>
          !hasFixedHost(to) && (!/^ModelAndView/.test(path) || shaped(to, /^redirect:\0/)),
      ),
      calls(".setHeader .addHeader .header", ({ args: [name, to] }) => {
        return says(name, /^location$/i) && carries(to, "redirect") === 2 && !hasFixedHost(to);
      }),
      {
        returns: ({ value, here }) =>
          here.answers && carries(value, "redirect") === 2 && shaped(value, /^redirect:\0/),
      },
    ],
  },
  {
    id: "java/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check new URI(url).getHost() against an allowlist first",
    literals: words(
      "URL RestTemplate restTemplate HttpGet HttpPost Jsoup HttpRequest WebClient RestClient .uri( " +
        "baseUrl url( Socket",
    ),
    match: [
      reaches("url", 2, fetchers, [0, "this"], ({ args: [to], receiver, here, path }) => {
        const at = /^URL/.test(path) ? receiver : to;
        if (carries(at, "url") !== 2 || hasFixedHost(at)) return false;
        return !aroundSays(
          here,
          /getHost\(\)\)|\.contains\([^)]{0,60}getHost\(|allowedHosts|ALLOWED_HOSTS|ALLOWED_DOMAINS/,
        );
      }),
    ],
  },
  {
    id: "java/header-from-outside",
    cwe: 113,
    title: "Header injection: untrusted input in a response header",
    severity: "medium",
    why: "A line break in the input adds headers or an entire response.",
    fix: "Reject line breaks, or take the value from an allowlist",
    literals: ["Header(", "Cookie("],
    match: [
      calls(".setHeader .addHeader", ({ args: [name, value], receiver }) => {
        if (says(name, /^location$/i) || !/ServletResponse$|^response$|^resp$|^res$/.test(receiver.path))
          return false;
        return [name, value].some((one) => carries(one, "header") === 2);
      }),
      calls("Cookie", ({ args }) => carries(args[1], "header") === 2),
    ],
  },
  {
    id: "java/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Call cookie.setSecure(true) and cookie.setHttpOnly(true)",
    literals: ["Cookie"],
    match: [
      calls(".addCookie", ({ args: [cookie], here }) => {
        const { set, made } = cookie ?? {};
        if (set === undefined || set.get("MaxAge") === 0) return false;
        const name = made?.kind === "call" ? made.args[0]?.value : undefined;
        const text = name?.kind === "text" ? name.pieces.join("") : "";
        if (set.size === 0 && !cookieName.test(text)) return false;
        const isOn = (key: string): boolean => set.get(key) === true || set.get(key) === hole;
        return (
          !(isOn("Secure") && isOn("HttpOnly")) && !aroundSays(here, /setSecure\(\s{0,3}(?!true|false)\w/)
        );
      }),
      calls(
        ".setSecure .setHttpOnly .secure .httpOnly " +
          ".withSecure .withHttpOnly .setCookieHttpOnly .setUseHttpOnlyCookie " +
          ".setCookieSecure .setUseSecureCookie setSecure setHttpOnly",
        ({ args: [on], receiver, path, here, end }) =>
          is(on, false) &&
          (/Cookie/.test(path) || (fileSays(here, /Cookie/) && !/^[A-Z](?!\w*Cookie)/.test(receiver.path))) &&
          !isForScripts(receiver, path, here) &&
          // a cookie that is being deleted
          !/axAge\(0\)/.test(here.text.slice(receiver.made?.start ?? end, end + 120)),
      ),
    ],
  },
  {
    id: "java/session-from-outside",
    cwe: 501,
    title: "Trust boundary violation: untrusted input stored in the session",
    severity: "low",
    why: "Code that reads the session assumes that its data was validated.",
    fix: "Validate the value first, or keep it in the request",
    literals: ["setAttribute", "putValue"],
    match: [
      calls(
        "request.getSession().setAttribute request.getSession().putValue HttpSession.setAttribute HttpSession.putValue",
        ({ args }) => args.some((one) => carries(one, "html") === 2),
      ),
    ],
  },
  {
    id: "java/format-from-outside",
    cwe: 134,
    title: "Format string from untrusted input",
    severity: "medium",
    why: "A placeholder without an argument throws an exception, or reveals other values.",
    fix: 'Use a constant format: String.format("%s", text)',
    literals: ["format", "printf"],
    match: [
      reaches("format", 2, ".format .printf", ["this", 0], ({ receiver, args, path, here, start, end }) => {
        const isText = /^(String\.format|\w{1,60}\.formatted)\(/.test(here.text.slice(start, end));
        const at = isText ? receiver : /^Locale\b/.test(args[0]?.path ?? "") ? args[1] : args[0];
        return (
          (isText ||
            /^(System\.(out|err)|PrintStream|PrintWriter|ResponseWriter|Formatter|TextWriter|Console)\./.test(
              path,
            )) &&
          carries(at, "format") === 2
        );
      }),
    ],
  },
  {
    id: "java/csrf-off",
    cwe: 352,
    title: "Missing CSRF protection",
    severity: "medium",
    why: "Another site can submit the form as the logged-in user.",
    fix: "Keep CSRF protection enabled; disable it only for services without cookies",
    literals: ["csrf"],
    match: [
      calls(".csrf().disable", ({ here }) => !fileSays(here, /STATELESS|oauth2ResourceServer|jwt/i)),
      calls(
        ".csrf",
        ({ here, start, end }) =>
          /csrf\(\s{0,3}(\w{1,30}\s{0,3}->\s{0,3}\w{1,30}\.disable\(\)|\w{1,40}::disable)/.test(
            here.text.slice(start, end),
          ) && !fileSays(here, /STATELESS|oauth2ResourceServer|jwt/i),
      ),
    ],
  },
  {
    id: "java/origin-any",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "medium",
    why: "Scripts on any website can read the service's responses to its users.",
    fix: 'Name the allowed origin: config.setAllowedOrigins(List.of("https://app.example.org"))',
    literals: ["Access-Control-Allow-Origin", "allowedOrigins", "AllowedOrigin", "CrossOrigin"],
    match: [
      calls(
        ".setHeader .addHeader",
        ({ args: [name, value] }) =>
          says(name, /^access-control-allow-origin$/i) && (says(value, /^(\*|null)$/i) || value?.level === 2),
      ),
      calls(
        ".addAllowedOrigin .allowedOrigins .addAllowedOriginPattern",
        ({ args: [value], here }) =>
          says(value, /^\*$/) && fileSays(here, /[aA]llowCredentials\(\s{0,3}true/),
      ),
      assigns(
        /^origins$/,
        ({ path, value, here }) =>
          path === "CrossOrigin" && says(value, /^\*$/) && fileSays(here, /allowCredentials/),
      ),
    ],
  },
  {
    id: "java/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "medium",
    why: "Stack traces reveal files, versions and queries.",
    fix: "Log the error and return a generic message",
    literals: ["printStackTrace", "getMessage", "getStackTrace", "toString"],
    match: [
      calls("!error.printStackTrace", ({ args: [to] }) =>
        /^(ResponseWriter|ResponseStream|PrintWriter)$/.test(to?.path ?? ""),
      ),
      calls(pageWriters, ({ args }) => args.some((one) => comesFrom(one, /^!trace$/))),
      calls(".sendError", ({ args: [, text] }) => comesFrom(text, /^!trace$/)),
      calls(
        "ResponseEntity ResponseEntity.status().body .body ResponseEntity.badRequest().body .entity",
        ({ args: [text], here }) => {
          return (
            comesFrom(text, /^!trace$/) &&
            aroundSays(here, /Exception\.class\b/) &&
            aroundSays(
              here,
              /@ExceptionHandler\(\s{0,3}\{?\s{0,3}(Exception|Throwable|RuntimeException|SQLException)\.class/,
            )
          );
        },
      ),
    ],
  },
  {
    id: "java/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: 'Replace line breaks: text.replaceAll("[\\r\\n]", "_")',
    literals: ["log", "LOG", "Log"],
    match: [
      calls(".info .warn .error .debug .warning .severe .fine .trace .log", ({ path, args }) => {
        return /log/i.test(path) && args.some((one) => carries(one, "log") === 2);
      }),
    ],
  },
];
