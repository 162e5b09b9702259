/** @file C#: lines without encryption, temporary files, schemas that are not checked, text encoded for another place. */
import { anyOf } from "../../engine/language.ts";
import type { Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, is, isA, says } from "../conditions.ts";
import { aroundSays, openAddress, passwordName, sourceAround } from "../inside.ts";
import { assigns, calls } from "../matches.ts";
import { isOpen } from "./sets.ts";

/** Names of documents' kinds, which nobody fetches. */
const kindName =
  /\/ns\/|\/schema|purl\.org|example\.(com|org|net)|xmlns|\/claims\/|openxmlformats|microsoft\.com\/\d|\/fwlink/i;

function isOpenAddress(value: Value | undefined): boolean {
  return says(value, openAddress) && !says(value, kindName);
}

/** Words of secrets among the names in a function. */
const besideSecrets = anyOf(
  /\b\w{0,40}([pP]assword|Token|Secret|Nonce|Salt|Hmac|[eE]ncrypt|Otp|ApiKey)\w{0,40}\b/,
  /\b(token|secret|nonce|salt|hmac|otp|csrf|passwd|apiKey)(_\w{1,40}|[A-Z]\w{0,40})?\b/,
);
const sentNames = /passw|secret|credential|api_?key|credit_?card|ssn|social_?security/i;

/** Rules on what is done with data. */
export const csharpHandlingRules: readonly Rule[] = [
  {
    id: "csharp/clear-text-line",
    cwe: 319,
    title: "A connection that is not encrypted",
    severity: "low",
    why: "Whoever sits on the network reads along, and changes what is sent.",
    fix: "https://, and EnableSsl = true",
    literals: ["http://", "ftp://", "telnet", "Telnet", "SmtpClient", "Encrypt"],
    match: [
      calls(
        "Uri WebRequest.Create WebRequest.CreateHttp .GetString .Get .Post " +
          ".Put .Delete .Patch .DownloadString .DownloadFile " +
          ".UploadString HttpRequestMessage RestClient RestRequest .GetStream .GetByteArray EndpointAddress " +
          ".GetFromJson .PostAsJson .UseUrls",
        ({ args }) => args.some(isOpenAddress),
      ),
      assigns(
        /(url|uri|address|endpoint|host|server|base)s?$/i,
        ({ value, form }) => form !== "argument" && isOpenAddress(value),
      ),
      calls(
        "SmtpClient",
        ({ here }) =>
          !/EnableSsl\s{0,3}=\s{0,3}true|MailKit|SecureSocketOptions|localhost/.test(
            sourceAround(here) + here.text.slice(0, 2000),
          ),
      ),
      calls("TelnetClient Telnet Client.Telnet"),
      calls("FtpWebRequest.Create WebRequest.Create", ({ args: [to] }) =>
        says(to, /^ftp:\/\/(?!localhost|127\.)/),
      ),
      calls("SqlConnection MySqlConnection NpgsqlConnection .UseSqlServer .UseNpgsql", ({ args }) =>
        args.some((one) =>
          /(^|;)\s{0,3}(Encrypt|SslMode|Ssl Mode)\s{0,3}=\s{0,3}(false|no|optional|disable|none)\b/i.test(
            one.shape ?? String(one.constant ?? ""),
          ),
        ),
      ),
    ],
    bad: [
      'class A { async Task Go(HttpClient c) { await c.GetStringAsync("http://api.shop.com/items"); } }',
      'class A { void Go(MailMessage m) { var c = new SmtpClient("mail.shop.com", 25); c.Send(m); } }',
      'class A { void Go() { var c = new SqlConnection("Server=db;Database=a;Encrypt=false;Integrated Security=true"); } }',
    ],
    good: [
      'class A { async Task Go(HttpClient c) { await c.GetStringAsync("https://api.shop.com/items"); } }',
      'class A { void Go(MailMessage m) { var c = new SmtpClient("mail.shop.com", 587); c.EnableSsl = true; c.Send(m); } }',
      'class A { string ns = "http://www.w3.org/2001/XMLSchema"; }',
    ],
  },
  {
    id: "csharp/temporary-shared",
    cwe: 377,
    title: "A temporary file whose name others can guess",
    severity: "low",
    why: "Another program makes the file, or a link in its place, first.",
    fix: "Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())",
    literals: ["GetTempFileName", "tmp", "TMP", "emp\\"],
    match: [
      calls("Path.GetTempFileName"),
      assigns(/./, ({ value }) =>
        says(value, /^(\/(var\/|usr\/)?tmp(\/|$)|\/dev\/shm\/|[cC]:\\{1,2}(Windows\\{1,2})?(temp|tmp)\\)/i),
      ),
      calls("Environment.GetEnvironmentVariable", ({ args: [name] }) => says(name, /^(TMP|TEMP|TMPDIR)$/i)),
    ],
    bad: [
      "class A { void Go() { var p = Path.GetTempFileName(); Use(p); } }",
      'class A { void Go() { var folder = "/tmp/upload"; Use(folder); } }',
    ],
    good: [
      "class A { void Go() { var p = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()); Use(p); } }",
    ],
  },
  {
    id: "csharp/random-beside-secrets",
    cwe: 338,
    title: "Numbers that can be guessed, beside passwords and keys",
    severity: "low",
    why: "Who has seen some numbers knows all that follow.",
    fix: "RandomNumberGenerator.GetInt32(max)",
    literals: ["Random"],
    match: [
      calls("Random", ({ here }) => {
        const source = sourceAround(here).replace(/"(?:[^"\\\n]|\\.){0,300}"/g, '""');
        return (
          here.inside !== undefined &&
          besideSecrets.test(source) &&
          !/RandomNumberGenerator|RNGCrypto/.test(source)
        );
      }),
    ],
    bad: [
      "class A { void Go(string user) { var userPassword = First(); var r = new Random(); Keep(user, userPassword + r.Next()); } }",
    ],
    good: [
      'class A { void Go() { Console.WriteLine("no Password"); var r = new Random(); Use(r.Next()); } }',
    ],
  },
  {
    id: "csharp/cipher-own",
    cwe: 327,
    title: "A cipher or hash of one's own",
    severity: "low",
    why: "Ciphers that few have looked at are mostly broken.",
    fix: "AesGcm, SHA256, RSA of System.Security.Cryptography",
    literals: [
      "SymmetricAlgorithm",
      "HashAlgorithm",
      "ICryptoTransform",
      "AsymmetricAlgorithm",
      "DeriveBytes",
    ],
    match: [
      {
        line: /\b(class|record)\s+\w{1,80}(<[\w, ]{1,60}>)?\s{0,3}(\([^)]{0,200}\)\s{0,3})?:\s{0,3}([\w.]{1,80},\s{0,3}){0,4}([\w]{1,40}\.){0,4}(SymmetricAlgorithm|AsymmetricAlgorithm|HashAlgorithm|KeyedHashAlgorithm|HMAC|DeriveBytes|ICryptoTransform|AsymmetricKeyExchangeFormatter|AsymmetricSignatureFormatter|Aes|DES|RSA|DSA|Rijndael)\b/,
      },
    ],
    bad: ["public class Mine : SymmetricAlgorithm { void Go() { } }", "class Sum : HashAlgorithm { }"],
    good: ["public class Mine { private SymmetricAlgorithm inner; }", "class Sum : IChecksum { }"],
  },
  {
    id: "csharp/roots-added",
    cwe: 295,
    title: "A certificate put among those that vouch for others",
    severity: "medium",
    why: "Whoever has its key can pretend to be any site to this machine.",
    fix: "Check against the certificate that you know, in the one place that needs it",
    literals: ["StoreName.Root", "TrustServerCertificate"],
    match: [
      calls(".Add .AddRange", ({ here, start, args: [given] }) => {
        const source = here.text.slice(here.inside?.start ?? 0, start + 200);
        return (
          given !== undefined &&
          /X509Store\([^)]{0,80}StoreName\.Root/.test(source) &&
          /\.(Add|AddRange)\(/.test(here.text.slice(start, start + 200)) &&
          /\.Open\(/.test(source)
        );
      }),
      calls("SqlConnection .UseSqlServer", ({ args }) =>
        args.some(
          (one) =>
            /(^|;)\s{0,3}Trust\s?Server\s?Certificate\s{0,3}=\s{0,3}(true|yes)\b/i.test(
              one.shape ?? String(one.constant ?? ""),
            ) && !/localhost|127\.0|\(local/.test(one.shape ?? ""),
        ),
      ),
    ],
    bad: [
      "class A { void Go(X509Certificate2 c) { var s = new X509Store(StoreName.Root, StoreLocation.CurrentUser); s.Open(OpenFlags.ReadWrite); s.Add(c); s.Close(); } }",
    ],
    good: [
      "class A { void Go(X509Certificate2 c) { var s = new X509Store(StoreName.My, StoreLocation.CurrentUser); s.Open(OpenFlags.ReadWrite); s.Add(c); s.Close(); } }",
    ],
  },
  {
    id: "csharp/style-sheet-scripts",
    cwe: 94,
    title: "Style sheets that may hold scripts",
    severity: "medium",
    why: "Whoever writes the style sheet runs code here.",
    fix: "new XsltSettings(false, false)",
    literals: ["XsltSettings"],
    match: [
      calls("XsltSettings", ({ args: [, scripts] }) => is(scripts, true)),
      assigns(/^EnableScript$/, ({ value }) => is(value, true)),
    ],
    bad: [
      "class A { void Go() { var s = new XsltSettings(false, true); Use(s); } }",
      "class A { void Go() { var s = new XsltSettings(); s.EnableScript = true; } }",
    ],
    good: ["class A { void Go() { var s = new XsltSettings(false, false); Use(s); } }"],
  },
  {
    id: "csharp/document-unchecked",
    cwe: 112,
    title: "A document from outside read without a schema",
    severity: "low",
    why: "What the program does not expect in it comes through.",
    fix: "settings.ValidationType = ValidationType.Schema; settings.Schemas.Add(...)",
    literals: ["XmlReader.Create"],
    match: [
      calls("XmlReader.Create", ({ args: [from], here }) => {
        return (
          isOpen(from, "code", 2) &&
          !aroundSays(here, /ValidationType\.Schema|Schemas\.Add|ProcessInlineSchema/)
        );
      }),
    ],
    bad: [
      'class A : IHttpHandler { public void ProcessRequest(HttpContext c) { var text = c.Request.QueryString["x"]; XmlReader.Create(new StringReader(text)); } }',
    ],
    good: ["class A { void Go(string text) { XmlReader.Create(new StringReader(text)); } }"],
  },
  {
    id: "csharp/encoded-for-another",
    cwe: 838,
    title: "Text encoded for another place than it goes to",
    severity: "medium",
    why: "What is harmless in an address or a page is not in a query, and the other way round.",
    fix: "Parameters for queries, HtmlEncode for pages, UrlEncode for addresses",
    literals: ["Encode("],
    match: [
      calls(
        "SqlCommand SqlDataAdapter MySqlCommand NpgsqlCommand OleDbCommand OdbcCommand .ExecuteSqlRaw .FromSqlRaw",
        ({ args, here }) => {
          const text = args[0];
          return (
            text !== undefined &&
            text.constant === undefined &&
            aroundSays(here, /\b(Html|Url|UrlPath|HtmlAttribute)Encode\(/) &&
            /\b(select|insert|update|delete)\b/i.test(text.shape ?? "")
          );
        },
      ),
      calls(".Response.Redirect Response.Redirect", ({ args: [to], here, start, end }) => {
        return (
          to !== undefined &&
          /Html(Attribute)?Encode\(/.test(here.text.slice(start, end)) &&
          !/UrlEncode\(/.test(here.text.slice(start, end))
        );
      }),
      assigns(
        /^(Text|InnerHtml)$/,
        ({ here, start, end }) =>
          /\bUrl(Path)?Encode\(/.test(here.text.slice(start, end)) &&
          !/HtmlEncode|href=|src=/.test(here.text.slice(start, end)),
      ),
    ],
    bad: [
      'class A { void Go(SqlConnection c, string name) { var n = HttpUtility.HtmlEncode(name); var q = new SqlCommand("SELECT * FROM t WHERE n = \'" + n + "\'", c); } }',
      'class A : Page { void Go(string name) { Response.Redirect("/a?n=" + HttpUtility.HtmlEncode(name)); } }',
    ],
    good: [
      'class A : Page { void Go(string name) { Response.Redirect("/a?n=" + HttpUtility.UrlEncode(name)); } }',
    ],
  },
  {
    id: "csharp/secret-sent",
    cwe: 201,
    title: "A password in what is sent away",
    severity: "medium",
    why: "Mails and answers pass through many hands.",
    fix: "Send a link with which the password can be set",
    literals: ["assword", "ecret", "Body", "MailMessage"],
    match: [
      calls("MailMessage", ({ args }) => args.slice(2).some((one) => isSent(one))),
      assigns(/^Body$/, ({ value, path }) => /mail|message|msg/i.test(path) && isSent(value)),
    ],
    bad: [
      'class A { void Go(string to, string password) { var m = new MailMessage("a@b.c", to, "Welcome", "Your password: " + password); } }',
    ],
    good: [
      'class A { void Go(string to, string name) { var m = new MailMessage("a@b.c", to, "Welcome", "Hello " + name); } }',
    ],
  },
];

function isSent(value: Value | undefined): boolean {
  if (value === undefined || value.constant !== undefined) return false;
  return (
    comesFrom(value, passwordName) ||
    comesFrom(value, sentNames) ||
    isA(value, /\.(Password|Secret|ApiKey)(\.ToString\(\))?$/)
  );
}
