/** @file Go for value tracing: sources of net/http, gin, echo and fiber, sanitizers, functions that pass values on. */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerGo } from "./go-statements.ts";
import { numberPlace } from "./printf.ts";

const numbers =
  "strconv.Atoi strconv.ParseInt strconv.ParseUint strconv.ParseFloat strconv.ParseBool int int64 " +
  "int32 uint uint64 float64 " +
  "len cap uuid.Parse uuid.MustParse uuid.FromString time.Parse time.ParseDuration net.ParseIP " +
  "primitive.ObjectIDFromHex " +
  "netip.ParseAddr sha256.Sum256 sha1.Sum md5.Sum hex.EncodeToString bcrypt.GenerateFromPassword .Sum strconv.Itoa " +
  "mail.ParseAddress utf8.RuneCountInString";

function each<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

/** Go. */
export const go: Language = {
  name: "go",
  lower: lowerGo,
  sources: [
    {
      path: anyOf(
        /(FormFile\(\)(\[\])?|MultipartForm.{0,60})\.Filename$/,
        /(^(file|header|fh|fileHeader|handler|multipart\.FileHeader)(\[\])?)\.Filename$/,
        /\.FileName\(\)$/,
      ),
      level: 2,
      root: "!filename",
    },
    {
      path: anyOf(
        anyOf(
          /^request\.(URL|FormValue\(\)|PostFormValue\(\)|Header|Form|PostForm|Body)(?!\w)/,
          /^request\.(Cookie\(\)|Cookies\(\)|PathValue\(\))(?!\w)/,
        ),
        /^request\.(MultipartForm|Referer\(\)|UserAgent\(\)|Host|RequestURI|BasicAuth\(\)|TransferEncoding)(?!\w)/,
        // gin, echo, fiber
        anyOf(
          /^request\.(Query|Param|DefaultQuery|PostForm|DefaultPostForm|GetHeader|QueryParam)\(\)/,
          /^request\.(FormValue|Params|GetRawData)\(\)/,
        ),
        anyOf(
          /^request\.(QueryArray|PostFormArray|Get|Queries|Body|BodyRaw|FormParams|QueryParams)\(\)/,
          /^request\.(QueryString|ParamValues)\(\)/,
        ),
        /^request\.Request(\(\))?\.(URL|FormValue|Header|Body|Form|Host|PostForm|Cookie)(?!\w)/,
        /^request\.(Bind|BindJSON|ShouldBindJSON|ShouldBind|ShouldBindQuery|BodyParser|QueryParser|ShouldBindUri)\(\)/,
      ),
      level: 2,
    },
    {
      path: /(^|\/)(zip\.(OpenReader|NewReader)\(\)\.File\[\]|(zip|tar)\.(NewReader\(\)\.Next\(\)|File|Header))\.(Name|Linkname)$/,
      level: 2,
      root: "!entry",
      clean: ["shell", "sql", "html", "url", "code", "log", "header", "redirect", "size", "format"],
    },
    { path: /^(mux\.Vars\(\)|chi\.URLParam\(\)|httprouter\.ParamsFromContext\(\)|ps\.ByName\(\))/, level: 2 },
    { path: /^!args$/, level: 2 },
    { path: /^fmt\.(Scanln|Scanf|Scan|Fscan|Fscanln)\(\)$/, level: 2 },
    { path: /^bufio\.New(Reader|Scanner)\(\)\.(ReadString|Text|ReadLine)\(\)$/, level: 1 },
    { path: /\.(ReadMessage|Accept\(\)\.Read)\(\)/, level: 2 },
    {
      path: anyOf(
        /^(math\/rand|rand)\.(?!New|Reader|Read\(|Prime|Int\(\)rand)\w{1,20}\(\)$/,
        /^math\/rand\.Read\(\)$|^(math\/rand)\.New\(\)\.\w{1,20}\(\)$/,
      ),
      level: 0,
      root: "!random",
    },
    { path: /^!error\b/, level: 0, root: "!trace" },
    { path: /^debug\.Stack\(\)$/, level: 0, root: "!trace" },
  ],
  cleaners: {
    ...each(numbers, "all" as const),
    [numberPlace]: "all",
    commandLine: ["path", "url", "upload", "log", "redirect"],
    "html.EscapeString": ["html"],
    "template.HTMLEscapeString": ["html"],
    "html/template.HTMLEscapeString": ["html"],
    "text/template.HTMLEscapeString": ["html"],
    "html/template.JSEscapeString": ["html"],
    "html/template.HTMLEscaper": ["html"],
    "bluemonday.UGCPolicy().Sanitize": ["html"],
    "bluemonday.StrictPolicy().Sanitize": ["html"],
    "url.QueryEscape": ["html", "header", "log", "path", "url", "redirect", "xpath", "ldap", "shell"],
    "url.PathEscape": ["html", "header", "log", "path", "url", "redirect", "shell"],
    "filepath.Base": ["path"],
    "path.Base": ["path"],
    "filepath.Ext": ["path"],
    "securejoin.SecureJoin": ["path"],
    "shellescape.Quote": ["shell"],
    "shellquote.Join": ["shell"],
    "strconv.Quote": ["log", "header"],
    "regexp.QuoteMeta": ["regex"],
    "ldap.EscapeFilter": ["ldap"],
    "ldap.EscapeDN": ["ldap"],
    "pq.QuoteIdentifier": ["sql"],
    "pq.QuoteLiteral": ["sql"],
    "pgx.Identifier": ["sql"],
    "json.Marshal": ["html", "log", "header"],
    "base64.StdEncoding.EncodeToString": ["html", "header", "log", "xpath", "ldap", "shell"],
    "base64.URLEncoding.EncodeToString": ["html", "header", "log", "xpath", "ldap", "shell", "path"],
  },
  passes: new Set(
    (
      "path.Dir filepath.Dir " +
      "filepath.Join path.Join filepath.Abs filepath.Clean path.Clean filepath.EvalSymlinks filepath.FromSlash " +
      "io.ReadAll ioutil.ReadAll json.NewDecoder json.Unmarshal xml.NewDecoder xml.Unmarshal bufio.NewReader " +
      "bufio.NewScanner strings.NewReader bytes.NewReader bytes.NewBuffer bytes.NewBufferString " +
      "url.Parse url.ParseRequestURI " +
      "url.QueryUnescape url.PathUnescape base64.StdEncoding.DecodeString " +
      "base64.URLEncoding.DecodeString hex.DecodeString " +
      "strings.Join strings.Split strings.Fields strings.SplitN strings.Title strings.Map append " +
      "strings.Repeat errors.New " +
      "context.WithValue html.UnescapeString io.LimitReader io.TeeReader gob.NewDecoder yaml.Unmarshal " +
      "yaml.NewDecoder " +
      "http.NewRequest http.NewRequestWithContext mux.Vars chi.URLParam url.JoinPath gzip.NewReader " +
      "strings.NewReplacer " +
      "html/template.HTML template.HTML xml.NewDecoder " +
      ".Get .Query .Decode .String .Bytes .Text .FormValue .Values .Join .ResolveReference .JoinPath .Read .With"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "string []byte regexp.MustCompile regexp.Compile bytes.TrimSpace html/template.HTML html/template.JS " +
      "html/template.URL html/template.HTMLAttr template.HTML template.JS template.URL fmt.Sprint " +
      ".trim .lower .upper .String .Bytes"
    ).split(" "),
  ),
  asks: new Set(
    ".Len .IsAbs .Port .Method .ContentLength .StatusCode .IsZero .Size .Err .Close .StatusCode".split(" "),
  ),
  fills: new Set(".Add .Set .Append .WriteString .Write".split(" ")),
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check|is_?safe|safe|is_?allowed|allowed|allow|verify|is_?permitted|is_?trusted)/i,
    /^(IsLocal|ValidPath|IsAlphanumeric|IsDigit|contains|inSlice|includes|IsIn)$/,
  ),
  ends: new Set([
    "os.Exit",
    "log.Fatal",
    "log.Fatalf",
    "log.Fatalln",
    "panic",
    "log.Panic",
    "log.Panicf",
    "t.Fatal",
    "t.Fatalf",
  ]),
  resolves: new Set([
    "filepath.Abs",
    "filepath.Clean",
    "filepath.EvalSymlinks",
    "filepath.Join",
    "path.Clean",
    "path.Join",
    "filepath.Rel",
  ]),
  renames: {},
  answers: anyOf(/^$a/),
  request: anyOf(
    anyOf(
      /^(http\.Request|gin\.Context|echo\.Context|fiber\.Ctx|fasthttp\.RequestCtx)$/,
      /^(iris\.Context|events\.APIGatewayProxyRequest)$/,
    ),
    /^(req|request)$/,
  ),
  trusted: anyOf(
    anyOf(
      /^(db|tx|conn|client|logger|log|cfg|config|ctx|context|w|rw|resp|t|b|tb|srv|server)$/,
      /^(router|mux|store|repo|rows?|stmt)$/,
    ),
    /^(table|tableName|column|limit|offset|key|privateKey|publicKey|cert|caCert)$/,
  ),
  outside: anyOf(
    /^(user|untrusted|unsafe)_?(input|data|supplied|provided|controlled|value|content)/i,
    /^(user|untrusted)_?(query|url|uri|path|file_?name|file_?path|command|cmd|expression)$/i,
  ),
  plainTypes: anyOf(
    anyOf(
      /^(int|int8|int16|int32|int64|uint|uint8|uint16|uint32|uint64|float32|float64|bool|rune)$/,
      /^(byte|error|uintptr|any|T|K|V)$/,
    ),
    anyOf(
      /^(time\.\w{1,20}|uuid\.UUID|context\.Context|testing\.\w{1,4}|sync\.\w{1,12})$/,
      /^(sql\.\w{1,12}|gorm\.DB|zap\.\w{1,20})$/,
    ),
    /^(net\.IP|net\.Conn|http\.\w{1,20}|io\.\w{1,20}|big\.Int|tls\.\w{1,20}|x509\.\w{1,20}|rsa\.\w{1,20}|func\()/,
    anyOf(
      /^(primitive\.ObjectID|multipart\.Writer|log\.Logger|slog\.Logger|template\.\w{1,20})$/,
      /^(\w{1,40}(Config|Options|Service|Repository|Store|Client))$/,
    ),
  ),
  self: "this",
};
