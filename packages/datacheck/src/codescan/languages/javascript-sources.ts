/** @file JavaScript: sources of attacker-controlled values, and the arguments of callbacks. */
import { anyOf, type CallSoFar, type NamePattern, type Source } from "../engine/language.ts";
import type { Expr } from "../engine/syntax.ts";
import { blend, type Danger, dangers, unknown, type Value } from "../engine/value.ts";

/** Express, Koa, Hapi, Fastify, Restify, Next, Hono, `http`, AWS Lambda. */
const requestParts = anyOf(
  /(^|\.)request\.(query|params|body|headers?|cookies|url|originalUrl|path|hostname|rawBody|files?|param\(\)|get\(\))/,
  /(^|\.)request\.(header\(\)|signedCookies|nextUrl|json\(\)|text\(\)|formData\(\)|host|payload|rawHeaders|ip)/,
  /(^|\.)request\.(queryStringParameters|pathParameters|multiValueQueryStringParameters|searchParams|subdomains)/,
  /(^|\.)request\.(querystring|href|search|state|pathname|arrayBuffer\(\)|blob\(\)|req\.(query|param|queries)\(\))/,
  /(^|\.)request\.(parseBody\(\)|getQuery\(\)|matchedData\(\)|rawPath|rawQueryString|urlParams|splat)/,
);

/** Parts of a page's address that a link controls. Excludes the host that served the page. */
const address = anyOf(
  /^((window|document|self|top|parent|globalThis|this|frames)\.)*location(\.(search|hash|href|toString\(\)|valueOf\(\))|$)/,
  /^((window|document|self|top|parent|globalThis)\.)*location\.pathname/,
  /^(window\.|self\.)?document\.(URL|documentURI|referrer|cookie|baseURI)\b/,
  /^(window\.name|self\.name|top\.name|(window\.)?prompt\(\)|(window\.)?history\.state)\b/,
  /(^|\.)(props|history|router|navigation)\.location\.(search|hash|state|query)\b/,
);

/** Addresses as client-side routers pass them: React, Next, Vue, Angular, Svelte, AngularJS. */
const routed = anyOf(
  /(^|\.)(useSearchParams|useParams|useLocalSearchParams|useGlobalSearchParams|useHash)\(\)/,
  /(^|\.)(useRouter|useRoute|useLocation)\(\)\.(query|params|asPath|search|hash|fullPath|path|state)\b/,
  /(^|\.)(\$route|currentRoute|\$location)\.(query|params|hash|fullPath|search\(\)|url\(\)|path\(\)|hash\(\))/,
  /(^|\.)(props|this)\.match\.params\b|^match\.params\b|(^|\.)\$(routeParams|stateParams)\b/,
  /(^|\.)(route|activatedRoute|snapshot|ActivatedRoute\w{0,10})\.(snapshot\.)?(params|queryParams|fragment|paramMap|queryParamMap|url)\b/,
  /(^|\.)(router|location)\.(url|parseUrl\(\)|path\(\))(\.|$)|getLocation\(\)\.href$/,
);

/** Text in the page or typed into it, read through jQuery or the DOM. */
const fromPage = anyOf(
  /^(\$|jQuery|cash)\(\)(\.\w{1,20}\(\)|\[\]){0,4}\.(val|text|attr|data)\(\)$/,
  /(getElementById|querySelector|getElementsBy\w{3,12}|querySelectorAll|closest)\(\)(\[\]|\.item\(\))?\.(value|textContent|innerText|getAttribute\(\)|dataset\.\w{1,40})$/,
);

/** Parameters whose name implies an attacker-controlled value. */
export const outsideNames: NamePattern = anyOf(
  /^_?(user|untrusted|unsafe)_?(input|data|supplied|provided|controlled|value|text|string|content|html)/i,
  /^_?(user|untrusted)_?(query|url|uri|path|file_?name|file_?path|command|cmd|code|expression|message|comment|template)$/i,
);

/** How a handler of AWS Lambda, Google or Azure is declared. */
const lambdas = ["exports.handler", "const handler", "function handler", "lambdaHandler"];

/** Every danger except `size`. */
const cleanButSize = (Object.keys(dangers) as Danger[]).filter((danger) => danger !== "size");

/** Functions that parse command-line arguments. */
const commandLine = anyOf(
  /^(process\.argv|Deno\.args|Bun\.argv|(yargs|minimist|commander)(\(\)|\.\w{1,20}\(\)){0,5}\.(argv|args|opts\(\)))/,
  /^(yargs|optimist|subarg|yargs-parser|arg|args|command-line-args|meow|getopts|mri|nopt|docopt|cac|sade|minimist|get-them-args)\(\)/,
  /^(yargs|optimist|args|dashdash|argparse|commander|meow|cac|sade|docopt)(\.\w{1,30}|\(\)){0,8}\.(argv|parse\(\)|parse_args\(\)|parseArgs\(\)|opts\(\)|args|input|flags)/,
  /^(yargs|optimist)\.argv|^commander\.(program|Command\(\))\.(?!version|option|command|parse|action|name|description|argument)\w|^util\.parseArgs\(\)|^(node:)?util\.parseArgs\(\)/,
);

/** The length of an attacker-controlled value. Excludes `request.query.length`, a parameter of that name. */
const length = /(^|\.)request\.\w{1,30}(\.|\[\])\S{0,200}\.(length|byteLength)$/;

/** Sources, tried in order. */
export const sources: readonly Source[] = [
  { path: length, level: 2, clean: cleanButSize },
  { path: requestParts, level: 2 },
  {
    path: commandLine,
    level: 2,
    clean: ["path", "url", "redirect", "html", "header", "log", "regex", "nosql", "size"],
  },
  // AWS Lambda: the caller controls the event
  ...lambdas.map(
    (needs) => ({ path: /^request(\.(?!target|detail|preventDefault)\w|\[\])/, level: 2, needs }) as const,
  ),
  { path: address, level: 2 },
  { path: routed, level: 2 },
  { path: /^message(\.data|$)/, level: 2, clean: ["size"] },
  { path: /(^|\.)(searchParams|URLSearchParams\(\))\.(get|getAll)\(\)/, level: 2 },
  { path: /^(window\.)?(localStorage|sessionStorage)\.(getItem\(\)|\w)/, level: 1 },
  { path: /(^|\.)(graphqlArgs|resolveArgs)\b/, level: 2 },
  { path: /^\$scope\.\w/, level: 1, clean: ["shell", "sql", "path", "nosql", "size", "regex", "url"] },
  { path: fromPage, level: 1, clean: ["shell", "sql", "path", "code", "nosql", "size", "regex"] },
  {
    path: /^(__dirname|__filename|process\.env\.\w{1,80}|import\.meta\.dirname)$/,
    level: 0,
    root: "!environment",
  },
  { path: /^Math\.random\(\)/, level: 0, root: "!random" },
  { path: /^(crypto\.|cryptoRandom\.)?pseudoRandomBytes\(\)/, level: 0, root: "!random" },
  { path: /^(!error|err|error|e|ex|exception)\.stack$/, level: 0, root: "!trace" },
];

const request: Value = { ...unknown, path: "request" };
const response: Value = { ...unknown, path: "response" };
const outside: Value = { ...unknown, level: 2 };

/** Servers and routers, by the call that created them or by their usual name. */
const servers = anyOf(
  /(^|\.)(express|Router|Koa|KoaRouter|connect|polka|restify|fastify|Fastify|Hono|Elysia|Hapi|Server|createServer)\(\)/,
  /(^|\.)(koa-router|@koa\/router|koa|find-my-way|router|micro)\(\)/,
  /(^|\.)(app|application|server|router|routes?|api|fastify|express)(\d{0,2}|\.route\(\))$/,
);
const contexts = /(^|\.)(Koa|KoaRouter|koa|koa-router|@koa\/router|Hono|Elysia)\(\)/;
const routes =
  /\.(get|post|put|delete|del|patch|all|use|head|options|opts|param|any|route|handle|query|register|addRoute|on)$/;
const sockets = /(^|\.)(ws|wss|socket|sock|websocket|io|client|conn|connection|peer|channel|WebSocket\(\))$/i;
const listening = /^(message|data|line|text|request|command|event|chat|input|update)$/;

/** Functions whose callback takes an element of the list first; lodash and jQuery included. */
const elements =
  /\.(forEach|map|filter|some|every|find|findIndex|findLast|flatMap|each|eachSeries|sortBy|groupBy|reject|forOwn|forIn)$/;
const later = /\.(then|done|tap|always|finally|pipe|subscribe)$/;

/** The arguments that a callback will be called with. */
export function hands(
  { path, receiver, args }: CallSoFar,
  given: Expr,
): readonly (Value | undefined)[] | undefined {
  const count = given.kind === "function" ? given.made.parameters.length : 2;
  const [first] = args;
  if (/(^|\.)addEventListener$/.test(path) || (/\.(on|once)$/.test(path) && /window|self/.test(path)))
    return first?.constant === "message" ? [{ ...unknown, path: "message" }] : undefined;
  if (/(^|\.)createServer$/.test(path)) return /^(net|tls)\./.test(path) ? undefined : [request, response];
  if (/\.(on|once|addListener)$/.test(path)) return ofListener(receiver, first);
  if (routes.test(path) && servers.test(receiver.path)) {
    // `(error, request, response, next)`
    if (count === 4) return [undefined, request, response, undefined];
    return contexts.test(receiver.path) ? [request] : [request, response];
  }
  if (elements.test(path)) return ofElements(path, receiver, first);
  if (/\.(reduce|reduceRight)$/.test(path)) return [undefined, elementOf(receiver)];
  if (later.test(path) && receiver.level > 0) return [{ ...receiver, path: receiver.path.slice(0, 100) }];
  return undefined;
}

function ofListener(receiver: Value, event: Value | undefined): readonly (Value | undefined)[] | undefined {
  const name = String(event?.constant ?? "");
  if (name === "request") return [request, response];
  if (name === "data" && receiver.path === "request") return [outside];
  return sockets.test(receiver.path) && listening.test(name) ? [outside] : undefined;
}

function ofElements(
  path: string,
  receiver: Value,
  first: Value | undefined,
): readonly (Value | undefined)[] | undefined {
  const isModule = /^(_|\$|jQuery|async|R|lodash|underscore)\.\w{1,20}$/.test(path);
  const element = elementOf(isModule ? first : receiver);
  // `$.each(list, (index, element) => ...)`
  if (/^(\$|jQuery)\.each$/.test(path)) return [undefined, element];
  return element === undefined ? undefined : [element];
}

/** An element of a list, if something is known about its elements. */
function elementOf(list: Value | undefined): Value | undefined {
  if (list === undefined) return undefined;
  const { level, clean, roots, path, entries } = list;
  if (level === 0 && (entries === undefined || entries.size === 0)) return undefined;
  if (level === 0) return unknown;
  const [one] = entries?.values() ?? [];
  const inner = one?.entries === undefined ? {} : { entries: one.entries };
  return { ...blend([{ level, clean, roots, path }]), ...inner, path: path === "" ? "" : `${path}[]` };
}
