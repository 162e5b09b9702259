/** @file JavaScript and TypeScript for value tracing. */
import { anyOf, type Language } from "../engine/language.ts";
import type { LanguageName } from "../language.ts";
import { hands, outsideNames, sources } from "./javascript-sources.ts";
import { lowerJavascript } from "./javascript-statements.ts";

/** Defines the language. TypeScript and TSX differ only in their grammar. */
export function javascript(name: LanguageName): Language {
  return { name, ...facts };
}

const facts: Omit<Language, "name"> = {
  lower: lowerJavascript,
  numeric: new Set(["-", "*", "/", "%", "**"]),
  sources,
  hands,
  cleaners: {
    parseInt: "all",
    parseFloat: "all",
    Number: "all",
    Boolean: "all",
    BigInt: "all",
    isNaN: "all",
    "Number.parseInt": "all",
    "Number.parseFloat": "all",
    "Math.floor": "all",
    "mongoose.Types.ObjectId": "all",
    ObjectId: "all",
    "mongodb.ObjectId": "all",
    "mongodb.ObjectID": "all",
    encodeURIComponent: ["html", "url", "path", "header", "redirect", "log", "xpath", "ldap"],
    encodeURI: ["html", "header", "log"],
    escape: ["html"],
    escapeHtml: ["html"],
    escapeHTML: ["html"],
    "escape-html": ["html"],
    "he.encode": ["html"],
    "he.escape": ["html"],
    "DOMPurify.sanitize": ["html"],
    "lodash.escape": ["html"],
    "_.escape": ["html"],
    "validator.escape": ["html"],
    "sanitize-html": ["html"],
    sanitizeHtml: ["html"],
    xss: ["html"],
    "dompurify.sanitize": ["html"],
    "JSON.stringify": ["log", "header", "html"],
    "path.basename": ["path"],
    basename: ["path"],
    "sanitize-filename": ["path", "header"],
    "mysql.escape": ["sql"],
    "mysql2.escape": ["sql"],
    ".escape": ["sql", "html"],
    ".escapeId": ["sql"],
    "mysql.escapeId": ["sql"],
    "mysql.format": ["sql"],
    "mysql2.format": ["sql"],
    "pg-format": ["sql"],
    format: ["sql"],
    "lodash.escapeRegExp": ["regex"],
    "_.escapeRegExp": ["regex"],
    escapeRegExp: ["regex"],
    escapeStringRegexp: ["regex"],
    "shell-quote.quote": ["shell"],
    shellescape: ["shell"],
    "shell-escape": ["shell"],
    String: ["nosql"],
    ".digest": "all",
    "bcrypt.hash": "all",
    "bcrypt.hashSync": "all",
    "uuid.v4": "all",
    ".toISOString": "all",
    ".toString": ["nosql"],
  },
  passes: new Set(
    (
      "Array.from Object.assign Object.values Object.entries Object.keys path.join path.resolve path.normalize " +
      "path.posix.join Buffer.from atob btoa decodeURIComponent decodeURI unescape JSON.parse URL URLSearchParams " +
      "querystring.parse qs.parse url.parse url.resolve util.format lodash.get _.get util.inspect util.promisify " +
      "Promise.resolve Promise.all Set Map Object.fromEntries Array.of String.fromCharCode " +
      "String.raw structuredClone " +
      "path.relative path.dirname path.toNamespacedPath path.win32.join path.win32.normalize " +
      "path.posix.resolve path.parse " +
      "path.format path.posix.normalize fs.realpathSync fs.realpath fs.promises.realpath " +
      "url.fileURLToPath fileURLToPath " +
      "querystringify.parse query-string.parse querystring.unescape querystring.stringify cookie.parse js-yaml.load " +
      "yaml.parse JSON5.parse json5.parse flatted.parse ini.parse toml.parse url.format _.cloneDeep _.clone _.assign " +
      "_.pick _.omit _.template _.trim _.toString _.join _.concat _.map _.values _.flatten " +
      "_.uniq _.defaultTo _.result " +
      "he.decode unescapeHtml marked marked.parse marked.marked showdown.Converter().makeHtml markdown-it().render " +
      "snarkdown remark().processSync markdown-table printf sprintf-js.sprintf sprintf " +
      "classnames clsx React.useState " +
      "useState useMemo useRef ref reactive computed URI urijs goog.Uri Handlebars.compile() " +
      "moment().format dateformat " +
      "date-fns.format numeral marked.parseInline vinyl.File iconv-lite.decode zlib.gunzipSync zlib.inflateSync " +
      ".join .concat .push .get .format .exec .bind .toJSON .then .catch .finally"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "String Object.freeze .trim .toLowerCase .toUpperCase .toString .trimStart .trimEnd " +
      ".valueOf .freeze .sup .bold .trimLeft .trimRight .toLocaleLowerCase .toLocaleUpperCase " +
      ".padStart .padEnd"
    ).split(" "),
  ),
  asks: new Set(
    (
      ".length .includes .indexOf .startsWith .endsWith .test .size .has .some .every .localeCompare .charCodeAt " +
      ".findIndex .isArray Array.isArray isNaN fs.existsSync .lastIndexOf .isValid .search"
    ).split(" "),
  ),
  fills: new Set(".push .unshift .set .add .append .splice .concat".split(" ")),
  holders: {
    ".push": "append",
    ".unshift": "prepend",
    ".pop": "take",
    ".shift": "take-first",
    ".set": "put",
    ".get": "get",
    ".clear": "clear",
  },
  empties: { Array: "container", Map: "container", Set: "container" },
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check|isSafe|safe|isAllowed|allowed|verify|isPermitted|isInteger|isUUID|isURL)/i,
    /^_?(isEmail|isAlphanumeric|isNumeric|isIn|whitelist|allowlist|has[A-Z]\w{0,30}Access)$/,
    // not functions that test for a type or for anything other than the text
    /^_?is(?!Array|String|Object|PlainObject|Function|Nil|Empty|Undefined|Null|Defined|Set|Absolute|Browser|Node)[A-Z]\w{0,40}$/,
  ),
  ends: new Set(["process.exit", "process.abort"]),
  resolves: new Set([
    "path.resolve",
    "path.normalize",
    "path.join",
    "fs.realpathSync",
    "fs.realpath",
    "path.posix.normalize",
  ]),
  renames: {
    "fs/promises": "fs.promises",
    "fs-extra": "fs",
    "graceful-fs": "fs",
    "isomorphic-fetch": "node-fetch",
    lodash: "_",
    "lodash/merge": "_.merge",
    jquery: "$",
    "path/posix": "path",
    "isomorphic-dompurify": "DOMPurify",
    dompurify: "DOMPurify",
    "mysql2/promise": "mysql2",
    bcryptjs: "bcrypt",
    jQuery: "$",
  },
  answers: anyOf(
    /(^|\.)(Get|Post|Put|Delete|Patch|All|Options|Head)\(\)$/,
    /(^|\.)(MessagePattern|SubscribeMessage)\(\)$/,
  ),
  request: anyOf(
    /^_?(req|request|ctx|context|event)$/,
    /^((express|http|Express)\.)?(Request|IncomingMessage|NextApiRequest|NextRequest)(<.{0,200}>)?$/,
    /^(FastifyRequest|APIGatewayProxyEvent)(<.{0,200}>)?$/,
  ),
  trusted: anyOf(
    /^_?(res|response|reply|next|err|error|db|conn|connection|client|pool|logger|log|app|server|router|session)$/,
    /^(callback|cb|done|resolve|reject|config|options|opts|settings|socket|ws|e|evt|i|j|index|idx)$/,
    /^(resp|result|results|rows|row|data|files|stats|exports|module|require|chunk|state|action|dispatch|props)$/,
    /^(stdout|stderr|code|signal|prev|acc|key|node|el|element|fn|func|self|timeout|ms|port|page|size)$/,
    /^(count|limit|offset|theme|t|n|width|height)$/,
    // AngularJS injects these by name
    /^\$[a-z]\w{2,30}$/,
  ),
  outside: outsideNames,
  plainTypes: anyOf(/^(number|boolean|bigint|Date|ObjectId|UUID)(\s{0,3}\|\s{0,3}(null|undefined))?$/),
  self: "this",
};
