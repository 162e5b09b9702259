/** @file For tests: requirements on every artifact store, whatever its backend. */
import { Readable } from "node:stream";
import type { ArtifactStore } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";

/** Reads a stream as text. */
export async function text(content: Readable | undefined): Promise<string | undefined> {
  return content && Buffer.concat(await content.toArray()).toString();
}

/** A stream of texts; an `Error` aborts it. */
export function streamOf(...parts: (string | Uint8Array | Error)[]): Readable {
  return Readable.from(
    (async function* () {
      for (const part of parts) {
        if (part instanceof Error) throw part;
        yield Buffer.from(part as string);
      }
    })(),
  );
}

/** Defines the suite for one kind of store; `make` creates an empty store. */
export function testArtifactPort(name: string, isThere: boolean, make: () => Promise<ArtifactStore>): void {
  const testHere = test.skipIf(!isThere);
  describe(name, () => {
    testHere("files come back as they went in, whole or in part", async () => {
      const artifacts = await make();
      expect(await artifacts.put("r/b/two.txt", streamOf("hello ", "world"))).toBe(11);
      expect(await artifacts.put("r/empty", streamOf())).toBe(0);
      const whole = await artifacts.open("r/b/two.txt");
      expect([whole?.bytes, await text(whole?.content)]).toEqual([11, "hello world"]);
      const part = await artifacts.open("r/b/two.txt", { from: 6, to: 8 });
      expect([part?.bytes, await text(part?.content)]).toEqual([11, "wo"]);
      const end = await artifacts.open("r/b/two.txt", { from: 6, to: 11 });
      expect(await text(end?.content)).toBe("world");
      const empty = await artifacts.open("r/empty");
      expect([empty?.bytes, await text(empty?.content)]).toEqual([0, ""]);
      expect([await artifacts.size("r/b/two.txt"), await artifacts.size("r/empty")]).toEqual([11, 0]);
    });

    testHere("a file that comes again takes the place of the one before", async () => {
      const artifacts = await make();
      await artifacts.put("r/a.txt", streamOf("first, and longer"));
      await artifacts.put("r/a.txt", streamOf("second"));
      expect(await text((await artifacts.open("r/a.txt"))?.content)).toBe("second");
      expect(await artifacts.list("r")).toEqual([{ name: "a.txt", isFolder: false, bytes: 6 }]);
    });

    testHere("folders are listed by name, and only what lies right below", async () => {
      const artifacts = await make();
      for (const key of ["r/b/two.txt", "r/b/c/three", "r/a.txt", "rest/x", "r.txt"])
        await artifacts.put(key, streamOf("x"));
      expect(await artifacts.list("r")).toEqual([
        { name: "a.txt", isFolder: false, bytes: 1 },
        { name: "b", isFolder: true, bytes: 0 },
      ]);
      expect((await artifacts.list("")).map((entry) => entry.name)).toEqual(["r", "r.txt", "rest"]);
      expect(await artifacts.list("none")).toEqual([]);
      expect(await artifacts.list("r/a.txt")).toEqual([]);
    });

    testHere("what is not there is not there, and a folder is no file", async () => {
      const artifacts = await make();
      await artifacts.put("r/a.txt", streamOf("x"));
      expect([await artifacts.open("r/none"), await artifacts.open("r")]).toEqual([null, null]);
      expect([await artifacts.size("r/none"), await artifacts.size("r")]).toEqual([null, null]);
      expect(await artifacts.remove("none")).toBe(false);
    });

    testHere("a file or a folder is removed, and nothing beside it", async () => {
      const artifacts = await make();
      for (const key of ["r/b/x", "r/b/c/y", "r/bb", "r/a"]) await artifacts.put(key, streamOf("x"));
      expect([await artifacts.remove("r/b"), await artifacts.remove("r/b")]).toEqual([true, false]);
      expect((await artifacts.list("r")).map((entry) => entry.name)).toEqual(["a", "bb"]);
      expect([await artifacts.remove("r/a"), await artifacts.size("r/a")]).toEqual([true, null]);
    });

    testHere("names in any letters come back", async () => {
      const artifacts = await make();
      const names = [
        "Größe & co.txt",
        "a+b = c.txt",
        "it's (1)!.txt",
        "漢字 🙂.bin",
        "a.b..c",
        "~$,;@[]{}^`",
        ...[
          "dog%step%3%timestamp%17.png",
          'a:b*c"d<e>f|g?h#i',
          " both ends ",
          "dots...",
          "tab\there\u0085",
          "%41%-",
        ],
        ...["CON", "aux.tar.gz", ".tunewise-draft-1", "\u3000wide\u3000", "%", "A.txt", "a.txt", "\n\r"],
      ];
      for (const name of names) await artifacts.put(`r/${name}/${name}`, streamOf(name));
      for (const name of names) {
        expect(await artifacts.list(`r/${name}`)).toEqual([
          { name, isFolder: false, bytes: Buffer.byteLength(name) },
        ]);
        expect(await text((await artifacts.open(`r/${name}/${name}`))?.content)).toBe(name);
      }
      expect((await artifacts.list("r")).map((entry) => entry.name)).toEqual([...names].sort());
      for (const name of names) expect(await artifacts.remove(`r/${name}`)).toBe(true);
      expect(await artifacts.list("r")).toEqual([]);
    });

    testHere("names of any length come back", async () => {
      const artifacts = await make();
      const names = ["x".repeat(700), "x".repeat(699), `${"ü".repeat(300)}.png`, `${"\u0007".repeat(90)}. `];
      for (const name of names) await artifacts.put(`r/${name}`, streamOf(name));
      await artifacts.put(`r/${"z".repeat(400)}/b/c`, streamOf("deep"));
      const expected = [...names, "z".repeat(400)].sort();
      expect((await artifacts.list("r")).map((entry) => entry.name)).toEqual(expected);
      expect(await artifacts.list(`r/${"z".repeat(400)}`)).toEqual([{ name: "b", isFolder: true, bytes: 0 }]);
      for (const name of names) expect(await text((await artifacts.open(`r/${name}`))?.content)).toBe(name);
      expect(await artifacts.remove(`r/${"x".repeat(700)}`)).toBe(true);
      expect(await artifacts.size(`r/${"x".repeat(699)}`)).toBe(699);
      for (const name of expected) await artifacts.remove(`r/${name}`);
      expect(await artifacts.list("r")).toEqual([]);
    });

    testHere("an upload that breaks off leaves what was there before, and no rest of itself", async () => {
      const artifacts = await make();
      await artifacts.put("r/a.txt", streamOf("before"));
      const large = Buffer.alloc(9 * 1024 ** 2);
      for (const halves of [["half"], [large, large, large]]) {
        const broken = artifacts.put("r/a.txt", streamOf(...halves, new Error("gone")));
        await expect(broken).rejects.toMatchObject({
          code: "ARTIFACT_STORE_FAILED",
          cause: { message: "gone" },
        });
      }
      expect(await text((await artifacts.open("r/a.txt"))?.content)).toBe("before");
      expect(await artifacts.list("r")).toHaveLength(1);
    });
  });
}
