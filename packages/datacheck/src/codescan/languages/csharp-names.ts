/** @file Shortens the names of C# types: no namespaces, no generic arguments, no nullable marks. */
import { anyOf } from "../engine/language.ts";

const namespaceWords = new Set(
  (
    "IO Net Http Mail Sockets Data SqlClient Odbc OleDb Entity Common Security Cryptography X509Certificates Xml " +
    "Principal Claims Diagnostics Text RegularExpressions Json Encodings XPath Linq Xsl Schema Web UI WebControls " +
    "HtmlControls Mvc Script Serialization Hosting Helpers Threading Tasks Collections Generic Concurrent " +
    "Reflection Runtime InteropServices Formatters Binary Soap Compression DirectoryServices Protocols Windows " +
    "Forms Controls CodeDom Compiler AspNetCore Extensions Logging EntityFrameworkCore CodeAnalysis CSharp " +
    "Scripting Caching IdentityModel Tokens Jwt Authentication Authorization DataProtection Win32 Globalization " +
    "ComponentModel Management"
  ).split(" "),
);
const namespaces = /^(?:global::)?(?:System|Microsoft)\./;

/** `System.IO.File` is `File`; `undefined` if the source is not a type of a known namespace. */
export function withoutNamespace(source: string): string | undefined {
  if (source.length > 200 || !namespaces.test(source)) return undefined;
  const [, ...words] = source.replace(/^global::/, "").split(".");
  const last = words.pop() ?? "";
  return words.every((word) => namespaceWords.has(word)) &&
    /^[A-Z]\w{0,80}$/.test(last) &&
    !namespaceWords.has(last)
    ? last
    : undefined;
}

/** `List<string>`, `System.IO.File` and `string?` are `List`, `File` and `string`; arrays keep their brackets. */
export function simpleType(source: string): string {
  const bare = source.slice(0, 400).replace(/\s{1,20}/g, "");
  const array = /\[,{0,3}\]\??$/.test(bare) ? "[]" : "";
  const name = bare
    .replace(/<[\s\S]{0,400}$/, "")
    .replace(/(\[,{0,3}\]|[?*]){1,4}$/, "")
    .replace(/^global::/, "");
  return `${name.split(".").at(-1) ?? name}${array}`;
}

/** Whether an object of this type is a text buffer. */
export function isBufferType(type: string): boolean {
  return simpleType(type) === "StringBuilder";
}

/** Whether objects of the type are indexed by position, so that an initializer is a list. */
export function isListType(type: string): boolean {
  return /^(I?(List|Set|Collection|Enumerable|ReadOnlyList)|HashSet|Queue|Stack|SortedSet|ArrayList)$/.test(
    type,
  );
}

const texts = /^(string|String|object|Object|dynamic|var|T|StringValues|StringSegment|char)(\[\])?$/;

/** Whether rules know a variable by this type's name if nothing else is known about it. */
export function isObjectType(type: string): boolean {
  return /^[A-Z]\w{0,80}$/.test(type) && !texts.test(type);
}

const tools = anyOf(
  /^I?(Db|Sql|MySql|Npgsql|Oracle|Sqlite|SQLite|OleDb|Odbc)\w{0,20}$/,
  /^\w{0,30}(DbContext|DataContext|Database|Entities|Logger|Repository|Service|Factory|Manager|Provider|Mapper)$/,
  /^\w{0,30}(Helper|Accessor|Serializer|Formatter|Builder)$/,
);
const kinds = new Set(
  (
    "Process ProcessStartInfo DirectorySearcher DirectoryEntry XmlDocument XPathNavigator XmlReader XmlNode " +
    "XmlReaderSettings XmlTextReader XDocument HttpClient IHttpClientFactory WebClient WebRequest HttpWebRequest " +
    "RestClient HttpResponse HttpResponseBase HttpResponseMessage HtmlTextWriter TextWriter StreamWriter " +
    "SymmetricAlgorithm Aes RSA Random Regex IApplicationBuilder WebApplication IServiceCollection HttpCookie " +
    "CookieOptions TextBox Label Literal HttpServerUtility HttpListener ViewDataDictionary ModelStateDictionary " +
    "ClaimsPrincipal IHostingEnvironment IWebHostEnvironment IConfiguration IMemoryCache CancellationToken " +
    "X509Certificate X509Certificate2 SmtpClient MailMessage IFormFile IFormCollection IFormFileCollection " +
    "HttpPostedFile HttpPostedFileBase"
  ).split(" "),
);

/** Whether a parameter of the type is a trusted object that rules know by its type's name. */
export function isToolType(type: string): boolean {
  return tools.test(type) || kinds.has(type);
}
