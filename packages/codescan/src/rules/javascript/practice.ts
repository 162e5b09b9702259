/**
 * @file JavaScript and TypeScript: insecure practice, which counts wherever it stands.
 *
 * @source meta-llama/PurpleLlama CodeShield/insecure_code_detector: its kinds for JavaScript and their CWE numbers
 */
import type { Rule } from "../../rule.ts";
import { is, says, varies } from "../conditions.ts";
import { assigns, calls, operates } from "../matches.ts";
import { practice } from "../practice.ts";

const readers =
  "readFile readFileSync writeFile writeFileSync appendFile appendFileSync createReadStream createWriteStream open " +
  "openSync readdir readdirSync unlink unlinkSync rm rmSync stat statSync access accessSync rename renameSync";
const files = readers
  .split(" ")
  .flatMap((name) => [`fs.${name}`, `fs.promises.${name}`, `node:fs.${name}`, `fs/promises.${name}`])
  .join(" ");

/** Rules on practice. */
export const javascriptPracticeRules: readonly Rule[] = [
  practice({
    id: "javascript/practice-open-request",
    cwe: 319,
    title: "A request that anybody on the way can read",
    why: "What is sent and what comes back can be read and changed.",
    fix: "https://",
    literals: ["http://"],
    match: [
      calls(
        "fetch axios axios.get axios.post axios.put axios.delete axios.request got request http.get http.request",
        ({ args: [address] }) => says(address, isOpen),
      ),
    ],
    bad: ["fetch('http://example.com/data').then(show);\n"],
    good: ["fetch('https://example.com/data').then(show);\n", "fetch('http://localhost:3000/data');\n"],
  }),
  practice({
    id: "javascript/practice-command",
    cwe: 78,
    title: "A command that goes through a shell",
    why: "Whoever can change a part of it runs commands.",
    fix: "execFile(program, [argument])",
    literals: ["exec"],
    match: [
      calls(
        "child_process.exec child_process.execSync node:child_process.exec node:child_process.execSync",
        ({ args: [text] }) => varies(text),
      ),
    ],
    bad: ["const { exec } = require('child_process');\nexec(settings.command);\n"],
    good: ["const { execFile } = require('child_process');\nexecFile('ls', ['-l']);\n"],
  }),
  practice({
    id: "javascript/practice-eval",
    cwe: 95,
    title: "Text that is evaluated as code",
    why: "Where the text comes from changes with the program.",
    fix: "JSON.parse for data, an object of functions for choices",
    literals: ["eval", "Function", "setTimeout", "setInterval", "require"],
    match: [
      calls("eval window.eval globalThis.eval Function vm.runInThisContext vm.runInNewContext", ({ args }) =>
        varies(args.at(-1)),
      ),
      { line: /(^|[^.\w$])require\(\s{0,9}[A-Za-z_$][\w$.]{0,80}\s{0,9}[)+]/ },
    ],
    bad: ["eval(source);\n", "const part = require(settings.part);\n"],
    good: ["JSON.parse(source);\n", "const fs = require('fs');\n"],
  }),
  practice({
    id: "javascript/practice-message",
    cwe: 346,
    title: "A message to every page, or from any",
    why: "Another page in the same window reads it, or sends one of its own.",
    fix: "Name the origin: target.postMessage(data, 'https://example.com')",
    literals: ["postMessage"],
    match: [calls(".postMessage postMessage", ({ args: [, origin] }) => is(origin, "*"))],
    bad: ["function tell(target) {\n  target.postMessage('ready', '*');\n}\n"],
    good: ["function tell(target) {\n  target.postMessage('ready', 'https://example.com');\n}\n"],
  }),
  practice({
    id: "javascript/practice-buffer",
    cwe: 908,
    title: "A buffer with what stood in memory before",
    why: "Parts that are not written hold keys and texts of others.",
    fix: "Buffer.alloc(size)",
    literals: ["allocUnsafe"],
    match: [calls("Buffer.allocUnsafe Buffer.allocUnsafeSlow buffer.Buffer.allocUnsafe")],
    bad: ["const a = Buffer.allocUnsafe(64);\n"],
    good: ["const a = Buffer.alloc(64);\n"],
  }),
  practice({
    id: "javascript/practice-new-buffer",
    cwe: 770,
    title: "A buffer as long as somebody says",
    why: "A number in place of a text takes that much memory, with what stood in it.",
    fix: "Buffer.from(text), Buffer.alloc(size)",
    literals: ["Buffer("],
    match: [calls("Buffer buffer.Buffer", ({ args: [content] }) => varies(content))],
    bad: ["const a = new Buffer(text);\n"],
    good: ["const a = Buffer.from(text);\n"],
  }),
  practice({
    id: "javascript/practice-unchecked-place",
    cwe: 119,
    title: "Bytes read or written without looking at the length",
    why: "What lies behind the buffer is read or changed.",
    fix: "Leave noAssert out",
    literals: ["readU", "readI", "writeU", "writeI", "readF", "writeF", "readD", "writeD"],
    match: [
      calls(
        ".readUInt8 .readUInt16LE .readUInt16BE .readUInt32LE .readUInt32BE .readInt8 .readInt16LE .readInt16BE " +
          ".readInt32LE .readInt32BE .readFloatLE .readFloatBE .readDoubleLE .readDoubleBE",
        ({ args: [, noAssert] }) => is(noAssert, true),
      ),
      calls(
        ".writeUInt8 .writeUInt16LE .writeUInt16BE .writeUInt32LE .writeUInt32BE .writeInt8 .writeInt16LE " +
          ".writeInt16BE .writeInt32LE .writeInt32BE .writeFloatLE .writeFloatBE .writeDoubleLE .writeDoubleBE",
        ({ args: [, , noAssert] }) => is(noAssert, true),
      ),
    ],
    bad: ["const a = bytes.readUInt16LE(at, true);\n"],
    good: ["const a = bytes.readUInt16LE(at);\n"],
  }),
  practice({
    id: "javascript/practice-markup",
    cwe: 79,
    title: "Markup put into a page without being escaped",
    why: "A part of it that somebody else wrote runs as script.",
    fix: "textContent, a framework's own braces, or DOMPurify.sanitize(text)",
    literals: ["dangerouslySetInnerHTML", "escapeMarkup", "innerHTML", "outerHTML", "document.write"],
    match: [
      assigns({ test: (name) => name === "escapeMarkup" }, ({ value }) => is(value, false)),
      assigns(
        { test: (name) => /^(innerHTML|outerHTML|__html)$/.test(name) },
        ({ value }) => varies(value) && !/sanitize|escape|purify/i.test(value.path),
      ),
    ],
    bad: ["template.escapeMarkup = false;\n", "place.innerHTML = card(1);\n"],
    good: [
      "place.textContent = card(1);\n",
      "place.innerHTML = '';\n",
      "place.innerHTML = DOMPurify.sanitize(text);\n",
    ],
  }),
  practice({
    id: "javascript/practice-file-name",
    cwe: 22,
    title: "A file whose name is not written down",
    why: "Whoever can change the name reads or writes another file.",
    fix: "Resolve the name in its folder, and refuse what lies outside",
    literals: ["readFile", "writeFile", "appendFile", "Stream", "readdir", "unlink", "open", "fs."],
    match: [calls(files, ({ args: [name] }) => varies(name))],
    bad: ["const fs = require('fs');\nfs.readFileSync(settings.file);\n"],
    good: ["const fs = require('fs');\nfs.readFileSync('settings.json');\n"],
  }),
  practice({
    id: "javascript/practice-pattern",
    cwe: 1333,
    title: "A pattern that is not written down",
    why: "Whoever can change it makes it run for hours.",
    fix: "A pattern that is written down, or text whose signs are escaped",
    literals: ["RegExp"],
    match: [calls("RegExp", ({ args: [pattern] }) => varies(pattern))],
    bad: ["const found = new RegExp(settings.pattern).test(text);\n"],
    good: ["const found = new RegExp('^a').test(text);\n", "const found = /^a/.test(text);\n"],
  }),
  practice({
    id: "javascript/practice-pseudo-random",
    cwe: 338,
    title: "Random bytes that can be guessed",
    why: "After some of them all others are known.",
    fix: "crypto.randomBytes(16)",
    literals: ["pseudoRandomBytes"],
    match: [calls("crypto.pseudoRandomBytes node:crypto.pseudoRandomBytes")],
    bad: ["const crypto = require('crypto');\nconst a = crypto.pseudoRandomBytes(16);\n"],
    good: ["const crypto = require('crypto');\nconst a = crypto.randomBytes(16);\n"],
  }),
  practice({
    id: "javascript/practice-timing",
    cwe: 208,
    title: "A secret that is compared sign by sign",
    why: "How long it takes tells how many signs were right.",
    fix: "crypto.timingSafeEqual(a, b)",
    literals: ["==="],
    match: [
      operates(
        "== !=",
        ({ operands }) =>
          operands.length === 2 &&
          operands.every(varies) &&
          operands.some(({ roots }) => roots.some((name) => secretName.test(name))),
      ),
    ],
    bad: ["function same(given, secret) {\n  return given === secret;\n}\n"],
    good: ["function same(given, secret) {\n  return crypto.timingSafeEqual(given, secret);\n}\n"],
  }),
];

const secretName = /^(password|secret|apiKey|token|hash|hmac|digest)$/i;

/** An address without encryption on another machine. */
const isOpen = /^http:\/\/(?!localhost|127\.|\[::1)/i;
