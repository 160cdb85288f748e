// Writes a picture of every view of the auditor's page: audit_screenshots.mjs OUT. Phone and desktop, light and dark, every language.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpus, page as built, verdict } from "./auditor.mjs";
import { device, launch } from "./browser.mjs";
import { still } from "./still.mjs";

const out = process.argv[2] ?? "target/screenshots/audit";
const only = process.env.SELGE_ONLY?.split(",");
const LANGUAGES = [["et", "et-EE"], ["en", "en-GB"], ["ru", "ru-RU"], ["ar", "ar-EG"]];
const SHAPES = [
  ["phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
  ["desktop", { viewport: { width: 1280, height: 900 } }],
];
const runs = LANGUAGES.flatMap(([tag, locale]) => SHAPES.flatMap(([shape, options]) => ["light", "dark"].map((colorScheme) => ({ name: `${tag}-${shape}-${colorScheme}`, options: { ...options, locale, colorScheme } }))))
  .filter(({ name }) => !only || only.includes(name));
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
  let step = 0;
  const shot = async (what) => {
    step += 1;
    const { width, height } = options.viewport;
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 3000)) });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${out}/${name}-${String(step).padStart(2, "0")}-${what}.png` });
    await page.setViewportSize({ width, height });
  };
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
