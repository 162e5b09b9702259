/**
 * @file Rust for value tracing: sources of actix-web, axum, Rocket and warp, the command line and sockets; sanitizers.
 */
import { anyOf, type Language } from "../engine/language.ts";
import { type Danger, dangers } from "../engine/value.ts";
import { lowerRust } from "./rust-statements.ts";

/** Dangers that do not apply to the command line: the user who starts a program may name its files and addresses. */
const byOwner: readonly Danger[] = [
  "path",
  "url",
  "upload",
  "log",
  "redirect",
  "html",
  "regex",
  "format",
  "size",
  "shell",
];
/** Dangers that a number excludes: all except lengths and indexes. */
const dangersOfText = (Object.keys(dangers) as Danger[]).filter((one) => one !== "size");
const pages =
  "encode_text encode_safe encode_minimal encode_double_quoted_attribute encode_quoted_attribute " +
  "html_escape.encode_text " +
  "html_escape.encode_safe html_escape.encode_double_quoted_attribute htmlescape.encode_minimal " +
  "htmlescape.encode_attribute " +
  "v_htmlescape.escape askama_escape.escape ammonia.clean ammonia.clean_text encode_attribute " +
  "escape_html tera.escape_html " +
  "Escape Builder.clean Builder.default().clean html.escape";
const addresses =
  "urlencoding.encode percent_encode utf8_percent_encode percent_encoding.utf8_percent_encode encode " +
  "form_urlencoded.byte_serialize";

function each<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

/** Extractors that convert part of a request to a number. */
const numeric =
  /^(\w{1,30}::){0,3}\w{1,20}<\(?(u8|u16|u32|u64|u128|usize|i8|i16|i32|i64|isize|f32|f64|bool|Uuid|uuid)\b/;

/** Rust. */
export const rust: Language = {
  name: "rust",
  lower: lowerRust,
  sources: [
    {
      path: /^request\b.{0,80}\.(file_name|filename|get_filename)\(\)$|\.content_disposition\(\)\.get_filename\(\)$/,
      level: 2,
      root: "!filename",
    },
    {
      path: /^request\.(method|version|peer_addr|app_data|extensions|status|content_length|len)\(\)/,
      level: 0,
    },
    { path: /^request\b.{0,80}\.file\.path\(\)$/, level: 0 },
    { path: /^request($|[.[(])/, level: 2 },
    { path: /^(env|std\.env)\.(args|args_os)\(\)|^args\(\)$/, level: 2, clean: byOwner },
    { path: /^(env|std\.env)\.(var|var_os|vars)\(\)|^var\(\)$/, level: 1, clean: byOwner },
    { path: /\.(value_of|get_one|get_many|values_of)\(\)$/, level: 1, clean: byOwner },
    {
      path: /(^|\.)stdin\(\)\.(read_line|lines|read_to_string|read|read_to_end|next)\(\)/,
      level: 2,
      clean: byOwner,
    },
    {
      path: /^(TcpStream|UdpSocket|TcpListener|UnixStream)\b.{0,80}\.(read|recv)(_\w{2,9})?\(\)/,
      level: 2,
    },
    {
      path: /^stream\.(read|read_to_string|read_line|read_to_end|read_exact)\(\)|^socket\.(recv|read)\w{0,5}\(\)/,
      level: 2,
    },
    {
      path: anyOf(
        /^(StdRng|ChaCha\w{0,8}|Isaac\w{0,8}|Lcg\w{0,10}|Mcg\w{0,10})\.seed_from_u64\(\)/,
        /^(SmallRng|Pcg\w{0,12}|XorShiftRng|Xoshiro\w{0,12}|StepRng)\.(new|from_\w{1,10}|default|seed_from_u64)\(\)/,
        /^fastrand\.\w{1,20}\(\)|^oorandom\.\w{1,20}\(\)|^(libc\.)?rand\(\)$|^nanorand\.|^tinyrand\./,
      ),
      level: 0,
      root: "!random",
    },
    { path: /^!error$/, level: 0, root: "!trace" },
  ],
  cleaners: {
    ...each("!number .len .count .parse_number", dangersOfText),
    ...each(pages, ["html"] as const),
    ...each(addresses, ["html", "header", "log", "path", "url", "redirect", "xpath", "shell"] as const),
    ...each(".min .clamp", ["size"] as const),
    ".file_name": ["path"],
    "sanitize_filename.sanitize": ["path", "header"],
    sanitize: ["path", "header"],
    ".enclosed_name": ["path"],
    "regex.escape": ["regex"],
    "shell_escape.escape": ["shell"],
    "shlex.quote": ["shell"],
    "shlex.try_quote": ["shell"],
    "ldap3.ldap_escape": ["ldap"],
    ldap_escape: ["ldap"],
    "ldap3.dn_escape": ["ldap"],
    "Uuid.parse_str": "all",
    "ObjectId.parse_str": "all",
    "IpAddr.from_str": "all",
    ".escape_debug": ["log", "header"],
    ".escape_default": ["log", "header"],
    "serde_json.to_string": ["log", "header"],
    "base64.encode": ["html", "header", "log", "xpath", "ldap", "path", "sql", "shell"],
    ...each(".render .render_once .render_to .render_to_string .format_pattern", ["html"] as const),
    "hex.encode": "all",
    "bcrypt.hash": "all",
    "argon2.hash_encoded": "all",
    ".hash_password": "all",
    ".finalize": "all",
    ".digest": "all",
  },
  passes: new Set(
    (
      "Url.parse urlencoding.decode percent_decode percent_decode_str serde_json.from_str serde_json.from_slice " +
      "serde_urlencoded.from_str serde_qs.from_str fs.canonicalize HeaderValue.from_str Uri.from_str " +
      "Path.from Vec.from " +
      "HashMap.from slice.from_raw_parts " +
      ".split .splitn .split_whitespace .split_once .rsplit .lines .nth .next .last .first .get .get_mut " +
      ".map .and_then .filter " +
      ".collect .concat .join .trim_matches .strip_prefix .strip_suffix .to_string .take .skip .rev .path " +
      ".query .query_string " +
      ".uri .headers .header .cookie .value .text .body .json .bytes .host .chain .canonicalize .param " +
      ".match_info .params " +
      ".decode_utf8 .decode_utf8_lossy .find .filter_map .flat_map .fold .next_field .chunk .data .send " +
      ".and .unzip .pop"
    ).split(" "),
  ),
  keeps: new Set(
    ".trim .trim_end .trim_start .to_lowercase .to_uppercase .to_ascii_lowercase .to_ascii_uppercase Regex.new".split(
      " ",
    ),
  ),
  asks: new Set(
    (
      ".is_empty .startsWith .endsWith .is_some .is_none .is_ok .is_err .exists .is_file .is_dir .search " +
      ".any .all .position " +
      ".capacity .is_absolute .is_ascii .is_char_boundary .cmp .partial_cmp .port .scheme"
    ).split(" "),
  ),
  fills: new Set(".push .insert .extend .push_str .append .push_back .extend_from_slice".split(" ")),
  checks: anyOf(
    /^(is_?valid|valid|validate|check|is_?safe|is_?allowed|allowed|allow|verify|is_?permitted|is_?trusted|all)/,
    /_(is_)?(valid|safe|allowed|permitted|trusted)$/,
    /^(ensure|has_access|can_access|is_numeric|is_alphanumeric|is_ascii_\w{1,20}|is_authori[sz]ed|authori[sz]e)/,
  ),
  ends: new Set(["process.exit", "std.process.exit", "exit", "process.abort"]),
  resolves: new Set([".canonicalize", "fs.canonicalize"]),
  renames: {},
  answers: anyOf(
    /^(!handler|get|post|put|delete|patch|head|options|route|handler|endpoint|catch|debug_handler)(\(\))?$/,
    /^(actix_web|rocket|axum|salvo|poem)\.(get|post|put|delete|patch|route|handler|debug_handler)(\(\))?$/,
  ),
  request: anyOf(
    {
      test: (type) =>
        /^(\w{1,30}::){0,3}(Query|Path|Form|Json|TypedHeader|Qs|Payload|Multipart\w{0,10}|Either)</.test(
          type,
        ) && !numeric.test(type),
    },
    /^(\w{1,30}::){0,3}(HttpRequest|ServiceRequest|HeaderMap|Multipart|CookieJar|Request|RequestHead|Cookies)(<|$)/,
    /^(\w{1,30}::){0,3}(TempFile|OriginalUri|RawForm|RawPathParams|RawQuery)(<|$)/,
  ),
  trusted: /^(_|self)$/,
  plainTypes: anyOf(
    /^(Option<)?(u8|u16|u32|u64|u128|usize|i8|i16|i32|i64|i128|isize|f32|f64|bool|char|Uuid|Duration|Instant)>?$/,
    /^(\w{1,30}::){0,4}(Data|State|Extension|\w{0,10}Pool|Arc|Mutex|RwLock|Connection|Client|Db\w{0,20})\b/,
    /^(\w{1,30}::){0,4}(PgConnection|Transaction|Formatter|Sender|Receiver|Logger|Session|Identity|Command|Runtime)\b/,
    /^(fn|Fn|FnMut|FnOnce)\b/,
    /^(\w{1,30}::){0,4}(\w{1,10}Response|IpAddr|SocketAddr|DateTime|NaiveDate|SystemTime|Ordering|Context)\b/,
    numeric,
  ),
  self: "self",
};
