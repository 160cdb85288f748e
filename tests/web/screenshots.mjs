// Writes a picture of every step: screenshots.mjs OUT. Phone and desktop, light and dark, every language.

import { mkdirSync } from "node:fs";
import { device, launch } from "./browser.mjs";
import { stage, way } from "./stage.mjs";

const out = process.argv[2] ?? "target/screenshots";
const only = process.env.SELGE_ONLY?.split(",");
const LANGUAGES = [["et", "et-EE"], ["en", "en-GB"], ["ru", "ru-RU"], ["ar", "ar-EG"]];
const SHAPES = [
  ["phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
  ["desktop", { viewport: { width: 1280, height: 900 } }],
];
const runs = LANGUAGES.flatMap(([tag, locale]) => SHAPES.flatMap(([shape, options]) => ["light", "dark"].map((colorScheme) => ({ name: `${tag}-${shape}-${colorScheme}`, options: { ...options, locale, colorScheme } }))))
  .filter(({ name }) => !only || only.includes(name));

mkdirSync(out, { recursive: true });
const election = await stage(runs.map(() => "all"));
await election.tell("open");
const road = await way(election.board);
const browser = await launch();
for (const [at, { name, options }] of runs.entries()) {
  const { page, close } = await device(browser, options);
  let step = 0;
  const shot = async (what) => {
    step += 1;
    await page.evaluate(() => document.fonts.ready);
    // All of a step, but not all of a hundred candidates; what sticks to the screen's end is then at the page's end.
    const { width, height } = options.viewport;
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 2400)) });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${out}/${name}-${String(step).padStart(2, "0")}-${what}.png` });
    await page.setViewportSize({ width, height });
  };
  const next = () => page.locator("button.primary").click();
  await page.goto(road.url);
  await page.locator("ul.facts").waitFor();
  await shot("welcome");
  await next();
  await page.locator("#code").fill("selge1.wrong");
  await next();
  await page.locator("#fault").waitFor();
  await shot("wrong-code");
  await page.locator("#code").fill(election.voters[at].code);
  await next();
  await page.locator("#search").waitFor();
  await shot("candidates");
  await page.locator("#search").fill("kall");
  await page.getByRole("radio").locator("visible=true").first().check();
  await page.screenshot({ path: `${out}/${name}-${String(step).padStart(2, "0")}-search.png` });
  await next();
  await page.getByRole("radio").first().check();
  await shot("question");
  await next();
  for (const n of [0, 2, 3, 4]) await page.getByRole("checkbox").nth(n).check();
  await next();
  await page.locator("#fault").waitFor();
  await shot("too-many");
  await page.getByRole("checkbox").nth(4).uncheck();
  await page.getByRole("checkbox").nth(3).uncheck();
  await next();
  await page.getByRole("checkbox").nth(0).check();
  await shot("approve");
  await next();
  await page.locator(".rest button").nth(1).click();
  await page.locator(".rest button").nth(1).click();
  await shot("rank");
  await next();
  await page.getByRole("radio", { name: "5", exact: true }).first().check();
  await page.getByRole("radio", { name: "2", exact: true }).nth(1).check();
  await shot("score");
  await next();
  await page.locator(".reviewed").first().waitFor();
  await shot("review");
  road.mode = ({ url }) => (url.endsWith("/Submit") ? "drop" : "pass");
  await next();
  await page.locator(".note:not([hidden])").waitFor();
  await shot("no-connection");
  road.mode = () => "pass";
  await page.locator("output.tracker").waitFor();
  await shot("recorded");
  await close();
}
await browser.close();
await road.close();
await election.end();
console.log(`screenshots of ${runs.length} devices in ${out}`);
