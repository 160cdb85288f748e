// What pictures of both pages share: the devices, and how a step is taken.

const LANGUAGES = [["et", "et-EE"], ["en", "en-GB"], ["ru", "ru-RU"], ["ar", "ar-EG"]];
const SHAPES = [
  ["phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
  ["desktop", { viewport: { width: 1280, height: 900 } }],
];

/** Every language, phone and desktop, light and dark; or those that SELGE_ONLY names, such as `et-phone-light,ar-desktop-dark`. */
export function devices() {
  const only = process.env.SELGE_ONLY?.split(",");
  const all = LANGUAGES.flatMap(([tag, locale]) => SHAPES.flatMap(([shape, options]) => ["light", "dark"].map((colorScheme) => ({ name: `${tag}-${shape}-${colorScheme}`, options: { ...options, locale, colorScheme } }))));
  return all.filter(({ name }) => !only || only.includes(name));
}

/** Takes pictures of one device's steps, numbered: each as a whole up to `longest` pixels, or what the screen shows. */
export function camera(out, { name, options }, longest) {
  let step = 0;
  return async (what, page, { whole = true } = {}) => {
    step += 1;
    const path = `${out}/${name}-${String(step).padStart(2, "0")}-${what}.png`;
    await page.evaluate(() => document.fonts.ready);
    if (!whole) { await page.screenshot({ path }); return; }
    // All of a step, but not all of a hundred candidates; what sticks to the screen's end is then at the page's end.
    const { width, height } = options.viewport;
    const length = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, Math.min(length, longest)) });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path });
    await page.setViewportSize({ width, height });
  };
}
