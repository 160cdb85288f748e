// How long the auditor's page takes for a record: audit_bench.mjs FOLDER, with `record/` and the id in `summary.json`, as the demo
// leaves them. The record is served by plain files; what is measured is from the press of the button to the verdict.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check, page as built, saved, verdict } from "./auditor.mjs";
import { device, launch } from "./browser.mjs";
import { still } from "./still.mjs";

const GOAL_SECONDS = 60;

const folder = process.argv[2];
if (!folder) { console.error("usage: node audit_bench.mjs FOLDER, where the demo has left a record (make bench-page makes one)"); process.exit(2); }
const { election } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
const here = await still({ page: built, record: join(folder, "record") });
const browser = await launch();
const { page } = await device(browser, { acceptDownloads: true });
page.setDefaultTimeout(30 * 60 * 1000);
await page.goto(`${here.url}/page/`);
await page.locator("#address").waitFor();
const begun = Date.now();
await check(page, { address: `${here.url}/record`, election });
assert.equal(await verdict(page), "passed");
const seconds = (Date.now() - begun) / 1000;
const report = JSON.parse(await saved(page));
const cores = await page.evaluate(() => navigator.hardwareConcurrency);
const memory = await page.evaluate(() => performance.measureUserAgentSpecificMemory?.().then(({ bytes }) => bytes).catch(() => undefined)).catch(() => undefined);
const of = (id) => report.checks.find((check) => check.id === id).seconds.toFixed(1);
console.log(`${report.ballots.cast} ballots, ${report.entries} entries, ${report.contests.length} contests: ${seconds.toFixed(1)} s on ${cores} cores from the address to PASSED (goal for 10,000 ballots on 2 cores: ${GOAL_SECONDS} s${seconds > GOAL_SECONDS ? ", MISSED" : ""})`);
console.log(`of that, waited for signatures ${of("ENTRY-2")} s, ballots' proofs ${of("CAST-1")} s, mixes ${of("MIX-2")} s, decryptions ${of("DECRYPT-2")} s${memory ? `; ${(memory / 1e6).toFixed(0)} MB` : ""}`);
await browser.close();
await here.close();
