/** @file C# rules: protections of ASP.NET that are disabled or were never enabled. */
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { is, isA, says } from "../conditions.ts";
import { aroundSays, fileSays, sourceAround } from "../inside.ts";
import { assigns, calls, words } from "../matches.ts";

const megabytes8 = 8_388_608;

/** Whether a limit allows more than 8 MB. */
function isWide(value: Value | undefined): boolean {
  if (is(value, null) || isA(value, /^(long|int|Int32|Int64)\.MaxValue$/)) return true;
  return typeof value?.constant === "number" && value.constant > megabytes8;
}

/** Whether cookie options, or the enclosing function, lack `HttpOnly` or `Secure`. */
function isPlain(source: string): boolean {
  const isOn = (name: string): boolean => new Set(["true", "Always"]).has(setTo(source, name));
  return !(isOn("HttpOnly") && (isOn("Secure") || isOn("SecurePolicy")));
}

const settings = /\b(HttpOnly|Secure|SecurePolicy)\s{0,3}=\s{0,3}(?:CookieSecurePolicy\.)?(\w{1,40})/g;

/** The setting of a name: `false`, `Always` for any other value, or "" if it is not set. */
function setTo(source: string, name: string): string {
  for (const [, key, value = ""] of source.matchAll(settings))
    if (key === name) return /^(false|None)$/.test(value) ? "false" : "Always";
  return "";
}

const looseContent = /'unsafe-(inline|eval|hashes)'|(^|[\s;])(\*|https?:|data:)(\s|;|$)/;

/** Rules on ASP.NET's protections. */
export const csharpProtectionRules: readonly Rule[] = [
  {
    id: "csharp/input-unchecked",
    cwe: 79,
    title: "Request validation disabled",
    severity: "medium",
    why: "Scripts in form fields reach the program and can end up in pages.",
    fix: "Keep request validation enabled and encode output",
    literals: ["ValidateInput", "ValidateRequest", "AllowHtml", "RequestValidationMode", "requestValidation"],
    match: [
      calls("ValidateInput ValidateInputAttribute", ({ args: [on], named }) =>
        is(on ?? named.get("enableValidation"), false),
      ),
      calls("AllowHtml AllowHtmlAttribute"),
      { defines: ({ marks }) => marks.some((mark) => /^AllowHtml(\(\))?$/.test(mark)) },
      assigns(
        /^(ValidateRequest|ValidateRequestMode)$/,
        ({ value }) => is(value, false) || isA(value, /ValidateRequestMode\.Disabled$/),
      ),
      assigns(
        /^RequestValidationMode$/,
        ({ value }) => String(value.constant).startsWith("2") || String(value.constant) === "0",
      ),
    ],
  },
  {
    id: "csharp/view-state-unprotected",
    cwe: 642,
    title: "ViewState without integrity protection",
    severity: "medium",
    why: "The browser returns the view state. Without a MAC, the client can modify it.",
    fix: "Set EnableViewStateMac = true and ViewStateEncryptionMode = ViewStateEncryptionMode.Always",
    literals: ["ViewState", "EnableEventValidation"],
    match: [
      assigns(/^(EnableViewStateMac|EnableEventValidation)$/, ({ value }) => is(value, false)),
      assigns(/^ViewStateEncryptionMode$/, ({ value }) => isA(value, /ViewStateEncryptionMode\.Never$/)),
    ],
  },
  {
    id: "csharp/password-policy",
    cwe: 521,
    title: "Weak or missing password requirement",
    severity: "low",
    why: "Attackers guess short passwords. Without a password, anyone can log in.",
    fix: "Set options.Password.RequiredLength = 12, and require a password for every bind and connection",
    literals: words("RequiredLength RequireDigit Password AuthenticationType assword= Pwd= pwd="),
    match: [
      assigns(/^RequiredLength$/, ({ value }) => typeof value.constant === "number" && value.constant < 8),
      assigns(
        /^MinRequiredPasswordLength$/,
        ({ value }) => typeof value.constant === "number" && value.constant < 8,
      ),
      // a directory or database queried without a password
      assigns(
        /^AuthenticationType$/,
        ({ value }) => isA(value, /AuthenticationTypes\.(None|Anonymous)$/) || is(value, 0),
      ),
      assigns(/^AuthType$/, ({ value }) => isA(value, /AuthType\.Anonymous$/)),
      calls("DirectoryEntry", ({ args, named }) => {
        const [, user, word, how] = args;
        return (
          isA(how ?? named.get("authenticationType"), /AuthenticationTypes\.(None|Anonymous)$/) ||
          (args.length === 3 && is(user, null) && is(word, null))
        );
      }),
      calls(
        "SqlConnection MySqlConnection NpgsqlConnection SqliteConnection " +
          "OracleConnection .UseSqlServer .UseNpgsql .UseMySQL " +
          ".UseMySql .UseSqlite .UseOracle",
        ({ args, named }) =>
          [...args, ...named.values()].some((one) =>
            isWithoutPassword(one.shape ?? String(one.constant ?? "")),
          ),
      ),
    ],
  },
  {
    id: "csharp/cookie-plain",
    cwe: 1004,
    title: "Cookie without HttpOnly or Secure",
    severity: "low",
    why: "An injected script or an eavesdropper on plain HTTP can read the cookie.",
    fix: "Use new CookieOptions { HttpOnly = true, Secure = true }",
    literals: ["Cookie"],
    match: [
      calls(
        "CookieOptions HttpCookie NancyCookie",
        ({ here }) =>
          isPlain(sourceAround(here)) &&
          !aroundSays(here, /AddDays\(-|MinValue|Max-?Age\s{0,3}=\s{0,3}TimeSpan\.Zero/),
      ),
      calls(".Cookies.Append", ({ args }) => args.length === 2),
    ],
  },
  {
    id: "csharp/debug-on",
    cwe: 489,
    title: "Debug feature left enabled",
    severity: "low",
    why: "Error pages reveal the program's internals to anyone who triggers an error.",
    fix: "Enable it only in development: if (env.IsDevelopment()) { app.UseDeveloperExceptionPage(); }",
    literals: words(
      "UseDeveloperExceptionPage UseDatabaseErrorPage UseMigrationsEndPoint IncludeExceptionDetail " +
        "IncludeErrorDetail EnableSensitiveDataLogging EnableDetailedErrors ShowPII CustomErrors",
    ),
    match: [
      calls(".UseDeveloperExceptionPage .UseDatabaseErrorPage .UseMigrationsEndPoint", ({ here, start }) => {
        const source = here.text.slice(Math.max(here.inside?.start ?? 0, start - 400), start);
        return !/IsDevelopment|#if DEBUG|IsEnvironment|IsStaging/.test(source);
      }),
      calls(
        ".EnableSensitiveDataLogging .EnableDetailedErrors",
        ({ args: [on], here }) => !is(on, false) && args0(on) && !fileSays(here, /IsDevelopment|#if DEBUG/),
      ),
      assigns(/^(ShowPII|IncludeExceptionDetailInFaults)$/, ({ value }) => is(value, true)),
    ],
  },
  {
    id: "csharp/upload-unbounded",
    cwe: 770,
    title: "Request size not limited",
    severity: "low",
    why: "A few large requests can exhaust memory or disk space.",
    fix: "Set a limit: [RequestSizeLimit(8_000_000)]",
    literals: ["SizeLimit", "LengthLimit", "MaxRequestBodySize", "OpenReadStream", "MaxReceivedMessageSize"],
    match: [
      calls("DisableRequestSizeLimit DisableRequestSizeLimitAttribute"),
      { defines: ({ marks }) => marks.some((mark) => /^DisableRequestSizeLimit(\(\))?$/.test(mark)) },
      calls("RequestSizeLimit RequestSizeLimitAttribute", ({ args: [size] }) => isWide(size)),
      calls(".OpenReadStream", ({ args: [size], named }) => isWide(size ?? named.get("maxAllowedSize"))),
      assigns(/^(MultipartBodyLengthLimit|MaxRequestBodySize|MaxReceivedMessageSize)$/, ({ value }) =>
        isWide(value),
      ),
    ],
  },
  {
    id: "csharp/content-policy",
    cwe: 693,
    title: "Content Security Policy too permissive",
    severity: "low",
    why: "An injected script still runs.",
    fix: "Start from default-src 'self' and allow individual sources",
    literals: ["Content-Security-Policy", "ContentSecurityPolicy"],
    match: [
      calls(".Add .Append .AddHeader .AppendHeader .TryAdd", ({ args: [name, value] }) => {
        return (
          (says(name, /^content-security-policy$/i) || isA(name, /ContentSecurityPolicy$/)) &&
          says(value, looseContent)
        );
      }),
      assigns(/^(Content-?Security-?Policy)$/i, ({ value }) => says(value, looseContent)),
    ],
  },
  {
    id: "csharp/cached-for-all",
    cwe: 524,
    title: "Response for authenticated users stored in a shared cache",
    severity: "medium",
    why: "The next visitor can receive another user's page.",
    fix: "Set [OutputCache(NoStore = true)], or do not cache pages that require a login",
    literals: ["OutputCache", "ResponseCache"],
    match: [
      {
        defines: ({ marks, here, made }) =>
          marks.some((mark) => /^OutputCache(\(\))?$/.test(mark)) &&
          marks.some((mark) => /^Authorize(\(\))?$/.test(mark)) &&
          !/NoStore\s{0,3}=\s{0,3}true|Location\.(None|Client)/.test(
            here.text.slice(made.start, made.end).slice(0, 400),
          ),
      },
    ],
  },
  {
    id: "csharp/origin-open",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "low",
    why: "Any website that a user visits can read the responses.",
    fix: 'Name the allowed origin: .WithOrigins("https://app.example.com")',
    literals: ["AllowAnyOrigin", "WithOrigins", "AllowAnyOrigin"],
    match: [
      calls(".AllowAnyOrigin"),
      calls(".WithOrigins", ({ args }) => args.some((one) => says(one, /^\*$/))),
      assigns(/^AllowAnyOrigin$/, ({ value }) => is(value, true)),
    ],
  },
];

/** A connection string with an empty password and no other authentication. */
function isWithoutPassword(text: string): boolean {
  return (
    /(^|;)\s{0,3}(password|pwd)\s{0,3}=\s{0,3}(;|$)/i.test(text) &&
    !/integrated\s?security|trusted_?\s?connection|authentication\s{0,3}=/i.test(text)
  );
}

/** Without an argument the switch is on. */
function args0(on: Value | undefined): boolean {
  return on === undefined || is(on, true);
}
