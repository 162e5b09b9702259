/** @file PHP for value tracing: superglobals and frameworks' requests, sanitizers, functions that pass values on. */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerPhp } from "./php-statements.ts";
import { numberPlace } from "./printf.ts";

const numbers =
  "intval floatval boolval count strlen absint is_valid_filter abs round floor ceil number_format " +
  "md5 sha1 hash crc32 " +
  "filesize time strtotime mktime array_sum max min ord mb_strlen uniqid bin2hex random_int " +
  "ctype_digit hexdec bindec " +
  "password_hash date";
const pages =
  "htmlspecialchars htmlentities esc_html esc_attr esc_textarea strip_tags e wp_kses wp_kses_post esc_js Html.encode " +
  "Html.escape wp_strip_all_tags .escapeHtml .escapeHtmlAttr json_encode wp_json_encode .purify e .escape h " +
  "sanitize_text_field esc_html__ esc_attr__ sanitize_title";

function each<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

/** PHP. */
export const php: Language = {
  name: "php",
  numeric: new Set(["+", "-", "*", "/", "%", "**"]),
  lower: lowerPhp,
  sources: [
    { path: /^\$_FILES\[\]\.(name|type|full_path)$/, level: 2, root: "!filename" },
    {
      path: /\.(getClientOriginalName|getClientFilename|getClientOriginalExtension)\(\)$/,
      level: 2,
      root: "!filename",
    },
    { path: /^\$_(GET|POST|REQUEST|COOKIE)\b/, level: 2 },
    { path: /^\$_SERVER\[\]$|^php_input$|^\$HTTP_(GET|POST)_VARS\b/, level: 2 },
    { path: /^(getallheaders|apache_request_headers)\(\)/, level: 2 },
    {
      path: anyOf(
        /^request\.(input|get|query|post|all|only|except|header|cookie|cookies|request|json|route|getContent)\b/,
        anyOf(
          /^request\.(getParam|getParams|getQueryParams|getParsedBody|getBody|getQuery|getPost)\(\)/,
          /^request\.(getVar|getQueryParam|content)\(\)/,
        ),
        anyOf(
          /^request\.(getAttribute|getHeaderLine|getHeader|getCookieParams|headers|string)\b/,
          /^request\.(validated_raw|getGet|getJSON)\b/,
        ),
        /^request\(\)(\.|$)(?!(user|session|ip|method|validate|validated|isMethod|file|hasFile|route)\b)/,
        /^(Request|Input)\.(input|get|all|query|post|cookie|header|only)\(\)/,
        /^\$this\.(input|request)\.(get|post|cookie|get_post|getPost|getGet|query|input|getVar|getQuery|getData)\(\)/,
      ),
      level: 2,
    },
    // a request field in Laravel
    {
      path: /^request\.(?!user|session|ip|server|files|method|attributes|getSession|getMethod)[a-z_]{1,40}$/,
      level: 2,
    },
    { path: /^\$argv(\[\])?$/, level: 2 },
    // stored data may come from anyone
    {
      path: /^\$_SESSION\./,
      level: 2,
      root: "!stored",
      clean: ["log", "header", "redirect", "url", "path", "upload"],
    },
    {
      path: /^(shell_exec|system|exec|passthru|fgets|fgetss|fread|fgetc|stream_get_contents|stream_get_line)\(\)/,
      level: 2,
      root: "!stored",
      clean: ["log", "header"],
    },
    { path: /^(readline|socket_read|socket_recv|apache_getenv)\(\)$/, level: 2 },
    {
      path: /^(rand|mt_rand|lcg_value|uniqid|array_rand|str_shuffle|shuffle|mt_getrandmax)\(\)$/,
      level: 0,
      root: "!random",
    },
    {
      path: /^!error\.(getMessage|getTraceAsString|getTrace|__toString|getFile)\(\)$/,
      level: 0,
      root: "!trace",
    },
    {
      path: /^(mysql_error|mysqli_error|pg_last_error|debug_backtrace)\(\)$|\.errorInfo\(\)/,
      level: 0,
      root: "!trace",
    },
  ],
  cleaners: {
    ...each(numbers, "all" as const),
    ...each(pages, ["html"] as const),
    [numberPlace]: "all",
    htmlspecialchars: ["html", "xpath"],
    htmlentities: ["html", "xpath"],
    escapeshellarg: ["shell"],
    escapeshellcmd: ["shell"],
    mysqli_real_escape_string: ["sql"],
    mysql_real_escape_string: ["sql"],
    mysql_escape_string: ["sql"],
    pg_escape_string: ["sql"],
    pg_escape_literal: ["sql"],
    pg_escape_identifier: ["sql"],
    sqlite_escape_string: ["sql"],
    esc_sql: ["sql"],
    db_escape: ["sql"],
    addslashes: ["sql"],
    email_address: ["html", "header", "log"],
    ".real_escape_string": ["sql"],
    ".escape_string": ["sql"],
    ".escapeString": ["sql"],
    ".quote": ["sql"],
    ".quoteIdentifier": ["sql"],
    ".qstr": ["sql"],
    ".prepare": ["sql"],
    "$wpdb.prepare": ["sql"],
    "$wpdb.esc_like": [],
    basename: ["path"],
    pathinfo: ["path"],
    sanitize_file_name: ["path", "upload", "header"],
    urlencode: ["html", "header", "log", "path", "url", "redirect", "xpath", "ldap", "shell"],
    rawurlencode: ["html", "header", "log", "path", "url", "redirect", "xpath", "ldap", "shell"],
    http_build_query: ["html", "header", "log", "url", "redirect"],
    esc_url: ["html"],
    esc_url_raw: ["header"],
    wp_safe_redirect: ["redirect"],
    wp_validate_redirect: ["redirect"],
    sanitize_key: "all",
    ldap_escape: ["ldap"],
    preg_quote: ["regex"],
    var_export: ["code"],
    addcslashes: ["log", "header"],
    json_encode: ["html", "log", "header", "code"],
    base64_encode: ["html", "header", "log", "xpath", "ldap", "shell"],
    route: "all",
    "Str.slug": "all",
    "DB.raw": [],
    ".validate": "all",
    ".validated": "all",
    ".integer": "all",
    ".getInt": "all",
    ".boolean": "all",
    ".isValid": "all",
    ".store": "all",
    ".hashName": "all",
    ".getRealPath": "all",
  },
  passes: new Set(
    (
      "array_map array_filter array_merge array_values array_keys explode str_split json_decode " +
      "base64_decode hex2bin " +
      "urldecode rawurldecode html_entity_decode htmlspecialchars_decode gzuncompress gzinflate stripslashes " +
      "parse_url parse_str array_pop array_shift end current reset compact iterator_to_array filter_input_array " +
      "str_pad str_repeat nl2br wordwrap substr mb_substr implode join realpath dirname unserialize " +
      "sanitize_textarea_field " +
      "array_slice array_unique collect new_url Uri preg_split preg_replace_callback get_object_vars " +
      "print_r var_dump_text " +
      "iconv mb_convert_encoding utf8_decode utf8_encode strtr substr_replace wp_unslash sanitize_url HtmlString " +
      "Request GuzzleHttp.Psr7.Request SplFileInfo SplFileObject ArrayObject stripcslashes " +
      ".replace .toArray .all .get .first .last .input"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "trim ltrim rtrim strtolower strtoupper ucfirst ucwords lcfirst strval chop mb_strtolower mb_strtoupper " +
      "DB.raw new_string Stringable .toString .__toString nl2br stripslashes"
    ).split(" "),
  ),
  asks: new Set(
    (
      "is_array is_string is_null is_numeric empty isset file_exists is_file is_dir strpos stripos strcmp " +
      "function_exists class_exists method_exists property_exists is_readable hash_equals password_verify gettype " +
      ".has .exists .filled .isMethod .count .isEmpty .rowCount .hasFile .startsWith .endsWith .fetchColumn .execute"
    ).split(" "),
  ),
  fills: new Set(".push .append .add .set .put".split(" ")),
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check|is_?safe|safe|is_?allowed|allowed|allow_|verify|is_?permitted|is_?trusted)/i,
    /^(is_numeric|is_int|is_a|checkdate|wp_verify_nonce|wp_http_validate_url|is_valid_filter|ctype_\w+)$/,
  ),
  ends: new Set([
    "exit",
    "die",
    "wp_die",
    "abort",
    "wp_send_json_error",
    "wp_send_json",
    "show_error",
    "show_404",
  ]),
  resolves: new Set(["realpath"]),
  renames: {},
  answers: anyOf(/^(Route|Get|Post|Put|Delete)$/),
  request: anyOf(
    /^\$(request|req)$/,
    /^(Request|ServerRequestInterface|ServerRequest|RequestInterface|WP_REST_Request|IncomingRequest)$/,
  ),
  trusted: anyOf(
    /^\$(db|pdo|conn|connection|mysqli|link|dbh|stmt|wpdb|logger|log|response|res|app|config|em|entityManager)$/,
    /^\$(container|session|cache|twig|view|client|http|router|auth|mailer|options|settings|repository|service|this)$/,
    /^\$(table|tableName|column|columns|limit|offset|count|index|callback|next|key)$/,
  ),
  plainTypes: anyOf(
    /^(int|float|bool|integer|double|callable|Closure|DateTime\w{0,12}|PDO|mysqli|PDOStatement|Logger\w{0,12})$/,
    anyOf(
      /^(\w{1,40}(Repository|Service|Factory|Manager|Interface|Config|Handler|Exception))$/,
      /^(Response|void|Connection|Carbon)$/,
    ),
  ),
  self: "$this",
};
