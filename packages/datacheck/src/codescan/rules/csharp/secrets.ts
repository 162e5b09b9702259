/**
 * @file C# rules: passwords and keys in source code, in logs and over unencrypted connections; certificates; slow
 * patterns.
 */
import { anyOf } from "../../engine/language.ts";
import type { CallSeen, Here } from "../../engine/seen.ts";
import { carries, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is, isA, nameOf, says } from "../conditions.ts";
import { isExplosive } from "../explosive.ts";
import { fileSays, openLogin, passwordName } from "../inside.ts";
import { assigns, calls, operates, reaches, words } from "../matches.ts";
import {
  comparedWithWritten,
  connectionWithPassword,
  isNamedToken,
  isWrittenSecret,
  isWrittenWord,
  writtenKey,
} from "../written.ts";
import { isConstantData, sets } from "./sets.ts";

function isSecret(name: string, value: Value): boolean {
  return isWrittenSecret(name, value) && !/^[\w.]{1,40}[:.][\w:.]{1,60}$/.test(String(value.constant));
}

const accountKey = /(AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{20,200}/;
const connections =
  "SqlConnection MySqlConnection NpgsqlConnection OracleConnection SqliteConnection SQLiteConnection " +
  "OleDbConnection " +
  "OdbcConnection EntityConnection MongoClient SqlConnectionStringBuilder";

const always = anyOf(
  /=>\s{0,9}(true\b|\{\s{0,40}return\s{1,9}true\s{0,3};)/,
  /delegate\s{0,9}(\([^)]{0,300}\))?\s{0,40}\{\s{0,40}return\s{1,9}true\s{0,3};/,
  /DangerousAcceptAnyServerCertificateValidator/,
);

function acceptsAny(here: Here, start: number, end: number, value: Value): boolean {
  return value.gives?.constant === true || always.test(here.text.slice(start, end).slice(0, 600));
}

const personal = anyOf(
  /tele?phone|phone_?number|post_?code|zip_?code|postal|social_?security|^ssn$|_ssn|credit_?card|card_?number/i,
  /birth_?(date|day)|date_?of_?birth|home_?address|passport|medical|diagnos|^dob$|iban|salary|driver_?licen[cs]e/i,
);

/** Whether the names in a value's origin denote personal data. */
function isPersonal(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  const { made } = value;
  const isControl = made?.kind === "member" && /^(Text|Value)$/.test(made.name);
  const key = nameOf(isControl ? { ...value, made: made.object } : value);
  return (
    comesFrom(value, personal) || personal.test(key) || personal.test(value.path.split(".").at(-1) ?? "")
  );
}

const logs =
  ".LogInformation .LogWarning .LogError .LogDebug .LogTrace .LogCritical .Log .Info .Warn .Error " +
  ".Debug .Fatal .Information " +
  ".Warning .Verbose .Trace .TraceInformation .WriteEntry .InfoFormat .DebugFormat .ErrorFormat Console.WriteLine " +
  "Trace.WriteLine Debug.WriteLine";

function isLog({ path }: CallSeen): boolean {
  return /log|trace|^Console\.|^Debug\./i.test(path);
}

const timed = /TimeSpan|matchTimeout|REGEX_DEFAULT_MATCH_TIMEOUT|NonBacktracking/;

/** Whether the pattern has a timeout, here or for the whole program. */
function isTimed({ here, start, end, args }: CallSeen): boolean {
  if (args.some((one) => isA(one, /^TimeSpan\./))) return true;
  return timed.test(here.text.slice(start, end)) || fileSays(here, /REGEX_DEFAULT_MATCH_TIMEOUT/);
}

const patterns =
  "Regex Regex.Match Regex.Matches Regex.search Regex.Split re.sub Regex.Count Regex.EnumerateMatches " +
  "RegexStringValidator";

/** The pattern among the arguments. */
function patternOf({ path, args }: CallSeen): Value | undefined {
  return args[/^(Regex|re\.sub|Regex\.search|RegexStringValidator)$/.test(path) ? 0 : 1];
}

const sentNames = /passw|secret|credential|api_?key|credit_?card|ssn|social_?security/i;

/** Rules on secrets. */
export const csharpSecretRules: readonly Rule[] = [
  {
    id: "csharp/secret-in-source",
    cwe: 798,
    title: "Hard-coded password or key",
    severity: "high",
    why: "Anyone who can read the source has the credential. Changing it requires a code change.",
    fix: 'Read it with Environment.GetEnvironmentVariable("NAME") or from a secret store',
    literals: words(
      "assw ASSW pwd PWD Pwd ecret ECRET oken TOKEN ey KEY redential :// Connection X509 CreateUser " +
        "User",
    ),
    secret: true,
    match: [
      assigns(/./, ({ form, name, value }) => {
        if (
          form === "argument" &&
          !/^(password|pwd|apiKey|secret|clientSecret|Password|ClientSecret|ApiKey|AccessKey|SecretKey)$/.test(
            name,
          )
        )
          return false;
        return isSecret(name, value) || isNamedToken(name, value);
      }),
      writtenKey,
      assigns(/./, ({ value }) => says(value, connectionWithPassword) || says(value, accountKey)),
      calls(
        connections,
        ({ args: [text] }) =>
          says(text, connectionWithPassword) ||
          says(text, accountKey) ||
          says(text, /^(user id|uid)=[^;]{3,60}$/i),
      ),
      calls(
        "NetworkCredential PasswordAuthenticationMethod SqlCredential UsernamePasswordCredential",
        ({ args }) => isWrittenWord(args.at(1)),
      ),
      calls("ClientSecretCredential", ({ args: [, , word] }) => isWrittenWord(word)),
      calls(
        "X509Certificate2 X509Certificate .Import .ImportFromPem",
        ({ args }) => isWrittenWord(args[1]) || isConstantData(entriesOf(args[0])),
      ),
      calls(
        "Membership.CreateUser .ChangePassword FormsAuthentication.Authenticate .CreateUser",
        ({ args }) => isWrittenWord(args[1]),
      ),
      comparedWithWritten("== !="),
    ],
  },
  {
    id: "csharp/secret-in-log",
    cwe: 532,
    title: "Password written to a log",
    severity: "medium",
    why: "More people can read logs than should know the password.",
    fix: "Do not log the password",
    literals: ["assw", "pwd", "ecret", "reditCard", "cvv", "Token", "token"],
    match: [
      calls(
        logs,
        (seen) =>
          isLog(seen) &&
          seen.args.some(
            (one) =>
              comesFrom(
                one,
                /(^|\.)(\w{0,20}password|passwd|pwd|secret|credit_?card\w{0,10}|cvv|access_?token)$/i,
              ) || isWordField(one),
          ),
      ),
    ],
  },
  {
    id: "csharp/secret-kept",
    cwe: 312,
    title: "Password stored in plain text",
    severity: "medium",
    why: "Anyone who can read the storage location has the password.",
    fix: "Store a hash, or encrypt it with ProtectedData or IDataProtector",
    literals: ["assw", "pwd", "Pwd"],
    match: [
      calls(
        "File.WriteAllText File.AppendAllText .Cookies.Append HttpCookie StreamWriter().Write " +
          "StreamWriter().WriteLine .SetValue",
        ({ args }) =>
          args
            .slice(1)
            .concat(args.length === 1 ? args : [])
            .some(isPassword),
      ),
      assigns(/^Value$/, ({ path, value }) => /[cC]ookie/.test(path) && isPassword(value)),
    ],
  },
  {
    id: "csharp/person-shown",
    cwe: 359,
    title: "Personal data in a log or cookie",
    severity: "low",
    why: "More people can read logs and cookies than should see the data.",
    fix: "Omit it, or log a user ID instead",
    literals: words("hone ost ip ecurity sn SSN ard irth ddress assport edical iagnos IBAN alary icen"),
    match: [
      calls(logs, (seen) => isLog(seen) && !/^Console/.test(seen.path) && seen.args.some(isPersonal)),
      assigns(/^Value$/, ({ path, value }) => /[cC]ookie/.test(path) && isPersonal(value)),
      calls(".Cookies.Append", ({ args }) => args.slice(1).some(isPersonal)),
    ],
  },
  {
    id: "csharp/certificate-unchecked",
    cwe: 295,
    title: "TLS certificate validation disabled",
    severity: "high",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Leave the callback unset, or add the CA certificate to the machine's trust store",
    literals: ["Certificate", "SubjectName", "GetNameInfo"],
    match: [
      assigns(/^(Server|Remote)Certificate(Custom)?ValidationCallback$/, ({ here, start, end, value }) =>
        acceptsAny(here, start, end, value),
      ),
      calls(
        "SslStream RemoteCertificateValidationCallback",
        ({ here, start, end, args }) =>
          args.some((one) => one.gives?.constant === true) ||
          always.test(here.text.slice(start, end).slice(0, 600)),
      ),
      assigns(/^(CertificateValidationMode|RevocationMode)$/, ({ value }) =>
        isA(value, /CertificateValidationMode\.None$/),
      ),
      // anyone can put this name into a certificate
      operates(
        "== !=",
        ({ operands }) =>
          operands.some((one) => isA(one, /SubjectName\.Name$|\.GetNameInfo\(\)$/)) &&
          operands.some(({ constant }) => typeof constant === "string"),
      ),
      calls(".Add", ({ receiver }) => {
        const store = receiver.made?.kind === "call" ? receiver.made.args[0]?.value : undefined;
        return receiver.path === "X509Store()" && store?.kind === "member" && store.name === "Root";
      }),
    ],
  },
  {
    id: "csharp/secret-in-clear-text",
    cwe: 319,
    title: "Secret sent over an unencrypted connection",
    severity: "medium",
    why: "An eavesdropper on the network can read them.",
    fix: "Use https:// and set EnableSsl = true",
    literals: ["http://", "EnableSsl", "RequireHttpsMetadata", "ftp://", "UseSsl"],
    match: [
      calls(
        "Uri WebRequest.Create .GetString .Get .Post .DownloadString HttpRequestMessage RestClient",
        ({ args: [to] }) => says(to, openLogin),
      ),
      assigns(
        /^(EnableSsl|RequireHttpsMetadata)$/,
        ({ value, here }) => is(value, false) && !fileSays(here, /IsDevelopment/),
      ),
      calls("WebRequest.Create FtpWebRequest.Create", ({ args: [to] }) => says(to, /^ftp:\/\//)),
    ],
  },
  {
    id: "csharp/slow-pattern",
    cwe: 1333,
    title: "Regular expression with catastrophic backtracking (ReDoS)",
    severity: "medium",
    why: "An input of 30 characters can keep the program busy for minutes.",
    fix: "Use RegexOptions.NonBacktracking, or set a timeout: new Regex(pattern, options, TimeSpan.FromSeconds(1))",
    literals: ["Regex"],
    match: [
      calls(patterns, (seen) => {
        const pattern = patternOf(seen);
        return typeof pattern?.constant === "string" && isExplosive(pattern.constant) && !isTimed(seen);
      }),
      calls(
        "GeneratedRegex RegularExpression",
        ({ args: [pattern], here, start, end }) =>
          typeof pattern?.constant === "string" &&
          isExplosive(pattern.constant) &&
          !timed.test(here.text.slice(start, end)),
      ),
    ],
  },
  {
    id: "csharp/pattern-from-outside",
    cwe: 730,
    title: "Regular expression built from untrusted input",
    severity: "medium",
    why: "Some patterns keep the program busy for minutes.",
    fix: "Escape the input with Regex.Escape(text), or set a match timeout",
    literals: ["Regex"],
    match: [
      reaches(
        "regex",
        2,
        patterns,
        [0, 1],
        (seen) => carries(patternOf(seen), "regex") === 2 && !isTimed(seen),
      ),
      sets("regex", 2, /^ValidationExpression$/),
    ],
  },
  {
    id: "csharp/secret-sent",
    cwe: 201,
    title: "Password sent by email",
    severity: "medium",
    why: "Many systems store and forward email.",
    fix: "Send a link for setting the password",
    literals: ["assword", "ecret", "Body", "MailMessage"],
    match: [
      calls("MailMessage", ({ args }) => args.slice(2).some((one) => isSent(one))),
      assigns(/^Body$/, ({ value, path }) => /mail|message|msg/i.test(path) && isSent(value)),
    ],
  },
];

/** The value if it is a list literal, such as the bytes of a certificate. */
function entriesOf(value: Value | undefined): Value | undefined {
  return value?.entries === undefined ? undefined : value;
}

function isPassword(value: Value | undefined): boolean {
  return value !== undefined && value.level > 0 && comesFrom(value, passwordName);
}

function isWordField({ made }: Value): boolean {
  return made?.kind === "member" && /^(Password|Pwd|Secret|Cvv)$/.test(made.name);
}

function isSent(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  return (
    comesFrom(value, passwordName) ||
    comesFrom(value, sentNames) ||
    isA(value, /\.(Password|Secret|ApiKey)(\.ToString\(\))?$/)
  );
}
