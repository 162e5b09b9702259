/** @file JavaScript rules: server setup: middleware, cookies, headers, missing or disabled protections. */
import type { CallSeen } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { importsOf, is, says } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";

/** Middleware that identifies a visitor by a cookie. */
const sessions =
  /^(cookie-parser|cookieParser|express-session|session|cookie-session|cookieSession|express\.(cookieParser|session|cookieSession)|client-sessions|passport\.session|koa-session)\(\)$/;
const guards = /csrf|xsrf|csurf|lusca|sameSite:\s{0,3}['"](strict|lax)|samesite=(strict|lax)/i;
const changes = /\.(post|put|patch|delete)\(\s{0,9}['"`/]/;
const asVisitor = /\b(req|request|ctx)\.(cookies|signedCookies|session|user|isAuthenticated)\b/;

/** Requests that change data are authenticated by cookies, without protection against request forgery. */
function lacksToken({ args, here }: CallSeen): boolean {
  if (!args.some(({ path }) => sessions.test(path))) return false;
  return fileSays(here, changes) && fileSays(here, asVisitor) && !fileSays(here, guards);
}

const limits = /rate-?_?limit|limiter|express-brute|brute|throttl|slow-?down|toobusy|bottleneck/i;
const logins =
  /log-?in|sign-?in|sign-?up|register|authenticat|forgot|reset-?_?pass|verify-?(user|code|otp)|\b(bcrypt|argon2|passport)\.\w/i;

/** A route of an application that checks passwords without a rate limit. */
function lacksLimit({ receiver, args, here, start, end }: CallSeen): boolean {
  if (receiver.path !== "express()" || fileSays(here, limits) || args.length < 2) return false;
  const handler = args.at(-1);
  const body = here.text.slice(start, end);
  const route = String(args[0]?.constant ?? "");
  return (
    handler?.made?.kind === "function" &&
    (logins.test(route) || /\b(login|authenticate|verifyUser|signIn|authorize)\(/.test(body))
  );
}

/** The value of a header, set individually or in an object. */
function headerOf({ args: [name, value] }: CallSeen, wanted: string): Value | undefined {
  if (typeof name?.constant === "string") return name.constant.toLowerCase() === wanted ? value : undefined;
  for (const entries of [name?.entries, value?.entries]) {
    for (const [key, one] of entries ?? []) if (key.toLowerCase() === wanted) return one;
  }
  return undefined;
}

const setters = ".setHeader .header .set .writeHead .append Header headers.set .headers.set";

/** Rules on server setup. */
export const javascriptSetupRules: readonly Rule[] = [
  {
    id: "javascript/token-missing",
    cwe: 352,
    title: "Missing CSRF protection",
    severity: "medium",
    why: "The browser sends the visitor's cookie with a form that another site submits.",
    fix: "Check a CSRF token (csrf-csrf, lusca.csrf()), or set the cookie with sameSite: 'strict'",
    literals: ["ookie", "session"],
    match: [
      calls(".use", lacksToken),
      calls(".post .put .patch .delete", (seen) => seen.args.length > 2 && lacksToken(seen)),
      calls(".csrf .csurf", ({ here, end }) => /methodOverride\(/.test(here.text.slice(end, end + 300))),
      assigns(/^(csrf|csrfProtection|crumb)$/, ({ form, value }) => form === "entry" && is(value, false)),
    ],
  },
  {
    id: "javascript/limit-missing",
    cwe: 770,
    title: "Login without rate limiting",
    severity: "low",
    why: "An attacker can try thousands of passwords, and each attempt loads the server.",
    fix: "Use app.use('/login', rateLimit({ windowMs: 60_000, limit: 10 })) from express-rate-limit",
    literals: ["express"],
    match: [calls(".get .post .all .use", lacksLimit)],
  },
  {
    id: "javascript/any-origin",
    cwe: 942,
    title: "CORS allows any origin with credentials",
    severity: "medium",
    why: "The browser sends the visitor's cookies, and the other site can read the response.",
    fix: "Name the allowed origin: cors({ origin: 'https://app.example.org', credentials: true })",
    literals: ["ccess-", "cors", "Cors", "CORS"],
    match: [
      calls(setters, (seen) => {
        const origin = headerOf(seen, "access-control-allow-origin");
        if (origin === undefined) return false;
        const isOpen = carries(origin, "header") === 2 || is(origin, null) || says(origin, /^null$/);
        // a page must not choose the allowed origin itself
        return isOpen && (sendsCookies(seen) || /^request\.(query|body|params)\./.test(origin.path));
      }),
      calls("cors @koa/cors @fastify/cors .enableCors", ({ args: [options], path }) => {
        const origin = options?.entries?.get("origin");
        if (path.endsWith(".enableCors"))
          return options === undefined || is(origin, true) || says(origin, /^\*$/);
        return is(options?.entries?.get("credentials"), true) && (is(origin, true) || says(origin, /^\*$/));
      }),
      calls(
        "Header",
        ({ args: [name, value] }) => says(name, /^access-control-allow-origin$/i) && says(value, /^\*$/),
      ),
      assigns(
        /^cors$/,
        ({ form, value }) =>
          form === "entry" &&
          (is(value, true) || says(value.entries?.get("origin"), /^\*$/)) &&
          value.constant !== false,
      ),
    ],
  },
  {
    id: "javascript/frames-allowed",
    cwe: 1021,
    title: "Clickjacking: other sites can frame the page",
    severity: "medium",
    why: "Users can be tricked into clicking on the page in an invisible frame.",
    fix: "Use res.set('X-Frame-Options', 'DENY') or helmet()",
    literals: ["X-Frame-Options", "x-frame-options", "frameguard", "frameAncestors", "xFrameOptions"],
    match: [
      calls(setters, (seen) => {
        const value = headerOf(seen, "x-frame-options");
        return value !== undefined && (value.level === 2 || says(value, /^allow/i));
      }),
      assigns(/^(frameguard|xFrameOptions)$/, ({ form, value }) => form === "entry" && is(value, false)),
    ],
  },
  {
    id: "javascript/protection-off",
    cwe: 693,
    title: "Browser or framework protection disabled",
    severity: "medium",
    why: "Attacks that the protection prevents become possible.",
    fix: "Keep the protection enabled",
    literals: words(
      "contentSecurityPolicy webSecurity nodeIntegration contextIsolation allowRunningInsecureContent " +
        "sandbox hsts noSniff escapeMarkup autoescape XSS-Protection noEscape xss",
    ),
    match: [
      assigns(
        /^(contentSecurityPolicy|webSecurity|contextIsolation|noSniff|hsts|xContentTypeOptions)$/,
        ({ form, value, here }) =>
          form === "entry" && is(value, false) && fileSays(here, /helmet|BrowserWindow|webPreferences/),
      ),
      assigns(
        /^(nodeIntegration|nodeIntegrationInWorker|allowRunningInsecureContent|experimentalFeatures|enableRemoteModule)$/,
        ({ form, value }) => form === "entry" && is(value, true),
      ),
    ],
  },
  {
    id: "javascript/escaping-off",
    cwe: 116,
    title: "Template auto-escaping disabled",
    severity: "medium",
    why: "Tags and scripts in a value become part of the page.",
    fix: "Keep auto-escaping on, and mark only individual values as safe",
    literals: ["escapeMarkup", "autoescape", "noEscape", "XSS-Protection", "autoEscape"],
    match: [
      assigns(/^escapeMarkup$/, ({ form, value }) => form === "attribute" && is(value, false)),
      assigns(/^(autoescape|autoEscape)$/, ({ form, value }) => form === "entry" && is(value, false)),
      assigns(/^noEscape$/, ({ form, value }) => form === "entry" && is(value, true)),
      calls(setters, (seen) => {
        const value = headerOf(seen, "x-xss-protection");
        return seen.path === "Header" && (is(value, "0") || is(value, 0));
      }),
    ],
  },
  {
    id: "javascript/files-exposed",
    cwe: 548,
    title: "Static file server exposes non-public directories",
    severity: "medium",
    why: "Visitors can read source code, configuration and packages with known vulnerabilities.",
    fix: "Serve a public directory only: express.static('public')",
    literals: ["static", "serveIndex", "serve-index", "serve-static"],
    match: [
      calls(
        "express.static serve-static koa-static connect.static",
        ({ args: [folder] }) =>
          says(folder, /^(\.|\.\/|\/|\.\.\/?|.{0,80}node_modules\/?)$/) ||
          folder?.path === "__dirname" ||
          folder?.path === "process.cwd()",
      ),
      calls("serve-index", ({ args }) => args.length > 0),
    ],
  },
  {
    id: "javascript/link-by-host",
    cwe: 640,
    title: "Link in an email built from the Host header",
    severity: "medium",
    why: "An attacker requests a reset with a forged Host header. The victim's click sends the token to that host.",
    fix: "Use a configured host: const link = `\u0024{process.env.BASE_URL}/reset?token=\u0024{token}`",
    literals: ["sendMail", "sendEmail", "nodemailer", "sendgrid", "mailgun"],
    match: [
      assigns(
        /^(html|text|body|content)$/,
        ({ form, value, here }) =>
          form === "entry" &&
          value.level === 2 &&
          /https?:\/\/$/.test(value.lead ?? "") &&
          fileSays(here, /\b(host|hostname|headers)\b/),
      ),
    ],
  },
  {
    id: "javascript/open-channel",
    cwe: 319,
    title: "Unencrypted connection",
    severity: "medium",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use wss:// and https://; for gRPC, use createSsl()",
    literals: ["createInsecure", "ws://", "ftp", "ssl"],
    match: [
      calls(".createInsecure", ({ here }) => importsOf(here, /grpc/)),
      calls("WebSocket ws", ({ args: [where] }) => isOpenSocket(where)),
      assigns(
        /^(url|uri|scheme|\w{0,20}(Url|URL|Uri|Scheme))$/,
        ({ form, value }) => form === "variable" && isOpenSocket(value),
      ),
    ],
  },
];

/** Whether the enclosing code allows credentials in cross-origin requests. */
function sendsCookies({ here }: CallSeen): boolean {
  return aroundSays(here, /allow-credentials['"]?\s{0,3}[,:]\s{0,3}(['"]?true|req)/i);
}

function isOpenSocket(where: Value | undefined): boolean {
  return where?.shape !== undefined && /^ws:\/\/(?!localhost|127\.|\[::1|0\.0\.0\.0)/.test(where.shape);
}
