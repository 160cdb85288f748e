// Writes a picture of every view of the auditor's page: audit_screenshots.mjs OUT. Phone and desktop, light and dark, every language.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpus, page as built, verdict } from "./auditor.mjs";
import { device, launch } from "./browser.mjs";
import { camera, devices } from "./shots.mjs";
import { still } from "./still.mjs";

const out = process.argv[2] ?? "target/screenshots/audit";
const runs = devices();
const TAMPERED = ["ballot-replaced-by-the-second-mix", "mix-proof-withheld"];

mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "selge-audit-screenshots-"));
const records = join(folder, "corpus");
corpus(records, TAMPERED);
const { election } = JSON.parse(readFileSync(join(records, "honest/expected.json"), "utf8"));
const here = await still({ page: built, corpus: records });
const browser = await launch();
for (const { name, options } of runs) {
  const { page, close } = await device(browser, options);
  const take = camera(out, { name, options }, 3000);
  const shot = (what) => take(what, page);
  await page.goto(`${here.url}/page/`);
  await page.locator("#address").waitFor();
  await page.locator("#digest").waitFor();
  await shot("start");
  await page.locator("#election").fill("my election");
  await page.locator("#address").fill("http://127.0.0.1:9/");
  await page.locator("#address").press("Enter");
  await page.locator("#fault").waitFor();
  await shot("problem");
  await page.locator("#election").fill(election);
  for (const record of ["honest", ...TAMPERED]) {
    await page.locator("#address").fill(`${here.url}/corpus/${record}/record`);
    await page.locator("#address").press("Enter");
    if (record === "honest") {
      await page.locator("ol.steps").waitFor();
      await page.waitForTimeout(250);
      if (await page.locator("ol.steps").count()) await shot("running");
    }
    await verdict(page);
    await shot(record);
    await page.locator(".tools button").last().click();
    await page.locator("#address").waitFor();
  }
  await close();
}
await browser.close();
await here.close();
rmSync(folder, { recursive: true });
console.log(`screenshots of ${runs.length} devices in ${out}`);
