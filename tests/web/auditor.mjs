// What a person does on the auditor's page, and what the command says of the same record.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { program, root } from "./suite.mjs";

export const page = process.env.SELGE_AUDIT_PAGE ?? `${root}target/audit-page`;

/** Writes the honest record of the corpus and these manipulated ones. */
export function corpus(folder, names) {
  execFileSync(program("corpus"), ["--out", folder, "--only", names.join(",")], { stdio: ["ignore", "ignore", "inherit"] });
}

/** A report without what differs from one run to the next. */
export function timeless(report) {
  return { ...report, seconds: 0, checks: report.checks.map((check) => ({ ...check, seconds: 0 })) };
}

/** The command's report of a record. */
export function command(record, election) {
  const done = spawnSync(program("auditor"), ["verify", record, "--json", "--quiet", ...(election ? ["--election", election] : [])], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  return timeless(JSON.parse(done.stdout));
}

/** Fills in the address and the election id, and begins. */
export async function check(page, { address, election }) {
  if (election) await page.getByLabel("Election id").fill(election);
  await page.getByLabel("Address of the record").fill(address);
  await page.getByRole("button", { name: "Fetch and check" }).click();
}

/** Opens the view that compares a voting page with its signed release, if it is not there, fills it in and begins. */
export async function compare(page, { address, key }) {
  const open = page.getByRole("button", { name: "Compare a voting page" });
  if (await open.count()) await open.click();
  await page.getByLabel("Address of the voting page").fill(address);
  await page.getByLabel("Public key of the release").fill(key);
  await page.getByRole("button", { name: "Fetch and compare" }).click();
}

/** The verdict that the page shows, when it does: `passed`, `failed` or `incomplete`. */
export async function verdict(page) {
  const shown = page.locator("section.verdict");
  await shown.waitFor();
  return (await shown.getAttribute("class")).split(" ").at(-1);
}

/** The report, saved as data. */
export async function saved(page, button = "Save the report as data (JSON)") {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFileSync(await download.path(), "utf8");
}
