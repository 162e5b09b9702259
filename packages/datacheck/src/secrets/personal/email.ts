/** @file Email addresses of people. Excludes role accounts and examples. */
import { isAlphanumeric } from "../alphabet.ts";
import type { Span } from "../rule.ts";

/**
 * Mailboxes of roles and machines.
 *
 * @source RFC 2142, sections 3 to 6, and those of senders that take no answer
 */
const offices = new Set(
  `info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp
  noreply no-reply donotreply do-not-reply mailer-daemon bounce git root admin administrator contact hello
  help office team press jobs billing privacy legal feedback notifications service services mail hr
  careers licensing`.split(/\s+/),
);

/** First words of invented names, with optional suffixes. */
const invented = new Set(
  `your my some any the a an fake dummy sample test demo foo bar baz user username email mail example name
  first firstname last lastname someone somebody nobody person me you x xx xxx abc john jane alice bob joe
  jdoe johndoe janedoe johnsmith smith doe e account address login yourname`.split(/\s+/),
);

/** Invented and generic hosts. */
const inventedHosts = new Set(
  `example test invalid localhost local internal lan foo bar baz acme domain company email website site
  host hostname server contoso fabrikam northwind mailinator sample placeholder xyz abc xxx mydomain
  mycompany mysite myhost somewhere somedomain anywhere sentry noreply`.split(/\s+/),
);

/** Bits per character: 1 if allowed before the `@`, 2 if allowed in a host's labels, 3 for both. */
const allowed = new Uint8Array(128);
for (const one of "._%+'-") allowed[one.charCodeAt(0)] = one === "-" ? 3 : 1;
for (let code = 0; code < 128; code++) if (isAlphanumeric(code)) allowed[code] = 3;
const isLocal = (code: number): boolean => ((allowed[code] ?? 0) & 1) !== 0;
const isLabel = (code: number): boolean => ((allowed[code] ?? 0) & 2) !== 0;

/** The address around an `@`, or `null`. */
export function readEmail(text: string, at: number): Span | null {
  let start = at;
  while (at - start < 64 && isLocal(text.charCodeAt(start - 1))) start--;
  while (start < at && !isAlphanumeric(text.charCodeAt(start))) start++;
  if (start > 0 && text[start - 1] === "\\" && at - start > 1 && /[nrt]/.test(text[start] ?? "")) start++;
  const end = endOfHost(text, at + 1);
  if (start === at || end === -1) return null;
  const local = text.slice(start, at).toLowerCase();
  const host = text.slice(at + 1, end).toLowerCase();
  if (local.endsWith(".") || local.includes("..")) return null;
  if (!topLevels.has(host.slice(host.lastIndexOf(".") + 1)) || isInvented(local, host)) return null;
  if (/[(:/=]/.test(text[end] ?? " ") && text[end + 1] !== " ") return null; // a call, `git@host:path`, a URL
  if (
    /[:/]$/.test(text.slice(Math.max(0, start - 1), start)) &&
    /:\/\/[^\s"'<>]{0,100}$/.test(text.slice(Math.max(0, start - 110), start))
  )
    return null;
  return { start, end };
}

function isInvented(local: string, host: string): boolean {
  if (offices.has(local)) return true;
  const words = local.split(/[._+-]/).map((word) => word.replace(/\d{1,4}$/, ""));
  if (words.every((word) => word === "" || invented.has(word))) return true;
  const labels = host.split(".");
  return labels.slice(0, -1).some(isInventedLabel);
}

function isInventedLabel(label: string): boolean {
  return inventedHosts.has(label) || label.startsWith("example") || label.startsWith("your");
}

/** The end of a host name, whose last label has at least two letters; -1 if there is none. */
function endOfHost(text: string, start: number): number {
  let end = start;
  let dot = -1;
  for (; end - start < 200; end++) {
    const code = text.charCodeAt(end);
    if (code === 46) {
      if (!isAlphanumeric(text.charCodeAt(end - 1)) || !isLabel(text.charCodeAt(end + 1))) break;
      dot = end;
    } else if (!isLabel(code)) break;
  }
  const last = text.slice(dot + 1, end);
  return dot > start && /^[A-Za-z]{2,18}$/.test(last) ? end : -1;
}

const countries =
  "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";
const general =
  "com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel tel cat asia post xxx app dev page blog cloud online site tech store shop email mail xyz club live life world today news media agency studio design digital solutions systems network software company group team work expert consulting site space website top icu vip link fun host press wiki center global zone social chat gmbh academy school university health care law finance bank capital ventures berlin london paris nyc tokyo";

/** Top-level domains in lower case, without the dot. */
const topLevels: ReadonlySet<string> = new Set(`${countries} ${general}`.split(" "));
