/**
 * @file Takes a screenshot of the top of a run's report for the README, with a headless Chromium.
 *
 *     node tools/picture-report.mjs RUN_FOLDER/report.html docs/images/report.png [CHROMIUM]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [report, picture, chromium = "chromium"] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "tunewise-picture-"));
mkdirSync(dirname(picture), { recursive: true });
const { status, stderr } = spawnSync(
  chromium,
  [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", `--user-data-dir=${profile}`],
    ...["--window-size=1100,1180", `--screenshot=${resolve(picture)}`, pathToFileURL(resolve(report)).href],
  ],
  { encoding: "utf8" },
);
rmSync(profile, { recursive: true, force: true });
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
