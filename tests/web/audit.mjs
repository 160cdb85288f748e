// The auditor's page as people use it: a real browser, records served as plain files, and the command's verdict beside the page's.
//
// node audit.mjs [PART OF A NAME]: without it, all. Needs the programs (cargo build --workspace --bins) and the page (make web).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check, command, corpus, page as built, saved, timeless, verdict } from "./auditor.mjs";
import { device, launch } from "./browser.mjs";
import { accessible, sized } from "./checks.mjs";
import { releaseTests } from "./release.mjs";
import { still } from "./still.mjs";
import { conclude, root, runAll } from "./suite.mjs";

const only = process.argv[2];

/** One of every kind: files, log, ballots, mixes, decryptions, votes, result. */
const TAMPERED = [
  "mix-proof-withheld", "text-beside-the-files", "roll-changed", "hash-tile-changed", "checkpoint-of-a-stranger", "range-proof-of-zeros",
  "copied-ballot", "cancelled-ballot-counted", "ballot-replaced-by-the-second-mix", "factors-of-a-share-made-up", "somebody-else-elected",
];

const folder = mkdtempSync(join(tmpdir(), "selge-audit-page-"));
const records = join(folder, "corpus");
corpus(records, TAMPERED);
const { election } = JSON.parse(readFileSync(join(records, "honest/expected.json"), "utf8"));
const honest = join(records, "honest/record");
const here = await still({ page: built, corpus: records });
const browser = await launch();
const address = (name) => `${here.url}/corpus/${name}/record`;
const opened = async (options = {}, url = `${here.url}/page/`, before = () => {}) => {
  const one = await device(browser, { acceptDownloads: true, ...options });
  await one.page.addInitScript(before);
  await one.page.goto(url);
  await one.page.locator("#address").waitFor();
  return one;
};
const fault = (page, text) => page.getByRole("alert").filter({ hasText: text }).waitFor();

/** Tries the page with something changed in it; `before` runs in it before its own scripts. */
async function changed(change, act, before) {
  here.change.set("/page/", (bytes) => {
    const text = bytes.toString("utf8");
    const other = change(text);
    assert.notEqual(other, text, "the page is no longer what this test changes");
    return Buffer.from(other);
  });
  const one = await opened({}, undefined, before);
  try {
    await check(one.page, { address: address("honest"), election });
    await act(one.page);
  } finally {
    here.change.clear();
    await one.close();
  }
}

/** Ends workers that ask for it, from outside, as a browser does that is short of memory. */
const ends = () => {
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => { if (data === "end me") this.terminate(); });
    }
  };
};

/** What a worker does at its first task: it computes without end, until it is ended from outside, or ends itself. */
const COMPUTES = 'self.postMessage("end me"); for (;;);';
const CLOSES = "self.close(); return;";
const AT_TASK = "if (broken) throw broken;";

const tests = {
  async "an honest record passes, and the page's report is the command's"() {
    const { page, trouble, close } = await opened();
    await accessible(page, "start");
    assert.equal(await page.locator("#digest").innerText(), createHash("sha256").update(readFileSync(join(built, "index.html"))).digest("hex"));
    await check(page, { address: address("honest"), election });
    assert.equal(await verdict(page), "passed");
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    await accessible(page, "a report");
    const report = timeless(JSON.parse(await saved(page)));
    assert.deepEqual(report, command(honest, election));
    assert.ok(report.checks.find(({ id }) => id === "ELECTION-2").status === "passed");
    // The saved page is one by itself.
    const whole = join(folder, "report.html");
    writeFileSync(whole, await saved(page, "Save the report as a page"));
    await page.goto(String(pathToFileURL(whole)));
    assert.equal(await verdict(page), "passed");
    assert.deepEqual(trouble, []);
    assert.deepEqual(await page.context().cookies(), []);
    await close();
  },

  async "every manipulated record gets the command's verdict"() {
    const { page, trouble, close } = await opened();
    // What an address serves and nobody speaks of is not fetched: that is found in folders alone.
    for (const name of TAMPERED.filter((name) => name !== "text-beside-the-files")) {
      const expected = JSON.parse(readFileSync(join(records, name, "expected.json"), "utf8"));
      await check(page, { address: address(name), election });
      assert.equal(await verdict(page), expected.verdict, name);
      const record = join(records, name, "record");
      const found = timeless(JSON.parse(await saved(page)));
      assert.deepEqual(found, command(record, election), name);
      assert.equal(found.checks.find(({ id }) => id === expected.check).status, expected.verdict === "failed" ? "failed" : "not_run", name);
      await page.getByRole("button", { name: "Check another record" }).click();
    }
    assert.deepEqual(trouble.filter((line) => !line.includes("404")), []);
    await close();
  },

  async "without an id, with another one, and with none that is one"() {
    const { page, close } = await opened();
    await check(page, { address: `${address("honest")}/checkpoint` });
    assert.equal(await verdict(page), "passed");
    assert.deepEqual(timeless(JSON.parse(await saved(page))), command(honest));
    await page.getByRole("button", { name: "Check another record" }).click();
    await check(page, { address: address("honest"), election: "0".repeat(64) });
    assert.equal(await verdict(page), "failed");
    assert.deepEqual(timeless(JSON.parse(await saved(page))), command(honest, "0".repeat(64)));
    await page.getByRole("button", { name: "Check another record" }).click();
    await check(page, { address: address("honest"), election: "my election" });
    await fault(page, "This is no election id.");
    await accessible(page, "a problem");
    assert.equal(await page.getByLabel("Address of the record").inputValue(), address("honest"), "what was filled in stays");
    await page.getByLabel("Election id").fill("");
    for (const [where, words] of [["", "This is no address"], ["elsewhere", "This is no address"], [`${here.url}/corpus/nowhere`, "There is no election record"], ["http://127.0.0.1:9/record", "The record cannot be fetched."]]) {
      await check(page, { address: where });
      await fault(page, words);
    }
    await close();
  },

  async "a record on another server is read if that server lets pages read"() {
    const [shut, open] = [await still({ corpus: records }), await still({ corpus: records }, { open: true })];
    const { page, close } = await opened();
    await check(page, { address: `${shut.url}/corpus/honest/record/`, election });
    await fault(page, "may not let other pages read it");
    await check(page, { address: `${open.url}/corpus/honest/record/`, election });
    assert.equal(await verdict(page), "passed");
    await close();
    await shut.close();
    await open.close();
  },

  async "a folder is checked where it is, also by a page opened from a disk"() {
    for (const url of [`${here.url}/page/`, String(pathToFileURL(join(built, "index.html")))]) {
      const { page, trouble, close } = await opened({}, url);
      here.asked.length = 0;
      await page.getByLabel("Election id").fill(election);
      // The folder, or the one that holds it, as the demo leaves it.
      for (const chosen of [honest, join(records, "honest")]) {
        await page.locator("#folder").setInputFiles(chosen);
        assert.equal(await verdict(page), "passed");
        assert.deepEqual(timeless(JSON.parse(await saved(page))), command(honest, election));
        await page.getByRole("button", { name: "Check another record" }).click();
      }
      await page.locator("#folder").setInputFiles(join(records, "text-beside-the-files/record"));
      assert.equal(await verdict(page), "failed");
      assert.deepEqual(timeless(JSON.parse(await saved(page))), command(join(records, "text-beside-the-files/record"), election));
      await page.getByRole("button", { name: "Check another record" }).click();
      await page.locator("#folder").setInputFiles(built);
      await fault(page, "This folder holds no election record.");
      assert.deepEqual(here.asked, [], "a folder is checked without asking anybody");
      assert.deepEqual(trouble, []);
      await close();
    }
  },

  async "a folder can be dropped"() {
    const { page, close } = await opened();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [honest], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
    assert.equal(await verdict(page), "passed");
    await close();
  },

  async "a worker that dies, answers garbage or says that all is well leaves the audit incomplete"() {
    const incomplete = async (page) => {
      assert.equal(await verdict(page), "incomplete");
      const report = JSON.parse(await saved(page));
      assert.equal(report.result, null);
      assert.ok(report.checks.some(({ missing }) => missing.some((line) => line.includes("the proofs were not checked"))));
      assert.ok(report.checks.every(({ status }) => status !== "failed"));
    };
    const answer = "port.postMessage({ number, answer: answer.blobs[0] }, [answer.blobs[0].buffer])";
    await changed((text) => text.replace(answer, "port.postMessage({ number, answer: crypto.getRandomValues(new Uint8Array(200)) })"), incomplete);
    await changed((text) => text.replace(answer, "port.postMessage({ number, answer: new Uint8Array([1, 0, 0, 0, 0, ...new Uint8Array(32)]) })"), incomplete);
    await changed((text) => text.replace(answer, "port.postMessage({ number: 0, answer: answer.blobs[0] })"), incomplete);
    // It ends with an error that it does not catch, at its first task.
    await changed((text) => text.replace("if (broken) throw broken;", "if (task) { setTimeout(() => { throw new Error('gone'); }); return; }"), incomplete);
    // Its memory is full.
    await changed((text) => text.replace("if (broken) throw broken;", "if (task) throw new RangeError('out of memory');"), incomplete);
  },

  async "a worker that ends without a word has its tasks done by another, and with none left the audit is incomplete"() {
    const passed = async (page) => {
      assert.equal(await verdict(page), "passed");
      assert.deepEqual(timeless(JSON.parse(await saved(page))), command(honest, election));
    };
    const incomplete = async (page) => {
      assert.equal(await verdict(page), "incomplete");
      const report = JSON.parse(await saved(page));
      assert.equal(report.result, null);
      const missing = report.checks.flatMap((check) => check.missing);
      assert.ok(missing.some((line) => line.includes("the worker ended: ")), missing.join("\n"));
      assert.ok(report.checks.every(({ status }) => status !== "failed"));
    };
    const first = 'task && self.name === "proofs-1"';
    for (const act of [COMPUTES, CLOSES]) {
      const change = (when) => (text) => text.replace(AT_TASK, `if (${when}) { ${act} } ${AT_TASK}`);
      await changed(change(first), passed, ends);
      await changed(change("task"), incomplete, ends);
    }
    // One that cannot go on, and says so.
    await changed((text) => text.replace(AT_TASK, `if (${first}) throw new RangeError("out of memory"); ${AT_TASK}`), passed);
    // One that is gone before its first task.
    await changed((text) => text.replace("self.postMessage({ held: lock });", 'self.postMessage({ held: lock }); if (self.name === "proofs-1") self.close();'), passed);
  },

  async "the end of the worker that audits ends the audit, also in a page opened from a disk"() {
    const broken = async (page) => {
      await fault(page, "The audit ended with an error of this page");
      assert.equal(await page.locator("section.verdict").count(), 0);
    };
    const audits = "call = await instance(module, reading(new Map(files)));";
    for (const act of [COMPUTES, CLOSES]) await changed((text) => text.replace(audits, `${audits} ${act}`), broken, ends);
    const saved = join(folder, "page.html");
    writeFileSync(saved, readFileSync(join(built, "index.html"), "utf8").replace(audits, `${audits} ${CLOSES}`));
    const { page, close } = await opened({}, String(pathToFileURL(saved)));
    await page.locator("#folder").setInputFiles(honest);
    await broken(page);
    await close();
  },

  async "an audit of which nothing is heard says so, and can be stopped"() {
    const { page, close } = await opened({}, undefined, () => {
      // Workers that are there and do nothing.
      globalThis.Worker = class extends Worker { postMessage() { globalThis.asked = true; } };
    });
    await page.clock.install();
    await check(page, { address: address("honest"), election });
    // All is fetched, and nothing more is heard.
    await page.waitForFunction(() => globalThis.asked);
    const quiet = page.locator("#quiet");
    assert.equal(await quiet.isVisible(), false);
    await page.clock.fastForward("05:30");
    await quiet.filter({ hasText: /Nothing has been heard of the check for \D*5\D* minutes\./ }).waitFor();
    await page.clock.fastForward("01:00");
    await quiet.filter({ hasText: /for \D*6\D* minutes\./ }).waitFor();
    await accessible(page, "a silent audit");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Fetch and check" }).waitFor();
    await close();
  },

  async "an audit that breaks off says so and shows no report"() {
    await changed((text) => text.replace("steps.port2.onmessage = guarded(() => on(", "steps.port2.onmessage = guarded(() => { throw new Error('broken'); }, () => on("), async (page) => {
      await fault(page, "The audit ended with an error of this page");
      assert.equal(await page.locator("section.verdict").count(), 0);
    });
  },

  async "a link fills in the record and the election, and starts nothing"() {
    const { page, close } = await opened({}, `${here.url}/page/#record=${encodeURIComponent(address("honest"))}&election=${election}`);
    assert.equal(await page.getByLabel("Election id").inputValue(), election);
    here.asked.length = 0;
    await page.getByRole("button", { name: "Fetch and check" }).click();
    assert.equal(await verdict(page), "passed");
    await close();
  },

  async "with the keyboard alone, and in every language"() {
    const { page, close } = await opened();
    const to = async (wanted) => {
      for (let n = 0; n < 30; n += 1) {
        if (await page.evaluate((id) => document.activeElement.matches(id), wanted)) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`the keyboard does not reach ${wanted}`);
    };
    await to("#election");
    await page.keyboard.insertText(election);
    await to("#address");
    await page.keyboard.insertText(address("honest"));
    await page.keyboard.press("Enter");
    assert.equal(await verdict(page), "passed");
    await to("#language");
    for (const [tag, direction, words] of [["et", "ltr", "Tulemus on õige"], ["ru", "ltr", "Результат верен"], ["ar", "rtl", "النتيجة صحيحة"]]) {
      await page.locator("#language").selectOption(tag);
      await page.getByRole("heading", { name: words }).waitFor();
      assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, document.activeElement.id]), [tag, direction, "language"]);
      await accessible(page, `a report in ${tag}`);
    }
    await close();
    for (const locale of ["et-EE", "ru-RU", "ar-EG"]) {
      const other = await opened({ locale, colorScheme: "dark" });
      await accessible(other.page, `start in ${locale}`);
      await other.close();
    }
  },

  async "on a narrow screen nothing sticks out"() {
    for (const options of [{ viewport: { width: 320, height: 640 } }, { viewport: { width: 390, height: 844 }, locale: "ar-EG" }]) {
      const { page, close } = await opened(options);
      await sized(page, "start");
      await page.locator("#address").fill(address("honest"));
      await page.locator("#address").press("Enter");
      assert.equal(await verdict(page), "passed");
      await accessible(page, "a narrow report");
      await close();
    }
  },

  ...releaseTests({ folder, opened, fault }),

  async "the same sources give the same page, whose digest is that of its release"() {
    const digest = createHash("sha256").update(readFileSync(join(built, "index.html"))).digest("hex");
    assert.equal(JSON.parse(readFileSync(join(built, "release.json"), "utf8")).files["index.html"], digest);
    const again = join(folder, "again");
    execFileSync("node", [`${root}auditor/web/build.mjs`, `${root}target/page-build/audit.wasm`, again]);
    for (const name of ["index.html", "release.json"]) assert.deepEqual(readFileSync(join(again, name)), readFileSync(join(built, name)), name);
  },
};

const done = await runAll(tests, { only, browser, mend: () => here.change.clear() });
await browser.close();
await here.close();
rmSync(folder, { recursive: true });
conclude(done, only);
