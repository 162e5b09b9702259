/** @file C and C++ for the tracing of values: what comes from outside, what cleans, what passes on. */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerCpp } from "./cpp-statements.ts";

/** C and C++. */
export const cpp: Language = {
  name: "cpp",
  lower: lowerCpp,
  sources: [
    { path: /^request\[\]/, level: 2 },
    { path: /^!input\(\)/, level: 2 },
    { path: /^!joined\(\)/, level: 0, root: "!joined" },
    {
      path: /^(getenv|secure_getenv|_wgetenv|gets|getchar|fgetc|getc|readline|fgets|fgetws|getwchar)\(\)/,
      level: 2,
    },
    { path: /^(fgetwc|getwc|_getch|_getche|getpass|linenoise|gzgets|GetCommandLine[AW]?)\(\)/, level: 2 },
    { path: /^(QCoreApplication\.arguments|qEnvironmentVariable|CGI_getParam|cgiFormString)\(\)/, level: 2 },
    { path: /^(optarg)$/, level: 2 },
    { path: /^(rand|random|drand48|lrand48|mrand48|rand_r|std_rand)\(\)$/, level: 0, root: "!random" },
    { path: /^(mt19937|mt19937_64|default_random_engine|minstd_rand)\(\)/, level: 0, root: "!random" },
  ],
  cleaners: {
    ...{ stoi: "all", stol: "all", stoul: "all", stod: "all", isdigit: "all", to_string: "all" },
    ...{ atoi: numeric(), atol: numeric(), atoll: numeric(), strtol: numeric(), strtoul: numeric() },
    ...{ strtoll: numeric(), strtoull: numeric(), ntohl: numeric(), ntohs: numeric() },
    ...{
      basename: ["path"],
      mysql_real_escape_string: ["sql"],
      sqlite3_mprintf: ["sql"],
      PQescapeLiteral: ["sql"],
    },
    ...{ PQescapeStringConn: ["sql"], min: ["size"], MIN: ["size"], clamp: ["size"], "!extract": "all" },
    "!limited": ["size"],
    ".filename": ["path"],
    ".size": [],
    ".length": [],
  },
  passes: new Set(
    (
      "strdup strndup wcsdup _strdup _wcsdup xstrdup g_strdup realloc strlen wcslen strnlen strtok strtok_r wcstok " +
      "strchr strrchr strstr wcschr wcsstr move forward sizeof " +
      "string string_view wstring path filesystem.path absolute ref istringstream stringstream vector data " +
      ".append .substr .at .front .back .str .c_str .data .get .value .begin .end .string .toStdString .toUtf8 " +
      ".constData .toLatin1 .fetch_add .operator"
    ).split(" "),
  ),
  keeps: new Set("string string_view .c_str .data .str .string .toStdString .constData .toUtf8".split(" ")),
  asks: new Set(
    (
      "strcmp strncmp strcasecmp memcmp isalpha isalnum printf puts fprintf free assert exists access stat " +
      ".empty .find .rfind .compare .is_open .good .fail .eof .count .capacity .starts_with .ends_with .close"
    ).split(" "),
  ),
  fills: new Set(".!fill .append .push_back .assign .insert .emplace_back .push .write".split(" ")),
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check_|is_?safe|safe_|is_?allowed|allowed|allow_|verify|sanitize)/i,
    /^(regex_match|all_of|isalnum|isalpha|isdigit|strspn)$/,
  ),
  ends: new Set(["exit", "_exit", "abort", "die", "err", "errx", "quick_exit", "terminate", "longjmp"]),
  resolves: new Set(["realpath", "canonical", "weakly_canonical", ".lexically_normal"]),
  renames: {},
  answers: { test: () => false },
  request: anyOf(/^(argv|envp|av|!argv)$/),
  trusted: anyOf(
    /^(ctx|context|config|cfg|db|conn|connection|stream|fp|fd|sock|env|self|this|logger|log|out|os|stmt|handle)$/,
  ),
  plainTypes: anyOf(/^(bool|_Bool|float|double|time_t|pid_t|uid_t|gid_t|FILE|enum \w{1,80})$/),
  self: "this",
};

/** A number is no text, but it can be too large. */
function numeric(): Language["cleaners"][string] {
  return ["shell", "sql", "html", "path", "url", "code", "log", "format"];
}
