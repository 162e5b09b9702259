/**
 * @file Findings of the code scanner in well-maintained packages of seven languages, in developed and held-out halves.
 *
 *     npx tsx bench/inspect/well-kept.mjs FOLDER [--part developed|kept] [--language NAME ...] [--list] [--medium]
 *
 * FOLDER contains the sources of the packages below as LANGUAGE/PACKAGE: Python wheels (`pip download --no-deps`), npm
 * tarballs (`npm pack`), Debian 12 sources (`apt-get source`), and C# from public repositories. The hash of a package's
 * name decides which half it is in; the hash of file names decides which files are read, at most 30 per package. Tests,
 * examples, copies of other projects, and hidden, minified and generated files are excluded. Review each reported
 * finding by hand: some are real.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { openScanner } from "@tunewise/datacheck/codescan";
import { checkedPart, hashOf, isInPart } from "./part.mjs";

const packages = {
  python:
    "mailman supervisor streamlink buildbot certbot awscli pelican scrapy twisted mercurial httpie salt-lint celery " +
    "tornado paramiko gunicorn django-debug-toolbar wagtail django-cms locust mitmproxy yt-dlp nikola ansible-core " +
    "kombu dulwich invoke fabric jrnl khal vdirsyncer radicale isso qutebrowser",
  javascript:
    "adonisjs-core agenda bull fastify forever ghost grunt hapi-hapi hexo http-server ioredis " +
    "json-server karma knex koa log4js mongoose mysql2 node-red-nodes nodemailer parse-server passport " +
    "pm2 restify sails sequelize shelljs socket.io verdaccio winston",
  java: "freeplane jedit jetty9 jsoup libpdfbox2-java libspring-java logback maven netty tomcat10 zookeeper",
  go:
    "caddy crowdsec etcd fzf golang-github-gin-gonic-gin golang-github-labstack-echo " +
    "golang-github-xenolf-lego hugo influxdb prometheus rclone restic syncthing",
  php:
    "composer doctrine dokuwiki mediawiki php-laravel-framework php-monolog php-twig phpmyadmin " +
    "roundcube symfony tt-rss",
  csharp:
    "blogengine-net dbus-sharp fluentvalidation hangfire identityserver4 jellyfin keepass2 mailkit nlog " +
    "npgsql nunit ocelot polly quartznet restsharp ssh-net",
};

const maxFilesPerPackage = 30;
const maxBytes = 200_000;
const endings = {
  python: { ".py": "python" },
  javascript: { ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".ts": "typescript" },
  java: { ".java": "java" },
  go: { ".go": "go" },
  php: { ".php": "php" },
  csharp: { ".cs": "csharp" },
};
const folders =
  /(?:^|[/._-])(?:tests?|testing|testdata|specs?|examples?|samples?|benchmarks?|docs?|demos?|debian)(?:[/._-]|$)/i;
const copies = /(?:^|[/._-])(?:node_modules|vendor|third_party|dist|bundles?|generated)(?:[/._-]|$)/i;
const files = /\.min\.|_test\.go$|Tests?\.(?:java|cs|php)$|\.d\.ts$|\.pb\.go$|\.[Dd]esigner\.cs$/;
const isLeftOut = (path) =>
  /(?:^|\/)\./.test(path) || folders.test(path) || copies.test(path) || files.test(path);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    part: { type: "string", default: "developed" },
    language: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    medium: { type: "boolean", default: false },
  },
});
const [root = ""] = positionals;
const part = checkedPart(values.part);
const scanner = await openScanner();
const all = { files: 0, lines: 0, high: 0, medium: 0, low: 0 };
for (const [language, names] of Object.entries(packages)) {
  if (values.language !== undefined && !values.language.includes(language)) continue;
  const counts = { packages: 0, files: 0, lines: 0, high: 0, medium: 0, low: 0 };
  for (const name of names.split(" ").sort()) {
    const folder = join(root, language, name);
    if (!isInPart(part, `well-kept ${name}`)) continue;
    if (!existsSync(folder)) {
      console.log(`  not there: ${folder}`);
      continue;
    }
    counts.packages += 1;
    for (const path of drawn(folder, language)) judge(path, endings[language][extname(path)], counts);
  }
  say(language, counts);
  for (const key of Object.keys(all)) all[key] += counts[key];
}
say("all", all);
if (all.files === 0) {
  console.error(`no file of these packages below ${root || "FOLDER, which was not named"}`);
  process.exit(1);
}

/** Files of a package, selected by the hash of their names. */
function drawn(folder, language) {
  return [...filesIn(folder, folder)]
    .filter((path) => endings[language][extname(path)] !== undefined && statSync(path).size < maxBytes)
    .map((path) => ({ path, hash: hashOf(relative(folder, path)) }))
    .sort((a, b) => Buffer.compare(a.hash, b.hash))
    .slice(0, maxFilesPerPackage)
    .map(({ path }) => path);
}

function* filesIn(folder, base) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isLeftOut(relative(base, path))) continue;
    if (entry.isDirectory()) yield* filesIn(path, base);
    else if (entry.isFile() && statSync(path).size > 0) yield path;
  }
}

function judge(path, language, counts) {
  const text = readFileSync(path, "utf8");
  counts.files += 1;
  counts.lines += text.split("\n").length;
  for (const one of scanner.scanCode(text, language)) {
    counts[one.severity] += 1;
    if (values.list && (one.severity === "high" || (values.medium && one.severity === "medium")))
      console.log(`  ${one.severity} ${one.rule} ${relative(root, path)}:${one.line} ${one.excerpt}`);
  }
}

function say(title, counts) {
  const share = ((100 * counts.high) / counts.files).toFixed(2);
  console.log(`${title} (${part}): ${share} high per 100 files, ${JSON.stringify(counts)}`);
}
