/** @file Java rules: protections of web frameworks that are disabled or were never enabled. */
import { hole, itemsOf, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA, says } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { calls, words } from "../matches.ts";

/** Whether a call passes `c -> c.disable()` or `X::disable`. */
function hands(method: string, text: string): boolean {
  return text.includes(`::${method}`) || (/->/.test(text) && text.includes(`.${method}()`));
}

const anyOrigin = /^\*$/;

/** `*`, alone or in a list. */
function isAny(value: Value | undefined): boolean {
  if (says(value, anyOrigin)) return true;
  return itemsOf(value).some((one) => says(one, anyOrigin));
}

/** Whether a cookie created here lacks `HttpOnly` or `Secure`. */
function isPlain({ set, path }: Value, source: string): boolean {
  if (set === undefined || !/^(Cookie|HttpCookie)$/.test(path) || set.get("MaxAge") === 0) return false;
  const isOn = (key: string): boolean => set.get(key) === true || set.get(key) === hole;
  return (
    !(isOn("Secure") && isOn("HttpOnly")) && !/set(Secure|HttpOnly)\(\s{0,3}(?!true|false)\w/.test(source)
  );
}

/** Responses that deny access, or may do so. */
const saysNo = /throw\s|return\s+(?:false|-1|[\w.]{0,60}ACCESS_DENIED|(?!true\b)[a-z!(][\w.]{0,80})/;

/** Rules on frameworks' protections. */
export const javaProtectionRules: readonly Rule[] = [
  {
    id: "java/session-kept",
    cwe: 384,
    title: "Session fixation: session ID unchanged after login",
    severity: "medium",
    why: "An attacker who planted the session ID beforehand is logged in as the user.",
    fix: "Create a new session: http.sessionManagement(s -> s.sessionFixation(f -> f.newSession()))",
    literals: ["sessionFixation", "setAttribute"],
    match: [
      calls(".sessionFixation().none"),
      calls(".sessionFixation", ({ here, start, end }) =>
        hands("none", here.text.slice(start, end).slice(-200)),
      ),
      calls(
        "request.getSession().setAttribute HttpSession.setAttribute",
        ({ args: [name], here }) =>
          says(
            name,
            /^(logged_?in\w{0,10}|is_?logged_?in|authenticated|is_?authenticated|login|current_?user|user(name|_?id)?)$/i,
          ) &&
          /login|authenticate|signin|doPost/i.test(here.inside?.name ?? "") &&
          aroundSays(here, /assword|authenticate\(|credential/i) &&
          !fileSays(here, /invalidate\(\)|changeSessionId\(\)|migrateSession|renewId/),
      ),
    ],
  },
  {
    id: "java/session-endless",
    cwe: 613,
    title: "Session timeout disabled or too long",
    severity: "low",
    why: "A stolen session ID stays valid.",
    fix: "Set a timeout: session.setMaxInactiveInterval(1800)",
    literals: ["setMaxInactiveInterval", "setMaxAge", "tokenValiditySeconds"],
    match: [
      calls(".setMaxInactiveInterval", ({ args: [seconds] }) => {
        return (
          typeof seconds?.constant === "number" && (seconds.constant <= 0 || seconds.constant > 86_400 * 7)
        );
      }),
      calls(".setMaxAge .tokenValiditySeconds", ({ args: [seconds], path }) => {
        return /Cookie|tokenValidity/.test(path) && Number(seconds?.constant ?? 0) >= 31_536_000;
      }),
    ],
  },
  {
    id: "java/cookie-plain",
    cwe: 1004,
    title: "Cookie without HttpOnly or Secure",
    severity: "low",
    why: "An injected script or an eavesdropper on plain HTTP can read the cookie.",
    fix: "Call cookie.setHttpOnly(true) and cookie.setSecure(true)",
    literals: ["Cookie"],
    match: [
      calls(
        ".addCookie",
        ({ args: [cookie], here }) => cookie !== undefined && isPlain(cookie, sourceAround(here)),
      ),
      {
        returns: ({ value, here }) =>
          isA(value, /^(Cookie|HttpCookie)$/) && isPlain(value, sourceAround(here)),
      },
      calls("NewCookie", ({ args }) => {
        const [secure, http] = args.slice(-2);
        return !(is(secure, true) && is(http, true));
      }),
      calls("Http.Cookie", ({ args }) => args.length > 5 && !(is(args[5], true) && is(args[6], true))),
    ],
  },
  {
    id: "java/headers-off",
    cwe: 693,
    title: "Security headers disabled",
    severity: "low",
    why: "Browsers then let other sites frame the pages, and guess content types.",
    fix: "Keep the defaults of http.headers()",
    literals: words("headers frameOptions contentTypeOptions httpStrictTransportSecurity xssProtection"),
    match: [
      calls(
        ".headers().disable .frameOptions().disable .contentTypeOptions().disable .contentSecurityPolicy().disable " +
          ".httpStrictTransportSecurity().disable .xssProtection().disable",
      ),
      calls(
        ".headers .frameOptions .contentTypeOptions .httpStrictTransportSecurity .hsts",
        ({ here, start, end }) => hands("disable", here.text.slice(start, end).slice(-160)),
      ),
    ],
  },
  {
    id: "java/password-encoder",
    cwe: 916,
    title: "Passwords stored in plain text or with a fast hash",
    severity: "medium",
    why: "An attacker who steals the table has the passwords or can guess billions per second.",
    fix: "Use new BCryptPasswordEncoder() or PasswordEncoderFactories.createDelegatingPasswordEncoder()",
    literals: ["PasswordEncoder", "jdbcAuthentication", "{noop}"],
    match: [
      calls(
        "NoOpPasswordEncoder.getInstance NoOpPasswordEncoder PlaintextPasswordEncoder Md4PasswordEncoder " +
          "Md5PasswordEncoder ShaPasswordEncoder StandardPasswordEncoder LdapShaPasswordEncoder " +
          "MessageDigestPasswordEncoder UnixCryptPasswordEncoder AesPasswordEncoder User.withDefaultPasswordEncoder",
      ),
      calls("BCryptPasswordEncoder", ({ args }) =>
        args.some(({ constant }) => typeof constant === "number" && constant >= 0 && constant < 10),
      ),
      calls("Pbkdf2PasswordEncoder", ({ args }) => {
        const [, , rounds] = args.length > 3 ? args : [undefined, ...args];
        return typeof rounds?.constant === "number" && rounds.constant < 100_000;
      }),
      calls("SCryptPasswordEncoder", ({ args: [cost] }) => Number(cost?.constant ?? 65_536) < 16_384),
      calls(".jdbcAuthentication", ({ here }) => !fileSays(here, /passwordEncoder\(/)),
      calls(".password .withUser .passwordEncoder", ({ args: [word] }) => says(word, /^\{noop\}/)),
    ],
  },
  {
    id: "java/origin-open",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "low",
    why: "Any website that a user visits can read the responses.",
    fix: 'Name the allowed origin: @CrossOrigin(origins = "https://app.example.com")',
    literals: ["CrossOrigin", "llowedOrigin", "applyPermitDefaultValues", "addMapping"],
    match: [
      calls("CrossOrigin", ({ args: [only], named }) => {
        const origins = only ?? named.get("origins") ?? named.get("value") ?? named.get("originPatterns");
        return origins === undefined || isAny(origins);
      }),
      calls(
        ".addAllowedOrigin .allowedOrigins .addAllowedOriginPattern .allowedOriginPatterns .setAllowedOrigins " +
          ".setAllowedOriginPatterns .setAllowedOriginPattern",
        ({ args }) => args.some(isAny),
      ),
      calls(".applyPermitDefaultValues"),
      calls("CorsRegistry.addMapping", ({ here, args: [path] }) => {
        return says(path, /^(\*|\/\*\*)$/) && !aroundSays(here, /allowedOrigin/);
      }),
    ],
  },
  {
    id: "java/debug-on",
    cwe: 489,
    title: "Debug feature left enabled",
    severity: "low",
    why: "Debug features reveal the program's internals to clients.",
    fix: "Remove it, or enable it only in development",
    literals: ["debug", "DevMode", "devMode", "DebuggingEnabled", "void main"],
    match: [
      calls(
        "EnableWebSecurity",
        ({ named }) =>
          is(named.get("debug") ?? named.get(""), true) || isA(named.get("debug"), /^Boolean\.TRUE$/),
      ),
      calls(
        "WebView.setWebContentsDebuggingEnabled .setWebContentsDebuggingEnabled .setDevMode .setDebugMode",
        ({ args: [on] }) => is(on, true),
      ),
      calls("WebSecurity.debug", ({ args: [on] }) => is(on, true)),
      calls(
        ".setProperty .put",
        ({ args: [name, on] }) => says(name, /^struts\.devMode$/) && /^true$/.test(String(on?.constant)),
      ),
      {
        defines: ({ made, here }) =>
          made.name === "main" &&
          /String\s{0,3}(\[\]|\.\.\.)/.test(here.text.slice(made.start, made.start + 200)) &&
          fileSays(
            here,
            /\b(extends\s+(HttpServlet|GenericServlet)|implements\s+(\w+,\s{0,3})?(SessionBean|EntityBean|ServletContextListener|Filter))\b|@(Stateless|Stateful|WebServlet)\b/,
          ),
      },
    ],
  },
  {
    id: "java/authority-always",
    cwe: 285,
    title: "Authorization check always grants access",
    severity: "medium",
    why: "Any user passes the check.",
    fix: "Check the user's permissions, and deny access if they are missing",
    literals: ["PermissionEvaluator", "AccessDecisionVoter", "AuthorizationManager", "toAnyEndpoint"],
    match: [
      {
        defines: ({ made, here }) => {
          const kind = /PermissionEvaluator|AccessDecisionVoter/;
          if (!/^(vote|hasPermission)$/.test(made.name) || !fileSays(here, kind)) return false;
          if (made.parameters[0]?.type !== "Authentication") return false;
          const source = here.text.slice(made.start, made.end);
          return /\breturn\b/.test(source) && !saysNo.test(source);
        },
      },
      calls(".permitAll", ({ here, start }) =>
        /EndpointRequest\.toAnyEndpoint\(\)\)?[\s\S]{0,120}$/.test(
          here.text.slice(Math.max(0, start), start + 400).split("permitAll")[0] ?? "",
        ),
      ),
    ],
  },
  {
    id: "java/user-told",
    cwe: 204,
    title: "Login response reveals whether an account exists",
    severity: "low",
    why: "Attackers can find out which accounts exist.",
    fix: "Call setHideUserNotFoundExceptions(true)",
    literals: ["setHideUserNotFoundExceptions"],
    match: [calls(".setHideUserNotFoundExceptions", ({ args: [on] }) => is(on, false))],
  },
];
