/** @file Rust rules: files, pages, redirects, requests to other hosts, cookies, other origins, logs. */

import type { CallSeen, Here } from "../../engine/seen.ts";
import { carries, isBuilt, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, hasFixedHost, is, isA, says, shaped } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { calls, reaches, words } from "../matches.ts";
import { around } from "./run.ts";

const opens =
  "fs.read fs.read_to_string fs.write fs.remove_file fs.remove_dir fs.remove_dir_all fs.create_dir " +
  "fs.create_dir_all fs.copy " +
  "fs.rename fs.read_dir fs.File.open fs.metadata fs.hard_link fs.soft_link fs.symlink File.open " +
  "File.create File.create_new " +
  "File.options read_to_string remove_file remove_dir_all create_dir_all NamedFile.open " +
  "NamedFile.open_async .open " +
  "OpenOptions.new().open ServeFile.new tokio.fs.read image.open fs.set_permissions read_dir";

/** The function checks where the path leads before it uses it. */
const looks =
  /canonicalize\(|\.components\(\)|contains\(\s{0,3}"\.\."|Component::|sanitize|\.file_name\(\)|starts_with\(/;

function isUnlooked({ here }: CallSeen): boolean {
  return !looks.test(around(here));
}

/** Parameters that hold a file name and are meant to stay below a directory. */
const fileNames =
  /^((file|user|template|image)?_?name|requested_?\w{0,10}|page|doc\w{0,10}|(rel|sub)?_?path|file)$/i;

function isBelowFolder(value: Value | undefined): boolean {
  return (
    value?.level === 1 &&
    carries(value, "path") > 0 &&
    comesFrom(value, fileNames) &&
    shaped(value, /^[^\0]{0,200}[\w/\\\0]\/{0,2}\0|^\0\/\0$/) &&
    !/^\0$/.test(value.shape ?? "")
  );
}

const fetchers =
  "reqwest.get blocking.get reqwest.blocking.get ureq.get ureq.post ureq.put ureq.request surf.get " +
  "surf.post isahc.get attohttpc.get " +
  "minreq.get Client.new().get Client.new().post Client.new().put Client.new().delete " +
  "Client.new().head Client.new().request " +
  "client.get client.post client.put client.delete client.request .client.get .client.post " +
  "http_client.get Client.get " +
  "Client.builder().build().get Client.default().get TcpStream.connect connect_async awc.Client.default().get";

function isFetch({ args, here }: CallSeen): boolean {
  const to = args.find((one) => carries(one, "url") > 0);
  if (to === undefined || hasFixedHost(to)) return false;
  if (/\.host_str\(\)|\.host\(\)|\.domain\(\)|allowed|ALLOWED|whitelist/i.test(around(here))) return false;
  return (
    to.level === 2 ||
    (comesFrom(to, /^(\w{0,20}(url|uri|host|address|endpoint|link|target|domain))$/i) &&
      /\bpub (async )?fn\b/.test(headOf(here)))
  );
}

function headOf({ inside, text }: Here): string {
  return inside === undefined ? "" : text.slice(inside.start, inside.start + 80);
}

const cookieName = /sess|sid|token|auth|jwt|login|user|remember|secret/i;

/** Rules on the web. */
export const rustWebRules: readonly Rule[] = [
  {
    id: "rust/path-from-outside",
    cwe: 22,
    title: "Path traversal: file name from untrusted input",
    severity: "high",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check the path: let path = base.join(name).canonicalize()?; if !path.starts_with(&base) { return Err(...) }",
    literals: ["fs::", "File", "open", "read_to_string", "remove_"],
    match: [reaches("path", 2, opens, [0, 1], isUnlooked)],
  },
  {
    id: "rust/path-from-parameter",
    cwe: 22,
    title: "Path traversal: parameter joined to a directory without a check",
    severity: "medium",
    why: "`../` in the name escapes the intended directory.",
    fix: "Check the path: let path = base.join(name).canonicalize()?; if !path.starts_with(&base) { return Err(...) }",
    literals: ["fs::", "File", "open", "read_to_string", "remove_"],
    match: [reaches("path", 1, opens, [0], (seen) => isUnlooked(seen) && isBelowFolder(seen.args[0]))],
  },
  {
    id: "rust/archive-anywhere",
    cwe: 22,
    title: "Path traversal: archive extracted with its own entry names (Zip Slip)",
    severity: "high",
    why: "Entry names with `../` write files outside the target directory.",
    fix: "Use entry.enclosed_name(), or unpack_in from tar",
    literals: ["ZipArchive", "tar::", "Archive"],
    match: [
      calls("File.create fs.write fs.create_dir_all create_dir_all .unpack", ({ here, path }) => {
        const source = around(here);
        const isNamed =
          /\.(name|mangled_name|path|raw_name)\(\)/.test(source) && /\.join\(|format!/.test(source);
        if (!/ZipArchive|by_index|\.entries\(\)/.test(source) || !isNamed) return false;
        return (
          !/enclosed_name|unpack_in|starts_with|components\(\)|canonicalize/.test(source) &&
          (path !== ".unpack" || /join/.test(source))
        );
      }),
    ],
  },
  {
    id: "rust/page-from-outside",
    cwe: 79,
    title: "Cross-site scripting (XSS): untrusted input in a page",
    severity: "high",
    why: "Markup in the input runs as script in the user's browser.",
    fix: "Use html_escape::encode_text(&text) or a template that escapes",
    literals: ["Html", "html", "body(", "PreEscaped"],
    match: [
      reaches(
        "html",
        2,
        "Html reply.html warp.reply.html content.RawHtml RawHtml PreEscaped maud.PreEscaped Markup content.Html response.Html",
      ),
      reaches(
        "html",
        2,
        ".body .set_body",
        [0],
        ({ args: [text], here, start, end }) =>
          (text !== undefined && isBuilt(text) && shaped(text, /<\s{0,3}\/?[a-z][a-z0-9]{0,10}[\s>\0]/i)) ||
          /text\/html|ContentType::html|TEXT_HTML/.test(here.text.slice(start, end)),
      ),
    ],
  },
  {
    id: "rust/redirect-from-outside",
    cwe: 601,
    title: "Open redirect: target from untrusted input",
    severity: "medium",
    why: "A link to this site can send users to any other site.",
    fix: "Accept only local paths: text.starts_with('/') && !text.starts_with(\"//\")",
    literals: ["Redirect", "redirect", "ocation", "LOCATION"],
    match: [
      reaches(
        "redirect",
        2,
        "Redirect.to Redirect.temporary Redirect.permanent Redirect.found Redirect.see_other Redirect.moved " +
          "warp.redirect redirect.found " +
          "redirect.see_other redirect redirect.temporary web.Redirect.to Redirect.new",
        [0, 1],
        ({ args }) => args.some((one) => carries(one, "redirect") === 2 && !hasFixedHost(one)),
      ),
      calls(".append_header .insert_header .header", ({ args }) => {
        const [first, second] = args;
        const [name, to] = first?.entries === undefined ? [first, second] : [...first.entries.values()];
        const isPlace = says(name, /^location$/i) || isA(name, /LOCATION$/);
        return isPlace && carries(to, "redirect") === 2 && !hasFixedHost(to);
      }),
    ],
  },
  {
    id: "rust/address-from-outside",
    cwe: 918,
    title: "Server-side request forgery (SSRF): URL from untrusted input",
    severity: "high",
    why: "An attacker can make the server send requests to its internal network.",
    fix: "Check Url::parse(url)?.host_str() against an allowlist first",
    literals: words("reqwest ureq surf isahc Client client TcpStream connect_async minreq attohttpc"),
    match: [reaches("url", 1, fetchers, [0, 1], isFetch)],
  },
  {
    id: "rust/cookie-open",
    cwe: 614,
    title: "Session cookie without Secure or HttpOnly",
    severity: "medium",
    why: "The cookie is sent over plain HTTP, or scripts can read it.",
    fix: 'Use Cookie::build(("session", token)).secure(true).http_only(true)',
    literals: ["ookie"],
    match: [
      calls(
        ".secure .http_only .set_secure .set_http_only .cookie_secure .cookie_http_only .with_secure .with_http_only",
        ({ args: [on], receiver, path }) =>
          is(on, false) && (/[cC]ookie|Session/.test(receiver.path) || /cookie_/.test(path)),
      ),
      calls("Cookie.new Cookie.build", ({ args: [first], here }) => {
        const name = first?.entries === undefined ? first : first.entries.get("0");
        const source = around(here);
        if (!says(name, cookieName)) return false;
        return !(
          /secure\(\s{0,3}(true|Some\(true\))/.test(source) &&
          /http_only\(\s{0,3}(true|Some\(true\))/.test(source)
        );
      }),
    ],
  },
  {
    id: "rust/origin-any",
    cwe: 942,
    title: "CORS allows any origin",
    severity: "medium",
    why: "Scripts on any website can read the service's responses to its users.",
    fix: 'Name the allowed origin: .allowed_origin("https://app.example.org")',
    literals: ["Cors", "allow_origin", "ACCESS_CONTROL", "Access-Control", "cors"],
    match: [
      calls("Cors.permissive CorsLayer.permissive CorsLayer.very_permissive CorsOptions.default().to_cors"),
      calls(".allow_any_origin", ({ here }) => fileSays(here, /supports_credentials|allow_credentials/)),
      calls(
        ".allow_origin",
        ({ args: [first], here }) =>
          isA(first, /(^|\.)(Any|any\(\)|mirror_request\(\))$/) &&
          fileSays(here, /allow_credentials\(\s{0,3}true/),
      ),
      calls(".append_header .insert_header .header .set_raw_header", ({ args }) => {
        const [first, second] = args;
        const [name, value] = first?.entries === undefined ? [first, second] : [...first.entries.values()];
        return says(name, /^access-control-allow-origin$/i) && (says(value, /^\*$/) || value?.level === 2);
      }),
    ],
  },
  {
    id: "rust/error-shown",
    cwe: 209,
    title: "Error details exposed to clients",
    severity: "low",
    why: "Error messages reveal files, versions and queries.",
    fix: "Log the error and return a generic message",
    literals: ["Err(", "map_err"],
    match: [
      calls(
        ".body .json",
        ({ args, receiver }) =>
          /^HttpResponse\.(InternalServerError|BadGateway|ServiceUnavailable)\(\)/.test(receiver.path) &&
          args.some((one) => comesFrom(one, /^!trace$/)),
      ),
    ],
  },
  {
    id: "rust/log-from-outside",
    cwe: 117,
    title: "Log injection: untrusted input in a log",
    severity: "low",
    why: "Line breaks in the input forge log entries.",
    fix: 'Use info!("user {:?}", text), which escapes line breaks',
    literals: ["info!", "warn!", "error!", "debug!", "trace!"],
    match: [
      calls(
        "info! warn! error! debug! trace! log.info! log.warn! log.error! log.debug! log.trace! tracing.info! " +
          "tracing.warn! tracing.error! " +
          "tracing.debug! tracing.trace!",
        ({ args: [text], here, start, end }) =>
          carries(text, "log") === 2 && !/\{\w{0,30}:#?\?\}/.test(here.text.slice(start, end)),
      ),
    ],
  },
];
