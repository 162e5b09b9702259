/** @file JavaScript rules for servers: files, addresses, redirects, headers, cookies. */

import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { carries, hole, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, importsOf, is, says } from "../conditions.ts";
import { aroundSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";
import { hasFixedStart } from "./addresses.ts";

const names = (
  "readFile writeFile appendFile unlink readdir rmdir rm mkdir stat lstat copyFile rename access open opendir exists " +
  "truncate chmod chown lchown utimes readlink symlink link watch watchFile unwatchFile cp mkdtemp realpath " +
  "createReadStream createWriteStream statfs copy move remove outputFile outputJson readJson readJSON writeJson " +
  "writeJSON ensureDir ensureFile emptyDir pathExists mkdirp mkdirs walk"
).split(" ");
const modules = ["fs", "original-fs", "mz/fs", "fs-jetpack", "node-fs", "memfs", "adm-zip-fs"];
const fileCalls = [
  ...modules.flatMap((module) => names.flatMap((name) => [`${module}.${name}`, `${module}.${name}Sync`])),
  ...names.map((name) => `fs.promises.${name}`),
  ...[
    "Deno.readTextFile",
    "Deno.readFile",
    "Deno.writeTextFile",
    "Deno.writeFile",
    "Deno.open",
    "Deno.remove",
  ],
  ...[
    "Bun.file",
    "Bun.write",
    "rimraf",
    "rimraf.sync",
    "del",
    "mkdirp",
    "mkdirp.sync",
    "glob.sync",
    "glob",
    "globby",
  ],
  ...[
    "vinyl-fs.src",
    "vinyl-fs.dest",
    "load-json-file",
    "write-file-atomic",
    "jsonfile.readFile",
    "jsonfile.writeFile",
  ],
  ...[
    "readline.createReadStream",
    "graceful-fs.readFile",
    "tmp.fileSync",
    "sharp",
    "Jimp.read",
    "require",
    "import",
  ],
].join(" ");
const senders = ".sendFile .download .sendfile .attachment .file";

/** The address from a request's options, or the argument itself. */
function address(value: Value | undefined): Value | undefined {
  const { entries } = value ?? {};
  return (
    entries?.get("url") ?? entries?.get("uri") ?? entries?.get("hostname") ?? entries?.get("host") ?? value
  );
}

/** Whether untrusted text decides the host of an address. */
function decidesHost(value: Value | undefined): boolean {
  if (value === undefined || value.level === 0) return false;
  const { lead } = value;
  if (lead === undefined || lead === "") return !hasFixedHost(value);
  // a trusted base, or a host followed by a slash
  return !lead.startsWith(hole) && /^[a-z]{2,10}:\/\/[^/\0?#]{0,200}$|^\/\/[^/\0?#]{0,200}$/i.test(lead);
}

/** HTTP clients, with the methods of each. */
const clients: readonly (readonly [string, string])[] = [
  ["axios", "get post put patch delete head options request"],
  ["got", "get post put patch delete head stream paginate extend"],
  ["request", "get post put patch del delete head defaults"],
  ["request-promise", "get post put patch del delete head"],
  ["request-promise-native", "get post put patch del delete head"],
  ["superagent", "get post put patch del delete head"],
  ["needle", "get post put patch delete head"],
  ["ky", "get post put patch delete head"],
  ["undici", "fetch request stream pipeline connect"],
  ["phin", "defaults"],
  ["http", "get request"],
  ["https", "get request"],
  ["http2", "connect"],
  ["follow-redirects.http", "get request"],
  ["follow-redirects.https", "get request"],
  ["urllib", "request curl fetch"],
  ["node-fetch", "default"],
  ["cross-fetch", "fetch"],
  ["wretch", "url"],
  ["bent", "get"],
  ["hyperquest", "get post"],
  ["download", "default"],
  ["node-libcurl.curly", "get post"],
  ["JSDOM", "fromURL"],
  ["jsdom.JSDOM", "fromURL"],
  ["goog.net.XhrIo", "send"],
];
const fetchers = [
  ...[
    "fetch",
    "window.fetch",
    "globalThis.fetch",
    "Request",
    "EventSource",
    "link-preview-js.getLinkPreview",
  ],
  ...[
    "open-graph-scraper",
    "metascraper",
    "axios.create().get",
    "axios.create().post",
    "axios.create().request",
  ],
  ...[
    "$fetch",
    "ofetch",
    "useFetch",
    "node-wget",
    "wget",
    "wget-improved.download",
    "image-downloader.image",
  ],
  ...clients.flatMap(([name, methods]) => [name, ...methods.split(" ").map((method) => `${name}.${method}`)]),
].join(" ");
/** Headless browsers and page renderers, which load what they are given. */
const browsers =
  ".goto .navigate .setContent .openUrl .evaluateJavaScript .evaluateOnNewDocument .addScriptTag .setDocumentContent " +
  ".compileScript .printToPDF .property .evaluate .open .loadURL .newPage().goto";
const browserModules =
  /puppeteer|playwright|phantom|chrome-remote-interface|wkhtmlto|html-pdf|nightmare|selenium|electron|chromeless/;
const converters =
  "wkhtmltopdf wkhtmltoimage.generate wkhtmltoimage html-pdf.create pdf.create html-pdf-node.generatePdf " +
  "node-html-to-image html-to-image webshot capture-website.file screenshot-desktop";

/** Whether an enclosing block sets a content type other than a page before the response. */
function isNoPage({ here, start }: CallSeen): boolean {
  const from = here.inside?.start ?? 0;
  const before = here.text.slice(from, start);
  const sets = [...before.matchAll(/content-type|contentType|\.type\(/gi)].reverse();
  for (const { index } of sets) {
    if (!surrounds(before, index)) continue;
    return !/html|svg|xml/i.test(before.slice(index, index + 80));
  }
  return /\.(type|contentType)\(\s{0,3}["'](text|json|txt|application\/json|text\/plain)/.test(
    here.text.slice(start, start + 200),
  );
}

/** Whether the block at an offset is still open at the end of the text. */
function surrounds(text: string, at: number): boolean {
  let depth = 0;
  const object =
    text.lastIndexOf("{", at) > text.lastIndexOf("(", at) &&
    text.lastIndexOf("(", at) > text.lastIndexOf(";", at);
  for (let index = at; index < text.length; index++) {
    if (text[index] === "{") depth += 1;
    else if (text[index] === "}") depth -= 1;
    if (depth < (object ? -1 : 0)) return false;
  }
  return true;
}

const answers =
  /^(res|resp|response|reply|ctx|context|c|h|.{0,60}\.(status|type|code|header|set|writeHead)\(\))\.(send|write|end|response|html)$/;

/** Whether a page shows untrusted text unescaped. */
function isReflected(seen: CallSeen): boolean {
  const { args, path } = seen;
  const [text] = args;
  if (text === undefined || text.entries !== undefined || !answers.test(path)) return false;
  // the object of all parameters is sent as JSON
  if (/^request\.(query|params|body|headers|json\(\))$/.test(text.path)) return false;
  // the visitor's own cookies, IP address and host name are harmless to others
  if (/request\.(cookies|signedCookies|ip|hostname)\b/.test(text.path)) return false;
  return !isNoPage(seen);
}

/** Whether untrusted text decides where an address leads. */
function leads(value: Value | undefined): boolean {
  if (value === undefined || carries(value, "redirect") !== 2) return false;
  return !hasFixedStart(value) && !isOwnAddress(value);
}

/** `location.href.split("?")[0]`: the page's own address without its query. */
function isOwnAddress({ path, lead, level }: Value): boolean {
  return (
    level > 0 &&
    /location(\.(href|toString\(\)|pathname))?(\.split\(\)\[\]|\.pathname)$|^location\.pathname/.test(path) &&
    (lead ?? "") === ""
  );
}

const elements =
  /^<(a|iframe|frame|script|form|button|input|embed|object|link|area|base|webview|WebView|Link|NextLink)>$/;
const kept =
  /(getElement|createElement|querySelector|\$\(\)|document\.|^el|^link|^a$|^anchor|^iframe|^frame|^script|^form|^img|^node)/;

/** A window, frame, link or form is directed to an untrusted address. */
function isClientMove({ form, path, name, value }: AssignSeen): boolean {
  if (!leads(value)) return false;
  if (form === "variable") return name === "location";
  if (form === "argument") return elements.test(path) && /^(href|src|action|formAction|url|data)$/.test(name);
  if (form === "entry") return path === "Location" || (name === "uri" && /WebView/.test(value.path));
  if (form !== "attribute") return false;
  if (name === "location" || /(^|\.)location\.href$/.test(path)) return true;
  return /^(href|src|action|formaction|formAction|data)$/.test(name) && kept.test(path);
}

/** Rules on servers. */
export const javascriptServerRules: readonly Rule[] = [
  {
    id: "javascript/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check the resolved path: const path = resolve(base, name); if (!path.startsWith(base + sep)) throw ...",
    literals: words("fs sendFile sendfile download readFile require render send Deno. Bun. sharp rimraf"),
    match: [
      reaches("path", 2, fileCalls),
      // `sendFile(name, { root })` stays below its root
      reaches("path", 2, senders, [0], ({ args: [name, options], receiver }) => {
        const root = options?.entries?.get("root");
        const isAnswer =
          /^(res|resp|response|reply|h|ctx)$/.test(receiver.path) ||
          /\.(status|type)\(\)$/.test(receiver.path);
        return (
          isAnswer &&
          (root === undefined
            ? !/[^\0]\/\0?$/.test(name?.lead ?? "") || name?.resolved === true
            : root.level === 2)
        );
      }),
      reaches(
        "path",
        2,
        "send koa-send .send fastify-static.send",
        [1],
        ({ args: [request] }) => request?.path === "request",
      ),
      reaches(
        "path",
        2,
        "fs.rename fs.copyFile fs.renameSync fs.copyFileSync fs.symlink fs.link fs.copy fs.move",
        [1],
      ),
      reaches(
        "path",
        2,
        ".render",
        [0],
        ({ receiver, args: [name] }) =>
          receiver.path === "response" || (/^res$/.test(receiver.path) && name?.entries === undefined),
      ),
      // the creator of an archive controls the names in it
      assigns(
        /^(templateUrl|filePath|fileName|filename)$/,
        ({ form, value }) =>
          form === "entry" &&
          carries(value, "path") === 2 &&
          value.constant === undefined &&
          /templateUrl/.test(value.path),
      ),
    ],
  },
  {
    id: "javascript/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check new URL(address).hostname against an allowlist first",
    literals: words(
      "fetch axios got request http needle superagent undici ky urllib jsdom JSDOM XhrIo goto navigate " +
        "setContent phantom puppeteer playwright wkhtmlto html-pdf chrome-remote open-graph wget",
    ),
    match: [
      reaches("url", 2, fetchers, [0], ({ args: [given] }) => decidesHost(address(given))),
      reaches("url", 2, "needle http.get https.get http.request https.request", [1], ({ args: [, given] }) =>
        given?.entries === undefined
          ? decidesHost(given) && given?.level === 2
          : ["host", "hostname", "url"].some((name) => given.entries?.get(name)?.level === 2),
      ),
      reaches("url", 1, browsers, ["*"], ({ args: [given, second], here, path }) => {
        const entry =
          given?.entries?.get("url") ?? given?.entries?.get("expression") ?? given?.entries?.get("html");
        const at = /\.property$/.test(path) ? second : (entry ?? given);
        const isOpen =
          at !== undefined &&
          at.level > 0 &&
          (at.entries === undefined || at.entries.size > 0) &&
          decidesHost(at);
        return (
          (isOpen || (second !== undefined && second.level > 0 && /\.evaluate$/.test(path))) &&
          importsOf(here, browserModules)
        );
      }),
      reaches("url", 1, converters),
    ],
  },
  {
    id: "javascript/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Take the target from an allowlist, or accept only local paths",
    literals: words(
      "redirect Redirect location Location href src= .src action Worker importScripts openExternal " +
        "openURL push( navigate window.open",
    ),
    match: [
      reaches(
        "redirect",
        2,
        ".redirect redirect permanentRedirect NextResponse.redirect Response.redirect .seeOther " +
          ".rewrite .permanentRedirect",
        [0, 1],
        ({ args }) => args.some(leads),
      ),
      assigns(/^(location|href|Location|src|action|formAction|formaction|data|url|uri)$/, isClientMove),
      reaches(
        "redirect",
        2,
        "window.location.assign window.location.replace location.assign location.replace window.open open " +
          "document.location.assign document.location.replace top.location.assign " +
          "top.location.replace self.location.assign " +
          "self.location.replace parent.location.assign parent.location.replace window.navigate " +
          "$location.url $location.path " +
          "Worker SharedWorker importScripts self.importScripts electron.shell.openExternal shell.openExternal " +
          "Linking.openURL history.push router.push router.replace Router.push useRouter().push useRouter().replace " +
          "next/router.useRouter().push next/router.useRouter().replace " +
          "next/navigation.useRouter().push navigate useNavigate() " +
          "react-router-dom.useNavigate() goto navigateTo $app/navigation.goto .navigateByUrl",
        [0],
        ({ args: [where] }) => leads(where),
      ),
      reaches("redirect", 2, ".setHeader .header .set .append .writeHead", [1], ({ args }) => {
        const at = args[1]?.entries?.get("Location") ?? args[1]?.entries?.get("location");
        return at === undefined ? says(args[0], /^(location|refresh)$/i) && leads(args[1]) : false;
      }),
      {
        // NestJS: `@Redirect() f(@Query("next") url) { return { url } }`
        returns: ({ value, here }) =>
          (here.inside?.marks ?? []).some(
            (mark) => mark.kind === "call" && mark.callee.kind === "name" && mark.callee.name === "Redirect",
          ) && leads(value.entries?.get("url")),
      },
    ],
  },
  {
    id: "javascript/html-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Tags and scripts in the input become part of the page.",
    fix: "Use a template that escapes, or escapeHtml(text)",
    literals: ["send", "write", ".end(", ".body", "Response", ".response(", ".html("],
    match: [
      reaches("html", 2, ".send .write .end .response .html", [0], isReflected),
      assigns(
        /^body$/,
        ({ form, path, value, here }) =>
          form === "attribute" &&
          /^(ctx|context|request|response)\.body$|\.response\.body$/.test(path) &&
          carries(value, "html") === 2 &&
          value.entries === undefined &&
          !aroundSays(here, /json|text\/plain/i) &&
          importsOf(here, /koa/i),
      ),
      reaches(
        "html",
        2,
        "Response NextResponse",
        [0],
        ({ args: [text, options], here }) =>
          text?.entries === undefined && aroundSays(here, /text\/html/) && options !== undefined,
      ),
    ],
  },
  {
    id: "javascript/cookie-open",
    cwe: 614,
    title: "Cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: "Set { httpOnly: true, secure: true, sameSite: 'lax' }",
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
  },
  {
    id: "javascript/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "medium",
    why: "Stack traces reveal files, versions and queries.",
    fix: "Log the error and return a generic message",
    literals: ["stack"],
    match: [calls(".send .json .end .write", ({ args }) => args.some((one) => comesFrom(one, /^!trace$/)))],
  },
];
