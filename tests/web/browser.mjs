// The browser: Debian's Chromium, driven by playwright-core.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Long enough for a slow machine that others share. */
export const PATIENCE = Number(process.env.SELGE_PATIENCE ?? 120000);

export async function launch(more = []) {
  const places = [process.env.SELGE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].filter(Boolean);
  const executablePath = places.find((place) => existsSync(place));
  if (!executablePath) throw new Error("there is no Chromium: run 'sudo apt-get install chromium', or set SELGE_CHROMIUM to one, and try again");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", ...more];
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

/** What a camera sees that looks at a QR code (rows of dark or light): two pictures of YUV4MPEG2, all shades of grey. */
export function video(rows) {
  const [width, height] = [640, 480];
  const size = Math.floor(height / rows.length);
  const picture = Buffer.alloc(width * height * 1.5, 128);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dark = rows[Math.floor(y / size)]?.[Math.floor((x - (width - height) / 2) / size)];
      picture[y * width + x] = dark ? 20 : 230;
    }
  }
  const frame = Buffer.concat([Buffer.from("FRAME\n"), picture]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`), frame, frame]);
}
