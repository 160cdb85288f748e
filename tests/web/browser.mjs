// The browser: Debian's Chromium, driven by playwright-core.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Long enough for a slow machine that others share. */
export const PATIENCE = Number(process.env.SELGE_PATIENCE ?? 120000);

export async function launch() {
  const places = [process.env.SELGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].filter(Boolean);
  const executablePath = places.find((place) => existsSync(place));
  if (!executablePath) throw new Error("there is no Chromium: run 'sudo apt-get install chromium', or set SELGE_CHROMIUM to one, and try again");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath, headless: true, args });
}

/** A device: a context of its own, with a page. What goes wrong on it unheard is kept. */
export async function device(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Tallinn", reducedMotion: "reduce", viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") trouble.push(message.text()); });
  return { context, page, trouble, close: () => context.close() };
}
