/** @file Python for value tracing: sources, sanitizers, functions that pass values on. */
import { anyOf, type Language } from "../engine/language.ts";
import type { Danger } from "../engine/value.ts";
import { readableQuotes } from "./python-quotes.ts";
import { lowerPython } from "./python-statements.ts";

const requestParts = anyOf(
  /(^|\.|_)request\.(args|form|values|json|data|files|cookies|headers|GET|POST|PUT|FILES|COOKIES|META|body)\b/,
  /(^|\.|_)request\.(query_params|path_params|query_string|query|params|match_info|rel_url|input_stream)\b/,
  /(^|\.|_)request\.(stream|url|full_path|path|view_args|referrer|user_agent|get_json|get_data|post|read|text)\b/,
  /(^|\.|_)request\.(multipart|media|get_param|get_header|body_arguments|arguments|raw_post_data|base_url)\b/,
  /(^|\.|_)request\.(host_url|remote_user|authorization|forms|DATA|QUERY_PARAMS|bounded_stream|get_media)\b/,
);

/** Dangers that do not apply to the command line: the user who starts a program may name its files and addresses. */
const own: readonly Danger[] = ["path", "url", "redirect", "html", "header", "log", "regex", "upload"];

/** Python. */
export const python: Language = {
  name: "python",
  lower: lowerPython,
  prepare: readableQuotes,
  sources: [
    { path: /(\.(files|FILES)(\.get\(\)|\[\])|^request)\.(filename|name)$/, level: 2, root: "!filename" },
    { path: requestParts, level: 2 },
    // names stored in an archive
    { path: /ZipFile\(\)\.(namelist|infolist)\(\)/, level: 2 },
    { path: /\.(getmembers|getnames)\(\)/, level: 2, needs: "tarfile" },
    { path: /(^|\.)(request|get_current_request\(\))\[\]/, level: 2 },
    { path: /^(input|raw_input|builtins\.input)\(\)/, level: 2 },
    { path: /^sys\.stdin\b/, level: 2, clean: own },
    // the user who starts a program has a shell anyway
    { path: /^sys\.argv\b/, level: 1, clean: own },
    { path: /\.parse_args\(\)\./, level: 1, clean: own },
    { path: /^self\.(get_argument|get_arguments|get_query_argument|get_body_argument)\(\)/, level: 2 },
    { path: /^self\.(path|rfile|headers)\b/, level: 2, needs: "HTTPRequestHandler" },
    { path: /(^|\.)cgi\.FieldStorage\(\)[.[]/, level: 2 },
    { path: /\.(recv|recvfrom|recv_into|receive_text|receive_json|receive_bytes|receive)\(\)/, level: 2 },
    { path: /^flask\.request\b/, level: 2 },
    { path: /^(event|lambda_event)\[\]/, level: 2, needs: "lambda" },
    { path: /^(streamlit|st)\.(text_input|text_area|file_uploader|chat_input)\(\)/, level: 2 },
    { path: /^random\.(?!SystemRandom)\w{1,20}\(\)$/, level: 0, root: "!random" },
    {
      path: /^(traceback\.(format_exc|format_exception|format_tb|format_stack)|sys\.exc_info)\(\)/,
      level: 0,
      root: "!trace",
    },
  ],
  cleaners: {
    int: "all",
    float: "all",
    bool: "all",
    len: "all",
    hash: "all",
    ord: "all",
    abs: "all",
    isinstance: "all",
    "decimal.Decimal": "all",
    Decimal: "all",
    "uuid.UUID": "all",
    UUID: "all",
    "ipaddress.ip_address": "all",
    "ipaddress.ip_network": "all",
    "ipaddress.IPv4Address": "all",
    "datetime.datetime.strptime": "all",
    "datetime.datetime.fromisoformat": "all",
    "datetime.date.fromisoformat": "all",
    "bson.ObjectId": "all",
    "bson.objectid.ObjectId": "all",
    ObjectId: "all",
    "shlex.quote": ["shell"],
    "pipes.quote": ["shell"],
    "html.escape": ["html"],
    "cgi.escape": ["html"],
    "markupsafe.escape": ["html"],
    "markupsafe.Markup.escape": ["html"],
    "flask.escape": ["html"],
    "flask.Markup.escape": ["html"],
    "django.utils.html.escape": ["html"],
    "django.utils.html.conditional_escape": ["html"],
    "django.utils.html.strip_tags": ["html"],
    "django.utils.html.format_html": ["html"],
    "xml.sax.saxutils.escape": ["html", "xpath"],
    "xml.sax.saxutils.quoteattr": ["html"],
    escape: ["html", "ldap"],
    "bleach.clean": ["html"],
    "nh3.clean": ["html"],
    "flask.jsonify": ["html", "log"],
    jsonify: ["html", "log"],
    "json.dumps": ["log", "header", "html"],
    repr: ["log", "header"],
    ascii: ["log", "header"],
    "urllib.parse.quote": ["html", "header", "log", "shell", "url", "xpath", "ldap", "redirect"],
    "urllib.parse.quote_plus": ["html", "header", "log", "path", "shell", "url", "xpath", "ldap", "redirect"],
    "urllib.parse.urlencode": ["html", "header", "log", "path", "shell", "url", "xpath", "redirect"],
    "urllib.quote": ["html", "header", "log", "shell", "url"],
    "werkzeug.utils.secure_filename": ["path", "header", "log", "shell", "html"],
    secure_filename: ["path", "header", "log", "shell", "html"],
    "werkzeug.utils.safe_join": ["path"],
    "werkzeug.security.safe_join": ["path"],
    "flask.safe_join": ["path"],
    safe_join: ["path"],
    "django.utils._os.safe_join": ["path"],
    "django.utils.text.get_valid_filename": ["path", "header", "log"],
    "django.utils.text.slugify": "all",
    slugify: "all",
    "os.path.basename": ["path"],
    "posixpath.basename": ["path"],
    "ntpath.basename": ["path"],
    "re.escape": ["regex"],
    "ldap.filter.escape_filter_chars": ["ldap"],
    "ldap.dn.escape_dn_chars": ["ldap"],
    "ldap3.utils.conv.escape_filter_chars": ["ldap"],
    "ldap3.utils.dn.escape_rdn": ["ldap"],
    "ldap3.utils.dn.safe_dn": ["ldap"],
    "ldap.filter.filter_format": ["ldap"],
    "flask.url_for": "all",
    url_for: "all",
    "django.urls.reverse": "all",
    "psycopg2.sql.Identifier": ["sql"],
    "psycopg2.sql.Literal": ["sql"],
    "psycopg2.sql.SQL": ["sql"],
    "psycopg.sql.Identifier": ["sql"],
    "psycopg.sql.SQL": ["sql"],
    "psycopg2.extensions.quote_ident": ["sql"],
    "sqlalchemy.bindparam": ["sql"],
    "hashlib.sha256": "all",
    "hashlib.md5": "all",
    "ast.literal_eval": ["code"],
    "jinja2.sandbox.SandboxedEnvironment": ["code"],
    "flask.render_template": ["html"],
    "django.shortcuts.render": ["html"],
    "wtforms.validators": "all",
    ".hexdigest": "all",
    ".quote_identifier": ["sql"],
    ".escape_string": ["sql"],
    ".isoformat": "all",
    ".count": "all",
    ".quote": ["sql", "shell"],
  },
  passes: new Set(
    (
      "bytearray list tuple dict set sorted reversed next iter filter map zip max min enumerate " +
      "os.path.join os.path.abspath os.path.realpath os.path.normpath os.path.expanduser os.path.expandvars " +
      "posixpath.join pathlib.Path pathlib.PurePath Path os.fsencode os.fspath io.StringIO io.BytesIO StringIO " +
      "base64.b64decode base64.decodebytes base64.decodestring base64.urlsafe_b64decode base64.b64encode " +
      "json.loads json.load urllib.parse.unquote urllib.parse.unquote_plus urllib.parse.urlparse " +
      "urllib.parse.urljoin " +
      "urllib.parse.urlsplit urllib.parse.parse_qs urllib.parse.parse_qsl urllib.parse.urlunparse urlparse.urlparse " +
      "urllib.unquote binascii.unhexlify binascii.a2b_base64 zlib.decompress gzip.decompress " +
      "codecs.decode codecs.encode " +
      "flask.make_response make_response copy.copy copy.deepcopy string.Template shlex.split " +
      "cast os.path.dirname html.unescape jwt.decode " +
      "urllib.request.Request urllib2.Request asyncio.wait_for unicodedata.normalize ftfy.fix_text " +
      ".join .joinpath .format_map .get .getlist .substitute .safe_substitute .append .with_name .read " +
      ".setdefault .pop " +
      ".__add__ .concat .union .ljust .rjust"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "str bytes unicode textwrap.dedent sqlalchemy.text sqlalchemy.sql.text text typing.cast inspect.cleandoc " +
      "django.utils.safestring.mark_safe markupsafe.Markup flask.Markup " +
      ".strip .lstrip .rstrip .encode .decode .lower .upper .title .capitalize .expandtabs .casefold"
    ).split(" "),
  ),
  asks: new Set(
    (
      "isinstance hasattr callable type id any all sum print bool " +
      ".isdigit .isalnum .isalpha .isnumeric .isdecimal .startswith .endswith .find .index .count .exists .is_file " +
      ".is_dir .is_valid .size .st_size .port .status_code .__len__ .content_length .is_secure .method .scheme " +
      ".validate"
    ).split(" "),
  ),
  fills: new Set(".append .extend .add .insert .update .appendleft .write .put .writelines".split(" ")),
  holders: {
    ".append": "append",
    ".add": "append",
    ".appendleft": "prepend",
    ".insert": "insert",
    ".extend": "extend",
    ".update": "extend",
    ".pop": "take",
    ".popleft": "take-first",
    ".clear": "clear",
    ".set": "put",
    ".setFeature": "put",
    ".get": "get",
    ".write": "write",
    ".getvalue": "text",
  },
  empties: {
    list: "container",
    dict: "container",
    set: "container",
    "collections.OrderedDict": "container",
    "collections.deque": "container",
    "collections.defaultdict": "container",
    "configparser.ConfigParser": "container",
    "configparser.RawConfigParser": "container",
    "configparser.SafeConfigParser": "container",
    "io.StringIO": "text",
    "io.BytesIO": "text",
    "StringIO.StringIO": "text",
    StringIO: "text",
    BytesIO: "text",
  },
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check_|is_?safe|safe_|is_?allowed|allowed|allow_|verify|is_?permitted)/i,
    /^_?(url_has_allowed|match_hostname|has_valid|email_valid|ip_valid|is_|compare_digest|can_|has_access)/i,
    /^(domain|isidentifier|in_whitelist)$/,
  ),
  ends: new Set([
    "flask.abort",
    "abort",
    "sys.exit",
    "exit",
    "quit",
    "os._exit",
    "os.abort",
    "self.fail",
    "parser.error",
    ".error",
    "django.http.Http404",
    "self.send_error",
  ]),
  resolves: new Set([
    "os.path.realpath",
    "os.path.abspath",
    "os.path.normpath",
    "os.path.commonpath",
    ".resolve",
    ".absolute",
    "posixpath.normpath",
  ]),
  renames: {
    Cryptodome: "Crypto",
    cPickle: "pickle",
    _pickle: "pickle",
    "six.moves.cPickle": "pickle",
    defusedxml: "defusedxml",
    "xml.etree.cElementTree": "xml.etree.ElementTree",
    subprocess32: "subprocess",
    psycopg2cffi: "psycopg2",
    ruamel_yaml: "yaml",
    simplejson: "json",
    ujson: "json",
    httplib: "http.client",
    commands: "commands",
    "sqlalchemy.sql.expression": "sqlalchemy",
  },
  answers: anyOf(
    /(^|\.)(route|get|post|put|delete|patch|head|options|websocket|websocket_route|api_route|api_view)\(\)$/,
    /(^|\.)(view_config|expose|action|errorhandler|before_request|app_route|view|endpoint|on_message)\(\)$/,
    /csrf_exempt|require_http_methods|login_required|require_(GET|POST)|functions_framework|on_request|on_call/,
  ),
  request: anyOf(
    /^(request|req|http_request|Request|HttpRequest|WSGIRequest|web\.Request|func\.HttpRequest)$/,
    /^(fastapi\.)?UploadFile$/,
    /^(django\.http\.HttpRequest|starlette\.requests\.Request|fastapi\.Request)$/,
  ),
  trusted: anyOf(
    /^(conn|connection|db|database|cursor|cur|session|db_session|client|logger|log|app|application|parser|lock)$/,
    /^(pool|engine|socket|sock|response|resp|ctx|context|redis|s3|config|settings|loop|executor|env|environ|model)$/,
    /^(form|bucket|stdin|stdout|mock\w{0,20}|monkeypatch|tmp_path|capsys|kwargs|driver|browser|args|options|opts)$/,
    /^(timeout|retries|port|count|limit|offset|size|index|n|verbose|debug|_?config_?\w{0,10}|\w{0,20}_settings)$/,
  ),
  plainTypes: anyOf(
    /^(Optional\[)?(int|float|bool|complex|Decimal|UUID|uuid\.UUID|date|datetime)\]?(\s{0,3}\|\s{0,3}None)?$/,
    /^(Optional\[)?(datetime\.\w{1,20}|timedelta|IPv4Address|ObjectId|PositiveInt|EmailStr)\]?$/,
  ),
  converts: (routes, parameter) =>
    [
      ...routes.matchAll(
        /[<{](?:(?:int|float|uuid)(?:\([^)<>]{0,60}\))?:(\w{1,60})|(\w{1,60}):(?:int|float|uuid))[>}]/g,
      ),
    ].some(([, behind, before]) => (behind ?? before) === parameter),
  ownName: /^_[^_]/,
  self: "self",
};
