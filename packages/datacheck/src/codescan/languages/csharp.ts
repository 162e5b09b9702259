/** @file C# for value tracing: sources of ASP.NET and ASP.NET Core, sanitizers, functions that pass values on. */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerCsharp } from "./csharp-statements.ts";

const numbers =
  "int.Parse long.Parse short.Parse byte.Parse uint.Parse ulong.Parse double.Parse float.Parse decimal.Parse " +
  "bool.Parse Guid.Parse Guid.ParseExact Int32.Parse Int64.Parse Int16.Parse Double.Parse " +
  "Decimal.Parse DateTime.Parse " +
  "DateTime.ParseExact DateTimeOffset.Parse TimeSpan.Parse DateOnly.Parse Enum.Parse Convert.ToInt32 " +
  "Convert.ToInt64 " +
  "Convert.ToInt16 Convert.ToByte Convert.ToDouble Convert.ToDecimal Convert.ToBoolean Convert.ToDateTime " +
  "Convert.ToSingle Convert.ToUInt32 Math.Min Math.Max Math.Abs Guid IPAddress.Parse !number .GetHashCode .ToInt32 " +
  ".GetInt32 .GetInt64 .GetBoolean .GetGuid .GetDateTime .GetDecimal .GetDouble .ComputeHash .HashData .GetOrdinal";
const pages =
  "HttpUtility.HtmlEncode HttpUtility.HtmlAttributeEncode HttpUtility.JavaScriptStringEncode WebUtility.HtmlEncode " +
  "Encoder.HtmlEncode Encoder.HtmlAttributeEncode Encoder.JavaScriptEncode AntiXssEncoder.HtmlEncode " +
  "AntiXss.HtmlEncode Sanitizer.GetSafeHtmlFragment Sanitizer.GetSafeHtml HtmlEncoder.Default.Encode " +
  "JavaScriptEncoder.Default.Encode Server.HtmlEncode .Server.HtmlEncode .HtmlEncode .HtmlAttributeEncode " +
  ".JavaScriptStringEncode SecurityElement.Escape HttpServerUtility.HtmlEncode";
const addresses =
  "HttpUtility.UrlEncode HttpUtility.UrlPathEncode WebUtility.UrlEncode Uri.EscapeDataString Uri.EscapeUriString " +
  "UrlEncoder.Default.Encode Server.UrlEncode .Server.UrlEncode .UrlEncode .UrlPathEncode";

function each<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

const requestParts = anyOf(
  /(^|\.)[rR]equest\.(QueryString|Form|Params|Headers|Cookies|Query|Body|BodyReader|RawUrl|Url|Path|PathInfo)\b/,
  /(^|\.)[rR]equest\.(InputStream|UserAgent|UrlReferrer|UserHostName|Files|ServerVariables|RouteValues|Content)\b/,
  /(^|\.)[rR]equest\.(BinaryRead|ReadForm|ReadFromJson|GetDisplayUrl|GetEncodedUrl|GetQueryNameValuePairs)\(\)/,
  /(^|\.)[rR]equest\.(ReadAsString|GetTypedHeaders|RequestUri|Item|FilePath|Unvalidated|Host)\b/,
  /(^|\.)Request\[\]|^request\[\]|(^|\.)RouteData\.Values\b|(^|\.)GetRouteValue\(\)|(^|\.)HttpContext\.GetRouteValue/,
  /^(FromQuery|FromForm|FromRoute|FromHeader|FromBody)\b|^!bound\(\)|^IFormFile(Collection)?\.|^IFormCollection\b/,
);
const controls = anyOf(
  /(^|\.)(\w{0,10}TextBox|HiddenField|HtmlInput(Text|Hidden|Password)|HtmlTextArea)\.(Text|Value|Lines)$/,
  /(^|\.)(HtmlInputFile|FileUpload|PasswordBox|ComboBox)\.(Text|Value|FileName|Password|PostedFile)/,
  /^(txt|tb|textBox|TextBox|hdn|hf)[A-Z_0-9]?\w{0,40}\.(Text|Value)$|^\w{1,40}(TextBox|Textbox|Txt)\.Text$/,
  /\.FindControl\(\)\.(Text|Value|SelectedValue)$/,
);

/** C#. */
export const csharp: Language = {
  name: "csharp",
  lower: lowerCsharp,
  sources: [
    {
      path: /(PostedFile|FileUpload\w{0,20}|IFormFile|Files\[\]|\.GetFile\(\)|\.Files)\.FileName$/,
      level: 2,
      root: "!filename",
    },
    { path: /\.ContentDisposition\.FileName$/, level: 2, root: "!filename" },
    // describes how a request was transmitted, not its content
    {
      path: /[rR]equest\.(HttpMethod|ContentLength|ContentType|IsHttps|IsAuthenticated|IsLocal|IsSecureConnection)$/,
      level: 0,
    },
    { path: /[rR]equest\.(PhysicalApplicationPath|ApplicationPath|PathBase|MapPath\(\))/, level: 0 },
    { path: requestParts, level: 2 },
    { path: controls, level: 2 },
    { path: /^(!args)$/, level: 2 },
    {
      path: anyOf(
        /^args\[\]$/,
        /^Environment\.GetCommandLineArgs\(\)/,
        /^Console\.(ReadLine|Read|In\.ReadLine|In\.ReadToEnd)\(\)/,
      ),
      level: 2,
      clean: ["path", "url", "upload", "log", "redirect", "html", "regex", "format", "size"],
    },
    {
      path: /\.ReadContentAsString\(\)$|(^|\.)(NetworkStream|GetStream\(\))\b.{0,40}\.Read\w{0,10}\(\)/,
      level: 2,
    },
    // stored data may come from anyone
    {
      path: /(ExecuteReader\(\)|DataReader|SqlDataReader)(\.Get(String|Value|FieldValue)\(\)|\[\]|\.Item\[\])/,
      level: 1,
      root: "!stored",
    },
    {
      path: /(^|[^.\w])(Random\(\)|Random\.Shared|Random)\.(Next|NextBytes|NextDouble|NextInt64|GetItems)\(\)$/,
      level: 0,
      root: "!random",
    },
    { path: /^!error(\.InnerException)?\.(ToString\(\)|StackTrace)$|^!error$/, level: 0, root: "!trace" },
    {
      path: anyOf(
        /(Exception|^ex|^e|^exception|^error)(\(\))?(\.InnerException)?\.StackTrace$/,
        /^\w{0,40}Exception\(\)\.ToString\(\)$/,
      ),
      level: 0,
      root: "!trace",
    },
    { path: /^Environment\.StackTrace$|\.GetLastError\(\)(\.ToString\(\)|$)/, level: 0, root: "!trace" },
  ],
  cleaners: {
    ...each(numbers, "all" as const),
    ...each(pages, ["html"] as const),
    ...each(addresses, ["html", "header", "log", "path", "url", "redirect", "xpath", "shell"] as const),
    commandLine: ["path", "url", "upload", "log", "redirect", "html", "regex", "format", "size"],
    "Path.GetFileName": ["path"],
    "Path.GetFileNameWithoutExtension": ["path"],
    "Path.GetExtension": ["path"],
    "Regex.Escape": ["regex"],
    "Encoder.LdapFilterEncode": ["ldap"],
    "Encoder.LdapDistinguishedNameEncode": ["ldap"],
    ".LdapFilterEncode": ["ldap"],
    ".LdapDistinguishedNameEncode": ["ldap"],
    ".LdapEncode": ["ldap"],
    "Encoder.XmlEncode": ["html", "xpath"],
    "Encoder.XmlAttributeEncode": ["html", "xpath"],
    "Convert.ToBase64String": ["html", "header", "log", "xpath", "ldap", "path", "sql", "shell"],
    "Convert.ToHexString": "all",
    "BitConverter.ToString": "all",
    "JsonConvert.SerializeObject": ["log", "header"],
    "JsonSerializer.Serialize": ["html", "log", "header"],
    ".QuoteIdentifier": ["sql"],
    "MySqlHelper.EscapeString": ["sql"],
    "BCrypt.HashPassword": "all",
    "BCrypt.Net.BCrypt.HashPassword": "all",
    ".HashPassword": "all",
    "ObjectId.Parse": "all",
    ObjectId: "all",
    SqlParameter: "all",
  },
  passes: new Set(
    (
      "Uri UriBuilder Uri.UnescapeDataString HttpUtility.UrlDecode WebUtility.UrlDecode HttpUtility.HtmlDecode " +
      "WebUtility.HtmlDecode Server.UrlDecode Server.HtmlDecode Server.MapPath HostingEnvironment.MapPath " +
      "Encoding.UTF8.GetBytes Encoding.UTF8.GetString Encoding.ASCII.GetBytes Encoding.ASCII.GetString " +
      "Encoding.Unicode.GetBytes Encoding.Unicode.GetString Encoding.Default.GetBytes Encoding.Default.GetString " +
      "Convert.FromBase64String Path.Join StringReader MemoryStream StreamReader BinaryReader StreamContent " +
      "StringContent JObject.Parse JsonConvert.DeserializeObject JsonSerializer.Deserialize JsonDocument.Parse " +
      "XmlReader.Create XmlTextReader XDocument.Parse XElement.Parse Task.FromResult Tuple.Create KeyValuePair " +
      "ProcessStartInfo HttpRequestMessage RestRequest Tuple StringValues HtmlString MvcHtmlString " +
      "MvcHtmlString.Create " +
      "FileInfo DirectoryInfo HttpCookie Array.ConvertAll Enumerable.Empty " +
      ".MapPath .ReadToEnd .ReadLine .ReadAsString .ReadBytes .Split .Substring .Select .Where .First " +
      ".FirstOrDefault " +
      ".Single .SingleOrDefault .Last .LastOrDefault .ToList .ToArray .ToDictionary .Concat .Append " +
      ".Aggregate .Get " +
      ".GetValue .GetString .GetBytes .GetValues .GetValueOrDefault .Remove .Insert .PadLeft .PadRight .join"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "Convert.ToString Path.GetFullPath Path.Combine Path.Join Encoding.UTF8.GetBytes " +
      "Encoding.ASCII.GetBytes Encoding.Unicode.GetBytes " +
      "Encoding.UTF8.GetString Encoding.Default.GetBytes Regex " +
      ".Trim .TrimEnd .TrimStart .ToString .ToLower .ToUpper .ToLowerInvariant .ToUpperInvariant .Normalize " +
      ".ToCharArray .AsEnumerable .AsQueryable .Clone"
    ).split(" "),
  ),
  asks: new Set(
    (
      ".Length .Count .LongCount .IsNullOrEmpty .IsNullOrWhiteSpace .startsWith .endsWith .IndexOf " +
      ".LastIndexOf .Any " +
      ".All .Exists .CompareTo .Compare .HasValue .ContentLength .GetType .Peek .EndOfStream .CanRead " +
      ".Dispose .Close " +
      "string.IsNullOrEmpty string.IsNullOrWhiteSpace String.IsNullOrEmpty String.IsNullOrWhiteSpace " +
      "string.Compare " +
      "File.Exists Directory.Exists .search .Capacity .IsAbsoluteUri .Scheme .Port .Keys .AllKeys .ContentType"
    ).split(" "),
  ),
  fills: new Set(
    ".Add .AddRange .Append .AppendLine .Insert .Push .Enqueue .TryAdd .Write .WriteLine .Set".split(" "),
  ),
  holders: {
    ".Add": "insert",
    ".AddRange": "extend",
    ".Insert": "insert",
    ".Enqueue": "append",
    ".Dequeue": "take-first",
    ".RemoveAt": "take",
    ".Remove": "take",
    ".Clear": "clear",
  },
  empties: {
    List: "container",
    LinkedList: "container",
    Queue: "container",
    Dictionary: "container",
    HashSet: "container",
    SortedDictionary: "container",
    ArrayList: "container",
    Hashtable: "container",
  },
  checks: anyOf(
    /^_?(Is_?Valid|Valid|Validate|Check|check|IsSafe|IsAllowed|Allow|Verify|IsPermitted|IsTrusted|IsWhitelisted)/,
    /^_?(Ensure|HasAccess|CanAccess|IsNumeric|IsAlphanumeric|IsAuthorized)$/,
    /^(TryParse|TryParseExact|All|TrueForAll|IsMatch)$/,
    /^_?(isValid|validate|verify|isAllowed|isSafe)/,
  ),
  ends: new Set(["Environment.Exit", "Application.Exit", "Environment.FailFast"]),
  resolves: new Set(["Path.GetFullPath", ".GetFullPath"]),
  renames: {},
  answers: anyOf(
    /^(!action|Http(Get|Post|Put|Delete|Patch|Head|Options)|WebMethod|OperationContract|FunctionName)(\(\))?$/,
    /^(Function|AcceptVerbs|WebGet|WebInvoke|Topic|ServiceBusTrigger|HttpTrigger)(\(\))?$/,
  ),
  request: anyOf(
    /^(HttpRequest|HttpRequestBase|HttpRequestMessage|HttpRequestData|HttpContext|HttpContextBase)$/,
    /^(HttpListenerContext|HttpListenerRequest|APIGatewayProxyRequest|IHttpContextAccessor|ActionExecutingContext)$/,
  ),
  // types identify parameters; a parameter named `command` may be text
  trusted: /^(sender|_)$/,
  plainTypes: anyOf(
    /^(int|long|short|byte|sbyte|uint|ulong|ushort|char|bool|float|double|decimal|nint|nuint|Int\d\d)(\[\])?$/,
    /^(Guid|Date(Time|TimeOffset|Only)|Time(Span|Only)|Boolean|Double|Decimal|Type|ObjectId|Version|IPAddress)$/,
    /^(CancellationToken|EventArgs|\w{1,40}EventArgs|Exception|\w{1,40}Exception|Action|Func|Delegate|CultureInfo)$/,
    /^(Encoding|IFormatProvider|Stopwatch|StringComparison|Assembly|MethodInfo|PropertyInfo|FieldInfo|Thread|Timer)$/,
    /^(I?ServiceCollection|IServiceProvider|I?Configuration|IOptions|IMediator|ISender|IMapper|ILogger|IUrlHelper)$/,
    /^\w{0,40}(Repository|Service|Factory|Manager|Mapper|Logger|DbContext|Options|Settings|Comparer|Middleware)$/,
    /^(RequestDelegate|X509Certificate2?|X509Chain|SslPolicyErrors|RSA|Aes|ECDsa|ICryptoTransform|HashAlgorithm)$/,
  ),
  self: "this",
};
