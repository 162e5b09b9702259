/** @file C# rules: cookies, sessions, cross-site request forgery, other origins, tokens, authorization. */
import { anyOf } from "../../engine/language.ts";
import type { FunctionSeen, Here } from "../../engine/seen.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA, nameOf, says } from "../conditions.ts";
import { aroundSays, behindTest, fileSays, sensitive, sourceAround } from "../inside.ts";
import { assigns, calls, operates, words } from "../matches.ts";

const cookieName = /sess|sid|token|auth|jwt|login|user|remember|secret/i;
const changes = /^Http(Post|Put|Delete|Patch)(\(\))?$/;
const protectedBy = /^(?!Ignore)\w{0,30}AntiForgery\w{0,30}(\(\))?$/i;

/** Forms of a page rely on cookies. Services that take JSON or authenticate otherwise do not. */
function isForgeable({ made, marks, here }: FunctionSeen): boolean {
  if (!marks.some((mark) => changes.test(mark)) || marks.some((mark) => protectedBy.test(mark))) return false;
  if (marks.some((mark) => mark.startsWith("Consumes"))) return false;
  const head = here.text.slice(made.start, made.start + 600).split("{")[0] ?? "";
  if (/FromBody|FromHeader|ApiVersion|\[Route\(\s{0,3}"api/.test(head)) return false;
  const before = here.text.slice(0, made.start);
  const owner = before.slice(Math.max(0, before.lastIndexOf("class ") - 600));
  if (
    !/class \w{1,80}\s{0,3}(\([^)]{0,200}\)\s{0,3})?:\s{0,3}(\w{1,40}\.){0,4}\w{0,30}(Controller|PageModel)\b/.test(
      owner,
    )
  )
    return false;
  return (
    !/ApiController|AntiForgery|Antiforgery|JwtBearer|\[Route\(\s{0,3}"api/.test(owner) &&
    !isGuardedAtAll(here)
  );
}

/** Whether a filter protects all controllers. */
function isGuardedAtAll({ text }: Here): boolean {
  return /AutoValidateAntiforgery|Filters\.Add\(\s{0,3}(new )?\w{0,30}AntiForgery|(Add|Use)Antiforgery/i.test(
    text,
  );
}

/** The names of the options set on a cookie. */
function optionsOf(value: Value | undefined): string[] {
  return value?.made?.kind === "call"
    ? value.made.args.flatMap(({ name }) => (name === undefined ? [] : [name]))
    : [];
}

function isProtected(here: Here, options: readonly string[]): boolean {
  const source = sourceAround(here);
  const isSecure = options.includes("Secure") || /\.Secure\s{0,3}=\s{0,3}true/.test(source);
  return isSecure && (options.includes("HttpOnly") || /\.HttpOnly\s{0,3}=\s{0,3}true/.test(source));
}

const logins = anyOf(
  /(FormsAuthentication\.(Authenticate|SetAuthCookie)|Membership\.ValidateUser)\(/,
  /(PasswordSignIn|\.ValidateCredentials|SignIn)(Async)?\(/,
);

/** A token that is parsed and returned without validation. */
const readsOnly = anyOf(
  /=>\s{0,9}(\{\s{0,40}return\s{1,9})?(new (JwtSecurityToken|JsonWebToken)\(|\w{1,20}\s{0,3}[;}])/,
  /=>\s{0,9}\{\s{0,40}var \w{1,30} = [^;]{0,100};\s{0,40}return\s{1,9}\w{1,20}\s{0,3};/,
);

/** Fields that state the sender's privileges. */
const privileged =
  /^(is_?)?(admin\w{0,12}|role|authenticated|logged_?in|auth|privilege\w{0,4}|access_?level|authori[sz]ed)$/i;

/** Rules on sessions. */
export const csharpSessionRules: readonly Rule[] = [
  {
    id: "csharp/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Use new CookieOptions { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict }",
    literals: ["Cookie", "cookie"],
    match: [
      assigns(
        /^(Secure|HttpOnly|RequireSSL|RequireSsl)$/,
        ({ value, path, here }) =>
          is(value, false) && (/[cC]ookie/.test(path) || /[cC]ookie/.test(here.inside?.name ?? "")),
      ),
      assigns(/^SecurePolicy$/, ({ value }) => isA(value, /CookieSecurePolicy\.None$/)),
      calls(".Cookies.Append .Cookies.Add", ({ args, here }) => {
        const [first, , options] = args;
        const cookie = first?.made?.kind === "call" ? first.made.args[0]?.value : undefined;
        const name = cookie?.kind === "text" ? cookie.pieces.join("") : String(first?.constant ?? "");
        if (!cookieName.test(name)) return false;
        return !isProtected(here, [...optionsOf(options), ...optionsOf(first)]);
      }),
    ],
  },
  {
    id: "csharp/cookie-kept",
    cwe: 539,
    title: "Session data in a persistent cookie",
    severity: "low",
    why: "The next user of the browser can read its contents.",
    fix: "Do not set Expires for session data",
    literals: ["Expires"],
    match: [
      assigns(/^Expires$/, ({ value, path }) => {
        const amount = value.made?.kind === "call" ? value.made.args[0]?.value : undefined;
        const count = amount?.kind === "constant" ? Number(amount.value) : 0;
        if (!/[cC]ookie/.test(path) || count <= 0) return false;
        if (/\.Add(Days|Months|Years|Hours)\(\)$/.test(value.path)) return true;
        return (
          (/\.AddMinutes\(\)$/.test(value.path) && count > 5) ||
          (/\.AddSeconds\(\)$/.test(value.path) && count > 300)
        );
      }),
    ],
  },
  {
    id: "csharp/session-kept",
    cwe: 384,
    title: "Session fixation: session ID unchanged after login",
    severity: "medium",
    why: "An attacker who knew the session ID before the login is logged in as the user.",
    fix: "Call Session.Abandon() after the login, before storing anything in the session",
    literals: ["Session"],
    match: [
      assigns(/./, ({ form, path, here, start }) => {
        if (form !== "item" || !/(^|\.)Session\[\]$/.test(path)) return false;
        const from = here.inside?.start ?? 0;
        const before = here.text.slice(from, start);
        return (
          logins.test(before) &&
          !/Abandon|Session\.(Clear|RemoveAll)|\}\s{0,40}else\s{0,40}\{[^}]{0,400}$/.test(before)
        );
      }),
    ],
  },
  {
    id: "csharp/csrf-off",
    cwe: 352,
    title: "Missing CSRF protection",
    severity: "medium",
    why: "Another site can submit the form as the logged-in user.",
    fix: "Add [ValidateAntiForgeryToken], or AutoValidateAntiforgeryTokenAttribute for all actions",
    literals: ["HttpPost", "HttpPut", "HttpDelete", "HttpPatch", "Antiforgery"],
    match: [
      { defines: isForgeable },
      { defines: ({ marks }) => marks.some((mark) => /^IgnoreAntiforgeryToken(\(\))?$/i.test(mark)) },
      calls(".DisableAntiforgery IgnoreAntiforgeryTokenAttribute IgnoreAntiforgeryToken"),
    ],
  },
  {
    id: "csharp/origin-any",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "medium",
    why: "Scripts on any website can read the service's responses to its users.",
    fix: 'Name the allowed origin: policy.WithOrigins("https://app.example.org")',
    literals: ["Origin", "EnableCors"],
    match: [
      calls(".AllowCredentials", ({ here }) =>
        aroundSays(here, /SetIsOriginAllowed\(\s{0,3}(\w{1,20}|_)\s{0,3}=>\s{0,3}true/),
      ),
      calls(".SetIsOriginAllowed", ({ args: [first] }) => first?.gives?.constant === true),
      calls(".AllowAnyOrigin", ({ here }) =>
        fileSays(here, /AllowCredentials|[uU]seAuthentication|AddAuthentication|AddIdentity/),
      ),
      calls(
        ".AddHeader .AppendHeader .Headers.Add .Headers.Append",
        ({ args: [name, value] }) =>
          says(name, /^access-control-allow-origin$/i) && (says(value, /^\*$/) || value?.level === 2),
      ),
      // two attributes share this name: with three arguments it takes origins, otherwise the name of a policy
      calls("EnableCorsAttribute EnableCors", ({ args, named }) => {
        return says(named.get("origins") ?? (args.length > 1 ? args[0] : undefined), /^\*$/);
      }),
      assigns(/^Access-Control-Allow-Origin$/, ({ value }) => says(value, /^\*$/) || value.level === 2),
    ],
  },
  {
    id: "csharp/token-unchecked",
    cwe: 347,
    title: "Token signature not verified",
    severity: "high",
    why: "An attacker can forge a token with any claims.",
    fix: "Use new TokenValidationParameters { ValidateIssuerSigningKey = true, RequireSignedTokens = true }",
    literals: words(
      "RequireSignedTokens ValidateIssuerSigningKey SignatureValidator JwtBuilder JsonWebToken Jose " +
        "JWT.Decode",
    ),
    match: [
      assigns(/^(RequireSignedTokens|ValidateIssuerSigningKey)$/, ({ value }) => is(value, false)),
      assigns(/^SignatureValidator$/, ({ here, start, end }) =>
        readsOnly.test(here.text.slice(start, end).slice(0, 400)),
      ),
      calls(".DoNotVerifySignature"),
      calls(
        ".Decode .DecodeToObject",
        ({ args, named, path }) =>
          /JWT|Jwt|JsonWebToken/.test(path) && (is(named.get("verify"), false) || is(args[2], false)),
      ),
    ],
  },
  {
    id: "csharp/token-forever",
    cwe: 613,
    title: "Token without expiration",
    severity: "medium",
    why: "A stolen token stays valid forever.",
    fix: "Set ValidateLifetime = true and RequireExpirationTime = true",
    literals: ["ValidateLifetime", "RequireExpirationTime", "LifetimeValidator"],
    match: [
      assigns(
        /^(ValidateLifetime|RequireExpirationTime)$/,
        ({ value, here }) =>
          is(value, false) && !/GetPrincipalFromExpired|[rR]efresh/.test(here.inside?.name ?? ""),
      ),
    ],
  },
  {
    id: "csharp/no-lockout",
    cwe: 307,
    title: "Login attempts not limited",
    severity: "medium",
    why: "An attacker can guess passwords without limit.",
    fix: "Pass lockoutOnFailure: true",
    literals: ["SignIn"],
    match: [
      calls(".PasswordSignIn .CheckPasswordSignIn", ({ args, named, path }) =>
        is(
          named.get("lockoutOnFailure") ??
            named.get("shouldLockout") ??
            args[path.endsWith("CheckPasswordSignIn") ? 2 : 3],
          false,
        ),
      ),
    ],
  },
  {
    id: "csharp/let-in-by-asker",
    cwe: 807,
    title: "Authorization based on client-controlled data",
    severity: "high",
    why: "Clients control their cookies, headers and form fields.",
    fix: 'Use User.IsInRole("admin") with an authenticated identity',
    literals: ["dmin", "ole", "uth", "ogged", "ogin", "rivilege", "rant", "assword"],
    match: [
      operates("== !=", ({ operands, here, start, end }) =>
        operands.some((one, position) => {
          const other = operands[1 - position];
          if (
            one.level !== 2 ||
            other?.constant === undefined ||
            other.constant === null ||
            other.constant === ""
          )
            return false;
          if (!fileSays(here, /[rR]equest\.(Cookies|QueryString|Query|Form|Headers|Params)\b/)) return false;
          return privileged.test(nameOfField(one)) || sensitive.test(behindTest(here, start, end) ?? "");
        }),
      ),
    ],
  },
  {
    id: "csharp/listens-to-all",
    cwe: 706,
    title: "Server listens on a wildcard host name",
    severity: "low",
    why: "The client chooses the Host header. Links that the server builds from it lead to the client's host.",
    fix: 'Register the host name: listener.Prefixes.Add("http://www.example.org:8080/")',
    literals: ["Prefixes"],
    match: [
      calls(".Prefixes.Add", ({ args: [name] }) => says(name, /^https?:\/\/([+*]|\*\.[a-z]{2,10})(:|\/|$)/)),
    ],
  },
  {
    id: "csharp/folder-shown",
    cwe: 548,
    title: "Directory listing enabled",
    severity: "medium",
    why: "Visitors can find files that no page links to.",
    fix: "Serve files by name with app.UseStaticFiles()",
    literals: ["DirectoryBrowser", "DirectoryBrowsing"],
    match: [
      calls(".UseDirectoryBrowser .AddDirectoryBrowser"),
      assigns(/^(EnableDirectoryBrowsing|enableDirectoryBrowsing)$/, ({ value }) => is(value, true)),
      calls(".UseFileServer", ({ args, named }) => is(named.get("enableDirectoryBrowsing") ?? args[0], true)),
    ],
  },
];

/** The field that a value was read from: `Request.Cookies["admin"].Value` is `admin`. */
function nameOfField(value: Value): string {
  const { made } = value;
  const inner = made?.kind === "member" && /^(Value|Values)$/.test(made.name) ? made.object : made;
  if (inner?.kind === "index" && inner.index.kind === "text") return inner.index.pieces.join("");
  return nameOf(value);
}
