// What holds on every step: no violation that axe-core finds, nothing wider than the screen, targets that can be hit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 A and AA, and good practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/** Smallest side of a target (WCAG 2.2, 2.5.8). */
const TARGET = 24;

export async function accessible(page, step) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
  const shown = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map((node) => `${node.html}\n      ${node.failureSummary}`).join("\n    ")}`);
  assert.equal(shown.length, 0, `${step}:\n  ${shown.join("\n  ")}`);
}

export async function sized(page, step) {
  const found = await page.evaluate((least) => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const small = [...document.querySelectorAll("button, input, select, textarea, summary, a[href]")].filter((element) => {
      // What surrounds a control and acts for it is the target.
      const target = element.closest("label.option, label.score") ?? element;
      const box = target.getBoundingClientRect();
      return box.width > 1 && (box.width < least || box.height < least);
    }).map((element) => element.outerHTML);
    const out = [...document.querySelectorAll("main *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
    }).map((element) => element.outerHTML.slice(0, 200));
    return { wide, small, out };
  }, TARGET);
  assert.deepEqual(found, { wide: 0, small: [], out: [] }, step);
}
