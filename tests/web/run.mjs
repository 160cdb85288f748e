// The voting page as people use it: a real browser, a real collector, and at the end the count and the auditor.
//
// node run.mjs [PART OF A NAME]: without it, all. Needs the programs (cargo build --workspace --bins) and the page (make web).

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { device, launch, PATIENCE, video } from "./browser.mjs";
import { accessible, sized } from "./checks.mjs";
import { built, stage, way } from "./stage.mjs";
import { conclude, program, runAll } from "./suite.mjs";
import { enter, fill, heading, listen, numbers, one, press, rank, score, some, tracker } from "./voter.mjs";

const only = process.argv[2];

// One voter for each test that casts, so that none depends on another.
const STYLES = ["all", "all", "three", "three", "three", "three", "one", "three", "three", "three", "three"];
// The page as its release is signed; whoever signs is nobody of the election.
const folder = mkdtempSync(join(tmpdir(), "selge-page-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(built, join(folder, "page"), { recursive: true });
writeFileSync(join(folder, "passphrase"), "correct horse\n");
const tally = (...args) => execFileSync(program("tally"), [...args, "--passphrase-file", "passphrase"], { cwd: folder, encoding: "utf8", env: { ...process.env, SELGE_SCRYPT_WORK: "1" }, stdio: ["ignore", "pipe", "ignore"] });
tally("keygen", "--role", "release", "--out", "release.key");
const releaseKey = /^key (.*)$/m.exec(tally("sign-release", "--page", "page", "--key", "release.key", "--name", "example.org/voting-page"))[1];
const election = await stage(STYLES, join(folder, "page"));
await election.tell("open");
const road = await way(election.board);
const browser = await launch();
const [everything, again, keyboard, killed, lost, kept, link, cancelled, late, checked, challenged] = election.voters;

/** The last choices of every voter, by contest: what must come out of the count. */
const expected = new Map();
const remember = (voter, choices) => expected.set(voter.voter, choices);

/** The contests of the style "three", and what the core makes of these marks. */
const three = (candidate, answer, ...ranked) => [
  [/valimisringkond 4/, async (page) => { await page.getByLabel("Search").fill(String(candidate[0])); await page.getByRole("radio", { name: candidate[1] }).check(); }],
  [/autovabaks/, one(answer)],
  ["Linnapea", rank(...ranked)],
];
const KALLAS = ["821", /KAJA KALLAS/];
const THREE = { question: "blank", mayor: { ranking: [3, 0] } };
const plain = (page) => fill(page, three(KALLAS, /Blank vote/, /Liis Kivi/, /Helena/));
let kallas;

/** Words of an error on the page. */
const fault = (page, text) => page.getByRole("alert").filter({ hasText: text }).waitFor();

const tests = {
  async "a whole vote under every rule, accessible on every step"() {
    const { page, trouble, close } = await device(browser, { acceptDownloads: true });
    await page.goto(road.url);
    await page.getByRole("button", { name: "Start" }).waitFor();
    await accessible(page, "welcome");
    await page.getByText("How do I know?").click();
    await accessible(page, "how do I know");
    assert.ok((await page.locator("dd.code").first().innerText()).includes(election.election));
    await press(page, "Start");
    await accessible(page, "credential");
    await page.getByLabel("Paste the code here").fill(everything.code);
    await press(page, "Continue");
    await heading(page, /valimisringkond 4/);
    await accessible(page, "one of many");
    await press(page, "Continue");
    await fault(page, "You have not chosen anybody. Choose at least one.");
    await accessible(page, "undervote");
    // Letters without their marks find the name with them.
    await page.getByLabel("Search").fill("ouekallas");
    await page.getByText(/1.? found/).waitFor();
    const found = page.getByRole("radio", { name: /ANNA ÕUEKALLAS/ });
    await found.check();
    const candidate = Number(await found.getAttribute("value"));
    await press(page, "Continue");
    await heading(page, /autovabaks/);
    await accessible(page, "a question");
    await one("Ei")(page);
    await press(page, "Continue");
    await heading(page, "Linnaosa kogu");
    await some("Mari Tamm", "Anu Lepp", "Peeter Saar", "Kadri Mägi")(page);
    await page.getByText(/4.? of .?3.? chosen/).waitFor();
    await press(page, "Continue");
    await fault(page, /You have chosen .*4.*, and at most .*3.* are allowed/);
    await accessible(page, "overvote");
    await page.getByRole("checkbox", { name: "Mari Tamm" }).uncheck();
    await page.getByRole("checkbox", { name: "Kadri Mägi" }).uncheck();
    await press(page, "Continue");
    await heading(page, "Kaasav eelarve");
    await some(/Raamatukogu/, /Linnaaed/)(page);
    await accessible(page, "approval");
    await press(page, "Continue");
    await heading(page, "Linnapea");
    await rank(/Liis Kivi/, /Helena/, /Toomas/)(page);
    await accessible(page, "ranking");
    // By button and by drag: Toomas to the first place, then Liis to the last.
    await page.getByRole("button", { name: /Toomas Rand.*: up/ }).click();
    await page.getByRole("button", { name: /Toomas Rand.*: up/ }).click();
    const items = page.locator(".ranking li");
    const [from, to] = [await items.nth(1).locator(".handle").boundingBox(), await items.nth(2).boundingBox()];
    await page.mouse.move(from.x + 5, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + 5, to.y + to.height + 10, { steps: 8 });
    await page.mouse.up();
    assert.deepEqual(await page.locator(".ranking .name").allInnerTexts(), ["Toomas Rand", "Helena Põld", "Liis Kivi"]);
    await press(page, "Continue");
    await heading(page, "Trammitee kavandid");
    await score([[/Kavand A/, 5], [/Kavand C/, 2]])(page);
    await accessible(page, "scores");
    await press(page, "Continue");
    await heading(page, "Is this your vote?");
    await page.getByText(/You have chosen .*2.* of up to .*3/).waitFor();
    await page.getByText("One that you gave no score gets 0.").waitFor();
    await accessible(page, "review");
    await press(page, "Cast this vote");
    const number = await tracker(page);
    assert.match(number, /^([0-9a-f]{4}-){15}[0-9a-f]{4}$/);
    await accessible(page, "recorded");
    remember(everything, { riigikogu: { one: candidate }, question: { one: 1 }, council: { set: [2, 4] }, projects: { set: [2, 3] }, mayor: { ranking: [1, 0, 3] }, plans: { scores: [5, 0, 2] } });
    // What was downloaded holds, says a program that is not the page.
    const folder = mkdtempSync(join(tmpdir(), "selge-receipt-"));
    try {
      const save = async (button) => {
        const [download] = await Promise.all([page.waitForEvent("download"), press(page, button)]);
        const path = join(folder, download.suggestedFilename());
        await download.saveAs(path);
        return path;
      };
      const receipt = await save("Download the receipt");
      await page.getByText("How do I know?").click();
      assert.equal(await save("Download the encrypted vote"), `${receipt}.ballot`);
      const checked = execFileSync(program("voter-client"), ["receipt", "check", "--receipt", receipt, "--manifest", election.manifest], { encoding: "utf8" });
      assert.ok(checked.includes(number) && checked.includes("ok: inclusion"), checked);
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.deepEqual(await page.context().cookies(), []);
    assert.equal(await page.evaluate(() => localStorage.length), 0, "nothing stays on the device");
    assert.deepEqual(trouble, []);
    await close();
  },

  async "voting again replaces the ballot and says so"() {
    const { page, close } = await device(browser);
    await enter(page, road.url, again.code);
    const answers = (blank) => [
      [/valimisringkond 4/, async (p) => { await p.getByLabel("Search").fill("821"); await p.getByRole("radio", { name: /KAJA KALLAS/ }).check(); kallas = Number(await p.getByRole("radio", { name: /KAJA KALLAS/ }).getAttribute("value")); }],
      [/autovabaks/, one("Jah")],
      ["Linnaosa kogu", blank ? some(/Blank vote/) : some("Jaan Kask")],
      ["Kaasav eelarve", blank ? some(/Blank vote/) : some(/Linnaaed/)],
      ["Linnapea", blank ? some(/Blank vote/) : rank(/Sergei/)],
      ["Trammitee kavandid", blank ? some(/Blank vote/) : score([[/Kavand B/, 0]])],
    ];
    await fill(page, answers(true));
    assert.equal(await page.getByText("You vote for nobody here.").count(), 4);
    await press(page, "Cast this vote");
    const first = await tracker(page);
    await press(page, "Vote again");
    await page.getByText("You have voted already.").waitFor();
    await fill(page, answers(false));
    await page.getByText("This vote replaces your earlier one.").waitFor();
    await press(page, "Cast this vote");
    assert.notEqual(await tracker(page), first);
    remember(again, { riigikogu: { one: kallas }, question: { one: 0 }, council: { set: [1] }, projects: { set: [3] }, mayor: { ranking: [2] }, plans: { scores: [0, 0, 0] } });
    await close();
  },

  async "with the keyboard alone"() {
    const { page, close } = await device(browser);
    await page.goto(road.url);
    await heading(page, "Valimised 2027");
    const keys = page.keyboard;
    const focused = () => page.evaluate(() => { const e = document.activeElement; return `${e.tagName} ${(e.getAttribute("aria-label") ?? e.closest("label")?.innerText ?? e.innerText ?? "").replaceAll("\n", " ")}`; });
    /** Tabs to what is wanted, within what a person would do. */
    const to = async (wanted) => {
      for (let n = 0; n < 40; n += 1) {
        if (wanted.test(await focused())) return;
        await keys.press("Tab");
      }
      assert.fail(`the keyboard does not reach ${wanted}; it is at ${await focused()}`);
    };
    const at = async (title) => {
      await heading(page, title);
      // Every step puts the focus on its heading.
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    };
    await to(/BUTTON Start/);
    await keys.press("Enter");
    await at("Your voting code");
    await to(/^TEXTAREA/);
    await keys.insertText(keyboard.code);
    await to(/BUTTON Continue/);
    await keys.press("Enter");
    await at(/valimisringkond 4/);
    await to(/^INPUT/);
    await keys.type("821");
    await page.getByText(/1.? found/).waitFor();
    await keys.press("Tab");
    await keys.press("Space");
    assert.match(await focused(), /KAJA KALLAS/);
    await to(/BUTTON Continue/);
    await keys.press("Enter");
    await at(/autovabaks/);
    await to(/INPUT Jah/);
    await keys.press("Space");
    await keys.press("ArrowDown");
    await to(/BUTTON Continue/);
    await keys.press("Enter");
    await at("Linnapea");
    await to(/Helena/);
    await keys.press("Enter");
    await to(/Liis/);
    await keys.press("Enter");
    await keys.press("Shift+Tab");
    for (let n = 0; n < 30 && !/Liis Kivi.*: up/.test(await focused()); n += 1) await keys.press("Shift+Tab");
    await keys.press("Enter");
    assert.match(await focused(), /Liis Kivi.*: up/, "the focus stays with what was moved");
    await to(/BUTTON Continue/);
    await keys.press("Enter");
    await at("Is this your vote?");
    await to(/BUTTON Cast this vote/);
    await keys.press("Enter");
    await tracker(page);
    remember(keyboard, { riigikogu: { one: kallas }, question: { one: 1 }, mayor: { ranking: [3, 0] } });
    await close();
  },

  async "wrong codes are told apart"() {
    const { page, close } = await device(browser);
    const bad = everything.code.slice(0, -5) + (everything.code.at(-5) === "A" ? "B" : "A") + everything.code.slice(-4);
    await enter(page, road.url, "my code");
    await fault(page, "There is no voting code in this.");
    await accessible(page, "wrong code");
    const enterCode = async (code, words) => {
      await page.getByLabel("Paste the code here").fill(code);
      await press(page, "Continue");
      await fault(page, words);
    };
    await enterCode(everything.code.slice(0, 40), "This code is not whole.");
    // What only English has, and only a helper needs, opens for who asks.
    const detail = page.locator(".alert .detail");
    assert.equal(await detail.isVisible(), false);
    await page.getByText("For whoever helps you").click();
    assert.match(await detail.innerText(), /characters after selge1/);
    await accessible(page, "wrong code with its detail");
    await enterCode(bad, "A letter of this code is wrong.");
    // A good code of nobody on the roll: 48 zero bytes and their digest.
    const { createHash } = await import("node:crypto");
    const zeros = Buffer.alloc(48);
    const stranger = Buffer.concat([zeros, createHash("sha256").update(zeros).digest().subarray(0, 4)]).toString("base64url");
    await enterCode(`selge1.${stranger}`, "it is not on the roll of this election");
    // What was typed is still there, and the right one goes on.
    assert.equal(await page.getByLabel("Paste the code here").inputValue(), `selge1.${stranger}`);
    await page.getByLabel("Paste the code here").fill(`Dear voter, your code is ${everything.code} .`);
    await press(page, "Continue");
    await heading(page, /valimisringkond 4/);
    await close();
  },

  async "an encrypted credential file opens with its passphrase"() {
    const { page, close } = await device(browser);
    const files = dirname(election.manifest);
    const choose = (path) => page.getByLabel("Or choose the file that holds it").setInputFiles(path);
    const enterPassphrase = async (text) => {
      await page.getByLabel("Passphrase of this file").fill(text);
      await press(page, "Continue");
    };
    await page.goto(road.url);
    await press(page, "Start");
    await heading(page, "Your voting code");
    // A file that is no credential at all, then a key for something else.
    await choose(join(folder, "passphrase"));
    await fault(page, "There is no voting code in this.");
    assert.ok(!road.seen.some((line) => line.includes("keyfile.wasm")), "the module for files is not loaded without one");
    await choose(join(folder, "release.key"));
    await heading(page, "Your credential file");
    await accessible(page, "passphrase");
    await sized(page, "passphrase");
    await enterPassphrase("wrong");
    await fault(page, "This is not the passphrase of this file");
    await accessible(page, "wrong passphrase");
    await enterPassphrase("correct horse");
    await fault(page, "This file is a key for something else");
    await press(page, "Back");
    await heading(page, "Your voting code");
    await choose(join(files, "voter-0.key"));
    await page.getByLabel("Passphrase of this file").fill(readFileSync(join(files, "passphrase"), "utf8").split("\n")[0]);
    await page.keyboard.press("Enter");
    await heading(page, /valimisringkond 4/);
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await close();
  },

  async "a QR code is read with the camera, by a library that only then loads"() {
    const { encodeQR } = await import("../../voter-client/web/node_modules/qr/index.js");
    const film = join(folder, "camera.y4m");
    writeFileSync(film, video(encodeQR(`${road.url}/#credential=${everything.code}`, "raw", { border: 4 })));
    const filming = await launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`]);
    try {
      const { page, trouble, close } = await device(filming, { permissions: ["camera"] });
      const loaded = [];
      page.on("request", (request) => loaded.push(request.url()));
      await page.goto(road.url);
      await press(page, "Start");
      await heading(page, "Your voting code");
      assert.ok(!loaded.some((url) => url.includes("/qr/")));
      await press(page, "Scan a QR code with the camera");
      await heading(page, /valimisringkond 4/);
      assert.ok(loaded.some((url) => url.includes("/qr/decode.js")));
      assert.deepEqual(trouble, []);
      await close();
      // A library that was changed does not run, and the code can still be pasted.
      road.change.set(/\/qr\/decode\.js$/, (body) => Buffer.concat([body, Buffer.from("// changed\n")]));
      const other = await device(filming, { permissions: ["camera"] });
      await other.page.goto(road.url);
      await press(other.page, "Start");
      await press(other.page, "Scan a QR code with the camera");
      await fault(other.page, "The camera cannot be used.");
      await accessible(other.page, "no camera");
      assert.ok(other.trouble.some((text) => /integrity/i.test(text)), String(other.trouble));
      road.change.clear();
      await other.close();
    } finally {
      await filming.close();
    }
  },

  async "a browser that reads QR codes by itself does it, and one that reads other codes gets the library"() {
    const { encodeQR } = await import("../../voter-client/web/node_modules/qr/index.js");
    const film = join(folder, "other.y4m");
    writeFileSync(film, video(encodeQR(everything.code, "raw", { border: 4 })));
    const filming = await launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`]);
    // As Chromium on Android and macOS has it: what it sees first cannot be read, then there is nothing, then the next text.
    const detector = ({ formats, texts }) => {
      const heard = (globalThis.heard = { asked: [], wrong: [], looks: 0 });
      globalThis.BarcodeDetector = class {
        static async getSupportedFormats() { return formats; }

        constructor(options) { heard.asked.push(options); }

        async detect(picture) {
          if (!(picture instanceof HTMLVideoElement) || picture.videoWidth === 0 || picture.paused) heard.wrong.push(String(picture));
          heard.looks += 1;
          if (heard.looks % 3 === 1) throw new DOMException("not yet", "InvalidStateError");
          return heard.looks % 3 === 2 ? [] : [{ rawValue: texts.shift(), format: "qr_code" }];
        }
      };
    };
    const scan = async (given) => {
      const one = await device(filming, { permissions: ["camera"] });
      await one.context.addInitScript(detector, given);
      one.loaded = [];
      one.page.on("request", (request) => one.loaded.push(request.url()));
      await one.page.goto(road.url);
      await press(one.page, "Start");
      await press(one.page, "Scan a QR code with the camera");
      return one;
    };
    try {
      const own = await scan({ formats: ["ean_13", "qr_code"], texts: ["https://example.org/", everything.code] });
      await fault(own.page, "There is no voting code in this.");
      await press(own.page, "Scan a QR code with the camera");
      await heading(own.page, /valimisringkond 4/);
      const heard = await own.page.evaluate(() => globalThis.heard);
      assert.deepEqual(heard, { asked: [{ formats: ["qr_code"] }, { formats: ["qr_code"] }], wrong: [], looks: 6 });
      assert.ok(!own.loaded.some((url) => url.includes("/qr/")), String(own.loaded));
      assert.deepEqual(own.trouble, []);
      await own.close();
      const other = await scan({ formats: ["ean_13"], texts: [] });
      await heading(other.page, /valimisringkond 4/);
      assert.equal(await other.page.evaluate(() => globalThis.heard.asked.length), 0);
      assert.ok(other.loaded.some((url) => url.includes("/qr/decode.js")));
      await other.close();
    } finally {
      await filming.close();
    }
  },

  async "a link brings the code, stays out of the address, and names the election"() {
    const { page, close } = await device(browser, { locale: "et-EE" });
    await page.goto(`${road.url}/#credential=${link.code}&election=${"0".repeat(64)}`);
    await fault(page, "Teie link on teise valimise jaoks kui see leht.");
    // Another fragment alone loads no page anew.
    await page.goto("about:blank");
    await page.goto(`${road.url}/#credential=${link.code}&election=${election.election}`);
    let interactions = 0;
    const click = async (locator) => { interactions += 1; await locator.click(); };
    await click(page.getByRole("button", { name: "Alusta" }));
    await page.getByLabel("Otsige").waitFor();
    assert.ok(!page.url().includes("selge1"), page.url());
    assert.ok(!road.seen.some((line) => line.includes("selge1")), "the code is in no request's address");
    await click(page.getByRole("radio").nth(0));
    await click(page.getByRole("button", { name: "Edasi" }));
    await click(page.getByRole("button", { name: "Anna hääl" }));
    await page.getByRole("heading", { name: "Teie hääl on vastu võetud" }).waitFor();
    assert.ok(interactions <= 6, `${interactions} interactions`);
    measured.interactions = interactions;
    remember(link, { riigikogu: { one: 0 } });
    await close();
  },

  async "back, language and reload lose nothing that was marked"() {
    const { page, close } = await device(browser);
    await enter(page, road.url, everything.code);
    await fill(page, [
      [/valimisringkond 4/, (p) => p.getByRole("radio").nth(2).check()],
      [/autovabaks/, one("Jah")],
      ["Linnaosa kogu", some("Jaan Kask", "Kadri Mägi")],
      ["Kaasav eelarve", some(/Blank vote/)],
      ["Linnapea", rank(/Sergei/, /Liis/)],
      ["Trammitee kavandid", score([[/Kavand B/, 3]])],
    ]);
    await page.getByLabel("Language").selectOption("ar");
    await heading(page, "هل هذا هو صوتك؟");
    assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), "ar rtl");
    await accessible(page, "review in Arabic");
    await page.getByLabel("اللغة").selectOption("ru");
    await heading(page, "Это ваш голос?");
    await accessible(page, "review in Russian");
    await page.getByLabel("Язык").selectOption("en");
    for (const [title, check] of [
      ["Trammitee kavandid", async () => assert.ok(await page.getByRole("group", { name: /Kavand B/ }).getByRole("radio", { name: "3" }).isChecked())],
      ["Linnapea", async () => assert.deepEqual(await page.locator(".ranking .name").allInnerTexts(), ["Sergei Volkov", "Liis Kivi"])],
      ["Kaasav eelarve", async () => assert.ok(await page.getByRole("checkbox", { name: /Blank vote/ }).isChecked())],
      ["Linnaosa kogu", async () => assert.equal(await page.locator("input:checked").count(), 2)],
      [/autovabaks/, async () => assert.ok(await page.getByRole("radio", { name: "Jah" }).isChecked())],
      [/valimisringkond 4/, async () => assert.ok(await page.getByRole("radio").nth(2).isChecked())],
      ["Your voting code", async () => assert.equal(await page.getByLabel("Paste the code here").inputValue(), everything.code)],
    ]) {
      await page.goBack();
      await heading(page, title);
      await check();
    }
    // Leaving with a vote that is filled in is asked about first.
    let asked = 0;
    page.on("dialog", (dialog) => { asked += 1; dialog.accept(); });
    await page.reload();
    await heading(page, "Valimised 2027");
    assert.equal(asked, 1);
    await close();
  },

  async "the collector is killed in the middle and comes back"() {
    const { page, close } = await device(browser);
    await enter(page, road.url, killed.code);
    await plain(page);
    await election.tell("kill");
    await press(page, "Cast this vote");
    await page.getByText("There is no connection at the moment.").waitFor();
    await accessible(page, "no connection");
    const { board } = await election.tell("start");
    road.target = new URL(board);
    await tracker(page);
    remember(killed, { riigikogu: { one: kallas }, ...THREE });
    await close();
  },

  async "an answer that is lost on the way leads to the same receipt"() {
    const { page, close } = await device(browser);
    await enter(page, road.url, lost.code);
    await plain(page);
    let answers = 0;
    road.mode = ({ url }) => (url.endsWith("/Submit") && (answers += 1) <= 2 ? "lose" : "pass");
    await press(page, "Cast this vote");
    const number = await tracker(page);
    assert.equal(answers, 3);
    road.mode = () => "pass";
    // The board has one ballot of this voter: its tracker is the newest one's.
    await enter(page, road.url, lost.code);
    await page.getByText("You have voted already.").waitFor();
    assert.match(number, /^[0-9a-f-]{79}$/);
    remember(lost, { riigikogu: { one: kallas }, ...THREE });
    await close();
  },

  async "offline, the ballot is kept, and sent when the page is opened again"() {
    const { context, page, close } = await device(browser);
    await enter(page, road.url, kept.code);
    await plain(page);
    road.mode = ({ url }) => (url.startsWith("/selge.v1") ? "drop" : "pass");
    await press(page, "Cast this vote");
    await page.getByText("There is no connection at the moment.").waitFor();
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.ok(stored.includes("selge-ballot") && !stored.includes(kept.code.slice(7)), "the ballot is kept, the code is not");
    await page.close();
    road.mode = () => "pass";
    const later = await context.newPage();
    await later.goto(road.url);
    await later.getByText("Your last vote is being sent").or(later.getByText("Your vote is recorded")).first().waitFor();
    await tracker(later);
    assert.equal(await later.evaluate(() => localStorage.length), 0);
    remember(kept, { riigikogu: { one: kallas }, ...THREE });
    await close();
  },

  async "scripts that were changed do not run"() {
    for (const file of ["main.js", "steps.js", "scan.js", "worker.js", "voter.wasm", "locales/en.ftl", "fluent/bundle.js"]) {
      const { page, trouble, close } = await device(browser);
      const asked = road.seen.length;
      road.change.set(new RegExp(`/${file.replace(".", "\\.")}$`), (body) => {
        const changed = Buffer.from(body);
        // A comment more, or another byte of a module: nothing that would fail by itself.
        return file.endsWith(".wasm") ? (changed.writeUInt8(changed[changed.length - 1] ^ 1, changed.length - 1), changed) : Buffer.concat([changed, Buffer.from(file.endsWith(".ftl") ? "# changed\n" : "// changed\n")]);
      });
      await page.goto(road.url);
      const until = Date.now() + PATIENCE;
      while (!trouble.some((text) => /integrity/i.test(text)) && Date.now() < until) await page.waitForTimeout(50);
      assert.ok(trouble.some((text) => /integrity/i.test(text)), `${file}: ${trouble}`);
      await page.waitForTimeout(500);
      assert.equal(await page.getByRole("button", { name: "Start" }).count(), 0, file);
      assert.ok(!road.seen.slice(asked).some((line) => line.includes("/selge.v1")), `${file}: the board was asked`);
      road.change.clear();
      await close();
    }
  },

  async "the page may do what it must and nothing else"() {
    const { page, close } = await device(browser);
    const outside = [];
    page.on("request", (request) => { if (!request.url().startsWith(road.url) && !request.url().startsWith("blob:")) outside.push(request.url()); });
    const response = await page.goto(road.url);
    const policy = response.headers()["content-security-policy"];
    for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part), policy);
    assert.ok(!policy.includes("unsafe-inline") && !policy.includes("'unsafe-eval'"), policy);
    assert.equal(response.headers()["cache-control"], "no-cache");
    await heading(page, "Valimised 2027");
    assert.deepEqual(outside, []);
    assert.equal(await page.locator("script:not([src]), [style], style").count(), 0, "nothing inline");
    const script = await page.locator("script[src]").getAttribute("src");
    const asset = await fetch(`${road.url}${script}`);
    assert.match(asset.headers.get("cache-control"), /immutable/);
    assert.equal((await fetch(`${road.url}/nothing`)).status, 404);
    assert.equal((await fetch(`${road.url}/`, { headers: { "if-none-match": response.headers().etag } })).status, 304);
    await close();
  },

  async "the page that is served is the one that was signed, and a changed one is told"() {
    const check = () => new Promise((resolve) => {
      execFile(program("auditor"), ["release", "check", road.url, "--key", releaseKey], (error, stdout, stderr) => resolve({ status: error?.code ?? 0, words: stdout + stderr }));
    });
    const good = await check();
    assert.ok(good.status === 0 && /HOLDS: all [0-9]+ files/.test(good.words), good.words);
    const { page, close } = await device(browser);
    await page.goto(road.url);
    await page.getByText("How do I know?").click();
    assert.ok(good.words.includes(await page.locator("dd.code").last().innerText()), "the page shows the release's version");
    await close();
    road.change.set(/^\/$/, (body) => Buffer.concat([body, Buffer.from("<!-- changed -->")]));
    const bad = await check();
    road.change.clear();
    assert.ok(bad.status === 1 && bad.words.includes("OTHER    index.html"), bad.words);
  },

  async "every step fits 320 pixels and 400 % zoom, with targets that can be hit"() {
    // 1280 by 1024 pixels at 400 % are 320 by 256 of the page's, at 200 % 640 by 512.
    for (const viewport of [{ width: 320, height: 640 }, { width: 320, height: 256 }, { width: 640, height: 512 }]) {
      const { page, close } = await device(browser, { viewport });
      await page.goto(road.url);
      await heading(page, "Valimised 2027");
      await sized(page, "welcome");
      await press(page, "Start");
      await heading(page, "Your voting code");
      await sized(page, "credential");
      await page.getByLabel("Paste the code here").fill(everything.code);
      await press(page, "Continue");
      for (const [title, choose] of [
        [/valimisringkond 4/, (p) => p.getByRole("radio").nth(2).check()],
        [/autovabaks/, one("Jah")],
        ["Linnaosa kogu", some("Jaan Kask", "Kadri Mägi")],
        ["Kaasav eelarve", some(/Blank vote/)],
        ["Linnapea", rank(/Sergei/, /Liis/)],
        ["Trammitee kavandid", score([[/Kavand B/, 3]])],
      ]) {
        await heading(page, title);
        await choose(page);
        await sized(page, String(title));
        await press(page, "Continue");
      }
      await heading(page, "Is this your vote?");
      await sized(page, "review");
      await close();
    }
  },

  async "a second device is shown what the recorded ballot holds, and can show anything else as well"() {
    const { page, close } = await device(browser);
    const second = await device(browser, { viewport: { width: 390, height: 844 } });
    await second.page.clock.install();
    await enter(page, road.url, checked.code);
    await plain(page);
    await press(page, "Cast this vote");
    const number = await tracker(page);
    const code = await listen(second.page, road.url);
    await accessible(second.page, "the code of a check");
    await page.getByText("Check on a second device", { exact: true }).click();
    const give = async (text) => {
      await page.getByLabel("Code on the other device").fill(text);
      await press(page, "Show my vote there");
    };
    await give("0000-0000-0000-0000");
    await fault(page, "There is no device with this code");
    await give("much too short");
    await fault(page, "This is not the code that the other device shows.");
    await accessible(page, "a wrong code of a check");
    // As a person types it.
    await give(code.toUpperCase().replaceAll("-", " "));
    await page.getByText("The other device has got what it needs.").waitFor();
    await heading(second.page, "The vote is recorded, and it holds:");
    const words = await second.page.locator("main").innerText();
    for (const part of ["KAJA KALLAS", "Blank vote", "Liis Kivi", "Helena Põld"]) assert.ok(words.includes(part), words);
    assert.deepEqual(await numbers(second.page), [number]);
    assert.ok(words.includes(checked.voter.slice(0, 16).match(/.{4}/g).join("-")), words);
    await accessible(second.page, "a check that holds");
    await sized(second.page, "a check that holds");
    // Whoever holds this device shows another choice with it, in the same words.
    const practise = async () => {
      await second.page.getByText("Why does this convince nobody else?").click();
      await press(second.page, "Show a check of another choice");
      await second.page.getByText("This is practice").waitFor();
    };
    await practise();
    await accessible(second.page, "practice");
    await press(second.page, "Continue");
    await fault(second.page, "You have not chosen anybody.");
    await press(second.page, "Back");
    await heading(second.page, "The vote is recorded, and it holds:");
    await practise();
    for (const [title, choose] of [[/valimisringkond 4/, (p) => p.getByRole("radio").nth(1).check()], [/autovabaks/, one("Jah")], ["Linnapea", rank(/Sergei/)]]) {
      await heading(second.page, title);
      await choose(second.page);
      await press(second.page, "Continue");
    }
    await heading(second.page, "The vote is recorded, and it holds:");
    const made = await second.page.locator("main").innerText();
    assert.ok(made.includes("Sergei Volkov") && made.includes("Jah") && !made.includes("KAJA KALLAS"), made);
    // But for the choices no word is another one.
    const frame = (text) => { const lines = text.split("\n"); return [lines.slice(0, 3), lines.slice(lines.indexOf("Number of the voter"))]; };
    assert.deepEqual(frame(made), frame(words));
    await second.page.getByText("Why does this convince nobody else?").click();
    await press(second.page, "Show what the vote really holds");
    await second.page.getByText("KAJA KALLAS").waitFor();
    // After half an hour the device has forgotten how.
    await second.page.clock.fastForward(31 * 60 * 1000);
    await second.page.getByText("Why does this convince nobody else?").click();
    await second.page.getByText("this device has forgotten what it needs").waitFor();
    assert.equal(await second.page.getByRole("button", { name: "Show a check of another choice" }).count(), 0);
    await accessible(second.page, "a check that is long over");
    // And a code that nobody used is no longer waited under.
    await press(second.page, "New check");
    await second.page.getByText("Waiting for the other device.").waitFor();
    await second.page.clock.fastForward(31 * 60 * 1000);
    await fault(second.page, "There is no device with this code, or half an hour is over");
    remember(checked, { riigikogu: { one: kallas }, ...THREE });
    await second.close();
    await close();
  },

  async "an encrypted vote is opened on a second device instead of cast, and the next one is cast"() {
    const { page, close } = await device(browser);
    const second = await device(browser, { viewport: { width: 390, height: 844 } });
    await enter(page, road.url, challenged.code);
    await plain(page);
    const code = await listen(second.page, road.url);
    const submitted = () => road.seen.filter((line) => line.endsWith("/Submit")).length;
    const before = submitted();
    await page.getByText("Check this device before casting").click();
    await accessible(page, "cast or challenge");
    const show = async (text) => {
      if (text) await page.getByLabel("Code on the other device").fill(text);
      await press(page, "Encrypt, and show the number there");
    };
    await show("0000-0000-0000-0000");
    await fault(page, "There is no device with this code");
    await show(code);
    await page.locator("main").getByText("Your vote is encrypted.").waitFor();
    await second.page.locator("main").getByText("The other device has encrypted a vote").waitFor();
    const [first] = await numbers(page);
    assert.match(first, /^([0-9a-f]{4}-){15}[0-9a-f]{4}$/);
    assert.deepEqual(await numbers(second.page), [code, first]);
    for (const side of [page, second.page]) {
      await accessible(side, "an encrypted vote before casting");
      await sized(side, "an encrypted vote before casting");
    }
    // Nobody is told a choice before it is opened.
    assert.ok(!(await second.page.locator("main").innerText()).includes("KALLAS"));
    // The answer to the opening is lost: it is sent once more, and the same.
    road.mode = ({ url }) => (url.endsWith("/Leave") ? "lose" : "pass");
    await press(page, "Open it there, and do not cast it");
    await fault(page, "The ballot box cannot be reached.");
    road.mode = () => "pass";
    await press(page, "Open it there, and do not cast it");
    await page.locator("main").getByText("That vote is thrown away.").waitFor();
    await second.page.locator("main").getByText("An encrypted vote was opened, and held:").waitFor();
    const held = await second.page.locator("main").innerText();
    for (const part of ["KAJA KALLAS", "Blank vote", "Liis Kivi", challenged.voter.slice(0, 4)]) assert.ok(held.includes(part), held);
    await accessible(second.page, "an opened vote");
    await accessible(page, "after a challenge");
    // Nothing was cast, and nothing that was chosen is lost.
    assert.equal(submitted(), before);
    const review = await page.locator("main").innerText();
    for (const part of ["KAJA KALLAS", "Blank vote", "Liis Kivi"]) assert.ok(review.includes(part), review);
    // Another encryption of the same choices.
    await show();
    await page.locator("main").getByText("Your vote is encrypted.").waitFor();
    const [next] = await numbers(page);
    assert.notEqual(next, first);
    await second.page.getByText(next.slice(0, 4), { exact: true }).first().waitFor();
    // The voter changes the vote: what was shown is another one, and the new one is cast.
    await page.getByRole("button", { name: /Kas linna/ }).click();
    await one("Jah")(page);
    await press(page, "Continue");
    await heading(page, "Is this your vote?");
    assert.equal(await page.locator("main").getByText("Your vote is encrypted.").count(), 0);
    await show();
    await page.locator("main").getByText("Your vote is encrypted.").waitFor();
    const [last] = await numbers(page);
    await second.page.getByText(last.slice(0, 4), { exact: true }).first().waitFor();
    await press(page, "Cast this vote");
    await tracker(page);
    assert.equal(await page.getByLabel("Code on the other device").inputValue(), code, "the code is still there");
    await press(page, "Show my vote there");
    // The device hears it: what is recorded is what it was shown last, and not what was opened.
    await heading(second.page, "The vote is recorded, and it holds:");
    assert.ok((await second.page.locator("main").innerText()).includes("Jah"));
    const stored = await second.page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.ok(stored.includes(first.replaceAll("-", "")) && !stored.includes(last.replaceAll("-", "")), stored);
    // Had this very vote been opened before, under whatever code, the device would say so.
    await second.page.evaluate((digest) => localStorage.setItem(Object.keys(localStorage)[0], JSON.stringify([digest])), last.replaceAll("-", ""));
    const again = await listen(second.page, road.url);
    await page.getByLabel("Code on the other device").fill(again);
    await press(page, "Show my vote there");
    await heading(second.page, "The check did not succeed");
    await fault(second.page, "The recorded vote was opened before");
    remember(challenged, { riigikogu: { one: kallas }, question: { one: 0 }, mayor: THREE.mayor });
    await second.close();
    await close();
  },

  async "cancelled ballots are shown as such"() {
    await election.tell(`cancel ${cancelled.voter}`);
    const { page, close } = await device(browser);
    await enter(page, road.url, cancelled.code);
    await fault(page, "Your electronic votes were cancelled");
    await close();
  },

  async "how large and how fast"() {
    const wasm = execFileSync("find", [built, "-name", "voter.wasm.br"], { encoding: "utf8" }).trim();
    measured.module = statSync(wasm).size;
    const { page, close } = await device(browser);
    const opened = Date.now();
    await page.goto(road.url);
    await page.getByRole("button", { name: "Start" }).waitFor();
    measured.interactive = Date.now() - opened;
    await enter(page, road.url, killed.code);
    await plain(page);
    const cast = Date.now();
    await press(page, "Cast this vote");
    await tracker(page);
    measured.cast = Date.now() - cast;
    await close();
  },

  async "after the closing no vote is taken, and the page says so"() {
    const { page, close } = await device(browser);
    await enter(page, road.url, late.code);
    await plain(page);
    await election.tell("close");
    await press(page, "Cast this vote");
    await heading(page, "Your vote was not taken");
    await fault(page, "Voting has ended.");
    await accessible(page, "closed");
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.goto(road.url);
    await fault(page, "Voting has ended.");
    await close();
  },
};

const measured = {};
const done = await runAll(tests, { only, browser, mend: () => { road.mode = () => "pass"; road.change.clear(); } });
await browser.close();

if (!only && done.failed === 0) {
  // The election that the browser voted in: mixed, decrypted, counted, audited. What comes out is what was marked.
  const { contests } = await election.tell("count");
  const due = {};
  for (const choices of expected.values()) {
    for (const [contest, choice] of Object.entries(choices)) {
      const key = JSON.stringify(choice);
      (due[contest] ??= {})[key] = (due[contest][key] ?? 0) + 1;
    }
  }
  const found = Object.fromEntries(contests.map(({ contest, votes }) => [contest, Object.fromEntries(votes.map(({ choice, count }) => [JSON.stringify(choice), count]))]));
  assert.deepEqual(found, due);
  console.log("ok    the count of the mixed and decrypted ballots is what was marked, and the auditor passes the record");
  // Times are this machine's at this moment, and a size is no error: a missed goal is marked, as in `make bench`.
  const goal = (value, most, text) => `${text}${value <= most ? "" : " MISSED"}`;
  console.log([
    goal(measured.module / 1000, 400, `module ${(measured.module / 1000).toFixed(0)} KB compressed (goal 400)`),
    `interactive after ${measured.interactive} ms`,
    goal(measured.interactions, 6, `${measured.interactions} interactions for a plain vote (goal 6)`),
    goal(measured.cast, 1500, `${measured.cast} ms from "cast" to "recorded", three contests (goal 1500)`),
  ].join(" · "));
}
await road.close();
await election.end();
conclude(done, only);
