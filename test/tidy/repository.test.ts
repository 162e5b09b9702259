import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { listFiles, readText, root } from "./sources.ts";

const files = listFiles();
const textFiles = files.filter((path) =>
  /\.(ts|js|mjs|cjs|json|jsonl|md|py|sh|yaml|yml|html|css|txt)$/.test(path),
);
const pages = files.filter((path) => path.endsWith(".md"));
const manifest = manifestOf("package.json");
const packages = readdirSync(join(root, "packages")).map((name) =>
  manifestOf(`packages/${name}/package.json`),
);

/** Data that ships with the project, and golden files created by reference programs. */
const dataFolders = /(^|\/)(examples|golden|data)\//;

/** A path on a developer's machine, written so that this file does not match itself. */
const machinePath = /(^|[\s"'`(=:])\/(work|root|tmp|home\/[a-z]|Users\/[A-Za-z])[a-zA-Z]*\//;

describe("the repository", () => {
  it("has no file over 1 MB outside the data folders", () => {
    const big = files.filter((path) => !dataFolders.test(path) && statSync(join(root, path)).size > 1e6);
    expect(big).toEqual([]);
  });

  it("has no download address in its lock file", () => {
    expect(readText("package-lock.json")).not.toContain('"resolved": "http');
  });

  it("has no path of somebody's machine", () => {
    // cases of rules about code that opens files mention such paths, and so do the rules
    const spoken = textFiles.filter(
      (path) => !/^packages\/datacheck\/(src\/codescan\/rules|test\/cases)\//.test(path),
    );
    const found = spoken.flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, index) => (machinePath.test(line) ? [`${path}:${index + 1}`] : [])),
    );
    expect(found).toEqual([]);
    expect(machinePath.test(`cd ${"/ro"}ot/code`)).toBe(true);
  });
});

describe("links between pages", () => {
  it.each(pages)("%s: each leads to a file, or a heading, that is there", (page) => {
    expect(linksOf(readText(page)).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  it("are told apart from links that lead nowhere", () => {
    expect(linksOf("[a](b.md) [c](https://d.e) `[x](y)` [f](#g)")).toEqual(["b.md", "#g"]);
    expect(leadsSomewhere("README.md", "docs/STYLE.md")).toBe(true);
    expect(leadsSomewhere("docs/STYLE.md", "ARCHITECTURE.md#invariants")).toBe(true);
    expect(leadsSomewhere("docs/STYLE.md", "ARCHITECTURE.md#no-such-heading")).toBe(false);
    expect(leadsSomewhere("docs/STYLE.md", "docs/STYLE.md")).toBe(false);
  });
});

describe("decisions", () => {
  const decisions = readdirSync(join(root, "docs/decisions"));
  const text = decisions.map((name) => readText(`docs/decisions/${name}`)).join("\n");
  const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;
  const names = new Set(
    [manifest, ...packages].flatMap((one) => kinds.flatMap((kind) => Object.keys(one[kind] ?? {}))),
  );

  it.each([...names])("%s has one", (name) => {
    expect(text).toContain(`\`${name}\``);
  });

  it("are dated files", () => {
    expect(decisions.filter((name) => !/^\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  });

  it("keep the required run-time dependencies below fifteen", () => {
    expect(Object.keys(manifest.dependencies ?? {}).length).toBeLessThan(15);
  });
});

/** The packages are not published: the root's package contains their code, so it needs their dependencies. */
describe.each(packages)("the package $name", (one) => {
  it("has a page that begins with the words of its manifest", () => {
    const page = readText(`packages/${one.name.replace("@tunewise/", "")}/README.md`);
    expect(page.split("\n\n").slice(0, 2)).toEqual([`# ${one.name}`, one.description]);
  });

  it("is a private workspace of the root's version", () => {
    expect(one).toMatchObject({ private: true, version: manifest.version, engines: manifest.engines });
  });

  it.each(["dependencies", "optionalDependencies"] as const)("has its %s in the root's manifest", (kind) => {
    const foreign = Object.entries(one[kind] ?? {}).filter(([name]) => !name.startsWith("@tunewise/"));
    expect(manifest[kind]).toMatchObject(Object.fromEntries(foreign));
  });
});

/** The fields of `package.json` that this test reads. */
interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(path: string): Manifest {
  return JSON.parse(readText(path)) as Manifest;
}

/** Targets of links to files and headings of this repository, ignoring code spans and code blocks. */
function linksOf(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path, heading] = link.split("#");
  const target = path ? posix.join(dirname(page), path) : page;
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(readText(target)).includes(heading);
}

/** Headings and anchors of generated pages, in the form that links use. */
function headingsOf(text: string): string[] {
  const anchors = [...text.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id ?? "");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title ?? "")
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
  return [...headings, ...anchors];
}
