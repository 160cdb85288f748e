// A voting page beside its signed release, as the auditor's page compares them; audit.mjs runs these.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, verdict } from "./auditor.mjs";
import { accessible, sized } from "./checks.mjs";
import { built } from "./stage.mjs";
import { program } from "./suite.mjs";
import { still } from "./still.mjs";

/** A text without the marks that keep its parts in their own direction. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

/** Signs a copy of the voting page; answers with the key that is published. */
function signed(folder, name) {
  writeFileSync(join(folder, "passphrase"), "correct horse\n");
  const tally = (...given) => execFileSync(program("tally"), [...given, "--passphrase-file", "passphrase"], { cwd: folder, encoding: "utf8", env: { ...process.env, SELGE_SCRYPT_WORK: "1" }, stdio: ["ignore", "pipe", "ignore"] });
  tally("keygen", "--role", "release", "--out", `${name}.key`);
  return /^key (.*)$/m.exec(tally("sign-release", "--page", "vote", "--key", `${name}.key`, "--name", "example.org/voting-page"))[1];
}

export function releaseTests({ folder, opened, fault }) {
  const vote = join(folder, "vote");
  let ready;
  /** A voting page that was signed, on a server that lets pages read it. */
  const stage = () => {
    ready ??= (() => {
      cpSync(built, vote, { recursive: true });
      // The later signature is the one that lies beside the page.
      const other = signed(folder, "other");
      const key = signed(folder, "release");
      return { key, other, manifest: JSON.parse(readFileSync(join(vote, "release.json"), "utf8")) };
    })();
    return ready;
  };
  const row = (page, path) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: path, exact: true }) });

  return {
    async "a voting page that is the signed one is told so, file by file"() {
      const { key, manifest } = stage();
      const server = await still({ vote }, { open: true });
      const { page, trouble, close } = await opened();
      await page.getByRole("button", { name: "Compare a voting page" }).click();
      await accessible(page, "start of a comparison");
      // As a voter's link is: what follows # is nobody's business.
      await compare(page, { address: `${server.url}/vote/index.html#code=secret`, key: ` ${key} ` });
      assert.equal(await verdict(page), "passed");
      await page.getByRole("heading", { name: "Yes, this is the signed voting page" }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
      await accessible(page, "a voting page that is the signed one");
      const text = plain(await page.locator("main").innerText());
      for (const words of ["example.org/voting-page", manifest.version, `${server.url}/vote/`, `not fetched: ${Object.keys(manifest.copies).length}`, "what the server gives this browser now"]) assert.ok(text.includes(words), words);
      assert.ok(!text.includes("secret"));
      const paths = Object.keys(manifest.files);
      assert.equal(await page.locator("tbody tr").count(), paths.length);
      for (const path of paths) assert.match(await row(page, path).innerText(), new RegExp(`the same\\s+${manifest.files[path]}`));
      const asked = ["/vote/", "/vote/release.note", ...paths.filter((path) => path !== "index.html").map((path) => `/vote/${path}`)];
      assert.deepEqual([...server.asked].sort(), asked.sort(), "each file once, and nothing else");
      assert.deepEqual(trouble, []);
      await close();
      await server.close();
    },

    async "a changed file of a voting page is named, and a missing one"() {
      const { key, manifest } = stage();
      const server = await still({ vote }, { open: true });
      const [script, gone] = [Object.keys(manifest.files).find((path) => path.endsWith(".js")), Object.keys(manifest.files).find((path) => path.endsWith(".css"))];
      const { page, close } = await opened();
      for (const [path, at] of [["index.html", "/vote/"], [script, `/vote/${script}`]]) {
        server.change.set(at, (bytes) => Buffer.concat([bytes, Buffer.from(" ")]));
        await compare(page, { address: `${server.url}/vote`, key });
        assert.equal(await verdict(page), "failed");
        await page.getByRole("heading", { name: "No, this is not the signed voting page" }).waitFor();
        assert.ok(plain(await page.locator("section.verdict").innerText()).includes(`not the ones that were signed: 1 of ${Object.keys(manifest.files).length}.`));
        const changed = createHash("sha256").update(readFileSync(join(vote, path))).update(" ").digest("hex");
        const said = await page.locator("tbody tr").first().innerText();
        for (const words of [path, "another", manifest.files[path], changed]) assert.ok(said.includes(words), `${words}: ${said}`);
        assert.equal(await page.locator("tbody tr.same").count(), Object.keys(manifest.files).length - 1);
        server.change.clear();
        await page.getByRole("button", { name: "Check another voting page" }).click();
      }
      await compare(page, { address: `${server.url}/vote`, key });
      assert.equal(await verdict(page), "passed", "the page as it was");
      await page.getByRole("button", { name: "Check another voting page" }).click();
      renameSync(join(vote, gone), join(folder, "gone"));
      await compare(page, { address: `${server.url}/vote`, key });
      assert.equal(await verdict(page), "failed");
      assert.match(await row(page, gone).innerText(), /missing/);
      await accessible(page, "a voting page with a missing file");
      renameSync(join(folder, "gone"), join(vote, gone));
      await close();
      await server.close();
    },

    async "a voting page that cannot be compared is told with the cause"() {
      const { key, other } = stage();
      const [open, shut] = [await still({ vote }, { open: true }), await still({ vote })];
      const { page, close } = await opened();
      const at = `${open.url}/vote/`;
      for (const [address, vkey, words] of [
        ["the voting page", key, "This is no address"],
        [at, "", "This is no public key of a release."],
        [at, key.slice(0, -6), "This is no public key of a release."],
        [at, other, "not signed by this key"],
        [`${open.url}/nowhere/`, key, "There is no signed release"],
        [`${shut.url}/vote/`, key, "The voting page cannot be fetched"],
      ]) {
        await compare(page, { address, key: vkey });
        await fault(page, words);
        assert.equal(await page.locator("section.verdict").count(), 0);
        assert.equal(await page.getByLabel("Address of the voting page").inputValue(), address, "what was filled in stays");
      }
      assert.ok(!shut.asked.some((path) => path !== "/vote/release.note"), "after the first file there is no more to ask for");
      await accessible(page, "a voting page that cannot be fetched");
      for (const [change, words] of [
        [(bytes) => Buffer.from(bytes.toString("utf8").replace('"version": "', '"version": "0')), "not signed by this key"],
        [() => Buffer.from("<!doctype html>"), "cannot be read"],
        [() => Buffer.alloc((256 << 10) + 1, 32), "is larger than any"],
      ]) {
        open.change.set("/vote/release.note", change);
        await compare(page, { address: at, key });
        await fault(page, words);
      }
      open.change.clear();
      // Longer than any file: not taken into memory, and no verdict either.
      open.change.set("/vote/", () => Buffer.alloc((16 << 20) + 1));
      await compare(page, { address: at, key });
      await fault(page, "is larger than any");
      open.change.clear();
      await compare(page, { address: at, key });
      assert.equal(await verdict(page), "passed");
      await page.getByRole("button", { name: "To the election record" }).click();
      await page.getByLabel("Address of the record").waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
      await close();
      await open.close();
      await shut.close();
    },

    async "a voting page is compared with the keyboard alone, from right to left, on a narrow screen and in every language"() {
      const { key, other } = stage();
      const server = await still({ vote }, { open: true });
      const { page, trouble, close } = await opened({ locale: "ar-EG", colorScheme: "dark", viewport: { width: 320, height: 640 } });
      const to = async (wanted) => {
        for (let n = 0; n < 30; n += 1) {
          if (await page.evaluate((id) => document.activeElement.matches(id), wanted)) return;
          await page.keyboard.press("Tab");
        }
        assert.fail(`the keyboard does not reach ${wanted}`);
      };
      await to("#release");
      await page.keyboard.press("Enter");
      await page.locator("#release-address").waitFor();
      await sized(page, "start of a comparison");
      await accessible(page, "start of a comparison in ar");
      await to("#release-address");
      await page.keyboard.insertText(`${server.url}/vote/`);
      await to("#release-key");
      await page.keyboard.insertText(other);
      await page.keyboard.press("Enter");
      await fault(page, "غير موقّع بهذا المفتاح");
      await accessible(page, "a wrong key in ar");
      await to("#release-key");
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(key);
      await page.keyboard.press("Enter");
      assert.equal(await verdict(page), "passed");
      await page.getByRole("heading", { name: "نعم، هذه صفحة التصويت الموقّعة" }).waitFor();
      await sized(page, "a comparison in ar");
      await accessible(page, "a comparison in ar");
      assert.deepEqual(await page.locator("main code").evaluateAll((all) => [...new Set(all.map((code) => getComputedStyle(code).direction))]), ["ltr"]);
      await to("#language");
      for (const [tag, words] of [["et", "Jah, see on allkirjastatud hääletamise leht"], ["ru", "Да, это подписанная страница голосования"], ["en", "Yes, this is the signed voting page"]]) {
        await page.locator("#language").selectOption(tag);
        await page.getByRole("heading", { name: words }).waitFor();
        await sized(page, `a comparison in ${tag}`);
        await accessible(page, `a comparison in ${tag}`);
      }
      assert.deepEqual(trouble, []);
      await close();
      await server.close();
    },
  };
}
