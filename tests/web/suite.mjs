// What every set of tests here needs: where the programs are, and running tests one after the other.

import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** One of the project's programs. */
export const program = (name) => `${root}target/${process.env.SELGE_PROFILE ?? "debug"}/${name}`;

/** Runs the tests whose name has `only` in it, all without it. After one that fails it shows what was on the pages, closes them and
 * calls `mend`. Says how many failed and how many passed. */
export async function runAll(tests, { only, browser, mend }) {
  const done = { failed: 0, passed: 0 };
  for (const [name, test] of Object.entries(tests)) {
    if (only && !name.includes(only)) continue;
    const started = Date.now();
    try {
      await test();
      done.passed += 1;
      console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      done.failed += 1;
      console.log(`FAILED ${name}\n${error.stack}`);
      const open = browser.contexts().flatMap((context) => context.pages());
      for (const page of open) console.log(await page.locator("body").innerText({ timeout: 2000 }).catch(() => ""));
      for (const context of browser.contexts()) await context.close();
      mend();
    }
  }
  return done;
}

/** Ends the program with what became of the tests; that none ran is no success. */
export function conclude({ failed, passed }, only) {
  if (failed) console.error(`${failed} failed`);
  else if (passed === 0) console.error(`no test has ${JSON.stringify(only)} in its name`);
  else return;
  process.exit(1);
}
