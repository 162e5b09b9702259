/** @file JavaScript: servers: files, addresses, redirections, headers, cookies. */
import { isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, is, says } from "../conditions.ts";
import { assigns, calls, reaches } from "../matches.ts";

const fileCalls = [
  ...[
    "readFile",
    "writeFile",
    "appendFile",
    "unlink",
    "readdir",
    "rmdir",
    "rm",
    "mkdir",
    "stat",
    "copyFile",
    "rename",
  ],
  ...["access", "open", "createReadStream", "createWriteStream"],
]
  .flatMap((name) => [`fs.${name}`, `fs.${name}Sync`, `fs.promises.${name}`])
  .join(" ");
const fetchers =
  "fetch node-fetch axios axios.get axios.post axios.put axios.delete axios.request axios.head " +
  "got got.get got.post request " +
  "request.get request.post needle superagent.get undici.fetch undici.request http.get https.get " +
  "http.request https.request needle.get";

function address(value: Value | undefined): Value | undefined {
  return (
    value?.entries?.get("url") ?? value?.entries?.get("hostname") ?? value?.entries?.get("host") ?? value
  );
}

/** Rules on servers. */
export const javascriptServerRules: readonly Rule[] = [
  {
    id: "javascript/path-from-outside",
    cwe: 22,
    title: "A file's name from outside",
    severity: "high",
    why: "`../` in the name leads out of the folder that was meant.",
    fix: "const path = resolve(base, name); if (!path.startsWith(base + sep)) refuse",
    literals: ["fs", "sendFile", "download", "readFile"],
    match: [
      reaches(
        "path",
        2,
        `${fileCalls} .sendFile .download .sendfile`,
        [0],
        ({ args, path }) =>
          // `sendFile(name, { root })` stays below its root
          !/\.send[fF]ile$/.test(path) || args[1]?.entries?.has("root") !== true,
      ),
    ],
    bad: [
      "const fs = require('fs');\napp.get('/', (req, res) => { res.end(fs.readFileSync('./data/' + req.query.name)); });\n",
      "import path from 'path';\napp.get('/:name', (req, res) => { res.sendFile(path.join(__dirname, 'data', req.params.name)); });\n",
    ],
    good: [
      "const fs = require('fs');\nconst path = require('path');\nconst BASE = path.resolve('data');\napp.get('/', (req, res) => {\n  const file = path.resolve(BASE, req.query.name);\n  if (!file.startsWith(BASE + path.sep)) return res.sendStatus(400);\n  fs.readFile(file, (err, data) => res.json({ size: data.length }));\n});\n",
      "const fs = require('fs');\nconst path = require('path');\napp.get('/', (req, res) => { fs.readFile('./data/' + path.basename(req.query.name), () => res.end()); });\n",
      "app.get('/:name', (req, res) => { res.sendFile(req.params.name, { root: 'data' }); });\n",
    ],
  },
  {
    id: "javascript/address-from-outside",
    cwe: 918,
    title: "A request to where somebody outside says",
    severity: "high",
    why: "The server fetches addresses of its own network for a stranger.",
    fix: "Compare new URL(address).hostname with a list of allowed hosts first",
    literals: ["fetch", "axios", "got", "request", "http", "needle", "superagent", "undici"],
    match: [
      reaches("url", 2, fetchers, [0], ({ args: [given] }) => {
        const where = address(given);
        return (
          where !== undefined && where.level === 2 && /^(request\b|)/.test(where.path) && !hasFixedHost(where)
        );
      }),
    ],
    bad: [
      "const axios = require('axios');\napp.get('/', async (req, res) => { const r = await axios.get(req.query.url); res.json(r.data); });\n",
    ],
    good: [
      "const axios = require('axios');\nconst HOSTS = ['a.org'];\napp.get('/', async (req, res) => {\n  const url = new URL(req.query.url);\n  if (!HOSTS.includes(url.hostname)) return res.sendStatus(400);\n  const r = await axios.get(url);\n  res.json(r.data);\n});\n",
      "const axios = require('axios');\napp.get('/', async (req, res) => { const r = await axios.get(`https://api.example.org/items/\u0024{req.query.id}`); res.json(r.data); });\n",
    ],
  },
  {
    id: "javascript/redirect-from-outside",
    cwe: 601,
    title: "A redirection to where somebody outside says",
    severity: "medium",
    why: "A link to this host leads to any other.",
    fix: "Take the target from a list, or allow paths of this host alone",
    literals: ["redirect", "location", "Location"],
    match: [
      reaches("redirect", 2, ".redirect redirect", [0, 1], ({ args }) =>
        args.some((one) => one.level === 2 && !hasFixedHost(one)),
      ),
      assigns(/^(location|href|Location)$/, ({ form, path, value }) => {
        if (value.level !== 2 || (value.clean & 4096) !== 0 || hasFixedHost(value)) return false;
        return form === "attribute"
          ? /^(window\.|document\.|self\.|top\.)?location(\.href)?$/.test(path)
          : form === "entry" && path === "Location";
      }),
      reaches(
        "redirect",
        2,
        "window.location.assign window.location.replace location.assign location.replace window.open",
      ),
      reaches(
        "redirect",
        2,
        ".setHeader .header .set",
        [1],
        ({ args }) => says(args[0], /^location$/i) && !hasFixedHost(args[1]),
      ),
    ],
    bad: [
      "app.get('/', (req, res) => { res.redirect(req.query.next); });\n",
      "window.location.href = new URLSearchParams(location.search).get('next');\n",
    ],
    good: [
      "app.get('/', (req, res) => { res.redirect('/home'); });\n",
      "const PAGES = new Set(['/a']);\napp.get('/', (req, res) => {\n  res.redirect(PAGES.has(req.query.next) ? " +
        "req.query.next : '/');\n});\n",
      "app.get('/', (req, res) => {\n  const next = req.query.next;\n  if (!['/a', '/b'].includes(next)) return res.redirect('/');\n  res.redirect(next);\n});\n",
    ],
  },
  {
    id: "javascript/html-from-outside",
    cwe: 79,
    title: "Text from outside in a page",
    severity: "high",
    why: "Tags and scripts in the text become part of the page.",
    fix: "A template that escapes, or escapeHtml(text)",
    literals: ["send", "write", ".end("],
    match: [
      reaches("html", 2, ".send .write .end", [0], ({ args: [text], path, here }) => {
        if (
          text === undefined ||
          text.entries !== undefined ||
          !/^(res|response|reply|ctx|.{0,60}\.status\(\)|.{0,60}\.type\(\))\.(send|write|end)$/.test(path)
        )
          return false;
        const body =
          here.inside === undefined ? here.text : here.text.slice(here.inside.start, here.inside.end);
        if (/application\/json|text\/plain/.test(body)) return false;
        return isBuilt(text) || /^request\.(query|params|body)\./.test(text.path);
      }),
    ],
    bad: [
      "app.get('/', (req, res) => { res.send('<h1>Hello ' + req.query.name + '</h1>'); });\n",
      "app.get('/', (req, res) => { const { name } = req.query; res.send(`Hello \u0024{name}`); });\n",
    ],
    good: [
      "const escapeHtml = require('escape-html');\napp.get('/', (req, res) => { res.send('<h1>Hello ' + escapeHtml(req.query.name) + '</h1>'); });\n",
      "app.get('/', (req, res) => { res.json({ name: req.query.name }); });\n",
    ],
  },
  {
    id: "javascript/any-origin",
    cwe: 942,
    title: "Pages of any site may ask in the name of whoever is logged in",
    severity: "medium",
    why: "The visitor's cookies go along, and the other site reads the answer.",
    fix: "cors({ origin: 'https://app.example.org', credentials: true })",
    literals: ["Access-Control-Allow-Origin", "cors("],
    match: [
      calls(
        ".setHeader .header .set",
        ({ args: [name, origin], here }) =>
          says(name, /^access-control-allow-origin$/i) &&
          origin?.level === 2 &&
          (origin.clean & 512) === 0 &&
          /allow-credentials/i.test(here.text),
      ),
      calls("cors", ({ args: [options] }) => {
        const origin = options?.entries?.get("origin");
        return is(options?.entries?.get("credentials"), true) && (is(origin, true) || says(origin, /^\*$/));
      }),
    ],
    bad: [
      "app.use((req, res, next) => {\n  res.header('Access-Control-Allow-Origin', req.headers.origin);\n  " +
        "res.header('Access-Control-Allow-Credentials', 'true');\n  next();\n});\n",
      "const cors = require('cors');\napp.use(cors({ origin: true, credentials: true }));\n",
    ],
    good: [
      "const ORIGINS = new Set(['https://a.org']);\napp.use((req, res, next) => {\n  " +
        "if (ORIGINS.has(req.headers.origin)) {\n    " +
        "res.header('Access-Control-Allow-Origin', req.headers.origin);\n    " +
        "res.header('Access-Control-Allow-Credentials', 'true');\n  }\n  next();\n});\n",
      "const cors = require('cors');\napp.use(cors({ origin: 'https://a.org', credentials: true }));\n",
    ],
  },
  {
    id: "javascript/cookie-open",
    cwe: 614,
    title: "A cookie without its protections",
    severity: "medium",
    why: "The cookie travels unencrypted, or scripts can read it.",
    fix: "{ httpOnly: true, secure: true, sameSite: 'lax' }",
    literals: ["ookie", "httpOnly", "secure"],
    match: [
      calls(".cookie", ({ args: [name, , options] }) => {
        const off = ["secure", "httpOnly"].some((one) => is(options?.entries?.get(one), false));
        const lacks =
          options === undefined ||
          (options.entries !== undefined && ["secure", "httpOnly"].some((one) => !options.entries?.has(one)));
        return off || (lacks && says(name, /sess|sid|token|auth|jwt/i));
      }),
      assigns(/^(httpOnly)$/, ({ form, value }) => form === "entry" && is(value, false)),
    ],
    bad: [
      "app.post('/', (req, res) => { res.cookie('session', id); });\n",
      "app.use(session({ cookie: { httpOnly: false } }));\n",
    ],
    good: [
      "app.post('/', (req, res) => { res.cookie('session', id, { httpOnly: true, secure: true }); });\n",
    ],
  },
  {
    id: "javascript/error-shown",
    cwe: 209,
    title: "An error's inside shown to whoever asks",
    severity: "medium",
    why: "Stack traces tell of files, versions and queries.",
    fix: "Log the error and answer with a sentence of your own",
    literals: ["stack"],
    match: [calls(".send .json .end .write", ({ args }) => args.some((one) => comesFrom(one, /^!trace$/)))],
    bad: [
      "app.use((err, req, res, next) => { res.status(500).json({ message: 'error', stack: err.stack }); });\n",
      "app.get('/', (req, res) => { try { work(); } catch (err) { res.status(500).send(err.stack); } });\n",
    ],
    good: [
      "app.get('/', (req, res) => { try { work(); } catch (err) { console.error(err.stack); res.status(500).send('error'); } });\n",
    ],
  },
];
