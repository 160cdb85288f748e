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
  const shot = async (what, on = page) => {
    step += 1;
    await on.evaluate(() => document.fonts.ready);
    // All of a step, but not all of a hundred candidates; what sticks to the screen's end is then at the page's end.
    const { width, height } = options.viewport;
    const whole = await on.evaluate(() => document.documentElement.scrollHeight);
    await on.setViewportSize({ width, height: Math.max(height, Math.min(whole, 2400)) });
    await on.evaluate(() => window.scrollTo(0, 0));
    await on.screenshot({ path: `${out}/${name}-${String(step).padStart(2, "0")}-${what}.png` });
    await on.setViewportSize({ width, height });
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
  // A second device, before and after casting.
  const second = await device(browser, options);
  await second.page.goto(road.url);
  await second.page.locator("button.secondary").click();
  await second.page.locator(".qr svg").waitFor();
  await shot("second-code", second.page);
  const code = (await second.page.locator("output.tracker span").allTextContents()).join("-");
  await page.locator("summary").click();
  await page.locator("#challenge").fill(code);
  await page.locator("details .actions").last().locator("button").click();
  await page.locator("output.tracker").waitFor();
  await shot("challenge");
  await page.locator("details .actions button").last().click();
  await second.page.locator(".seen .chosen").first().waitFor();
  await shot("second-opened", second.page);
  await page.locator("details p.note").waitFor();
  road.mode = ({ url }) => (url.endsWith("/Submit") ? "drop" : "pass");
  await next();
  await page.locator(".note:not([hidden])").waitFor();
  await shot("no-connection");
  road.mode = () => "pass";
  await page.locator("output.tracker").waitFor();
  await shot("recorded");
  await page.locator("details:has(#second) .actions button").last().click();
  await second.page.locator("h1.good").waitFor();
  await shot("second-heard", second.page);
  await second.page.locator("summary").click();
  await second.page.locator("details .actions button").first().click();
  await second.page.locator("#search").waitFor();
  await shot("second-practice", second.page);
  await second.close();
  await close();
}
await browser.close();
await road.close();
await election.end();
console.log(`screenshots of ${runs.length} devices in ${out}`);
