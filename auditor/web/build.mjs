// Puts the auditor's page together: build.mjs MODULE.wasm OUT
//
// OUT/index.html is all of it: one file that any server can serve and that can be opened from a disk. OUT/release.json has its
// SHA-256. The scripts and the style are allowed by their digests, in the page's own policy. Nothing depends on time, place or
// order: the same sources give the same bytes.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [module, out] = process.argv.slice(2);
const fail = (text) => { console.error(`build.mjs: ${text}`); process.exit(1); };
if (!module || !out) fail("usage: node build.mjs MODULE.wasm OUT");

const here = dirname(fileURLToPath(import.meta.url));
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const sha = (kind, bytes, as) => createHash(kind).update(bytes).digest(as);
const allowed = (text) => `'sha256-${sha("sha256", text, "base64")}'`;

// The voting page's helper is a module there and a plain script here: a page that is opened from a disk can load no modules.
const dom = read("../../voter-client/web/page/dom.js").replaceAll("export function", "function");
const scripts = [
  ["bridge", read("page/bridge.js")], ["dom", dom], ["record", read("page/record.js")], ["engine", read("page/engine.js")],
  ["release", read("page/release.js")], ["page", read("page/page.js")],
];
const worker = read("page/worker.js");
const style = `${read("../src/page/style.css")}${read("page/style.css")}`;
const wasm = readFileSync(module);
checkTexts();
for (const [name, text] of [...scripts, ["worker", worker]]) if (/<\/script|<!--/i.test(text)) fail(`${name}.js would end its own tag`);

const policy = [
  "default-src 'none'",
  `script-src ${scripts.map(([, text]) => allowed(text)).join(" ")} 'wasm-unsafe-eval'`,
  "worker-src blob:",
  // The report's charts are attributes.
  `style-src ${allowed(style)}`, `style-src-elem ${allowed(style)}`, "style-src-attr 'unsafe-inline'",
  "img-src data:",
  // Records are wherever somebody publishes them.
  "connect-src http: https:",
  "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types selge",
].join("; ");
const release = sha("sha256", [policy, worker, read("page/index.html"), sha("sha256", wasm, "hex")].join("\n"), "hex").slice(0, 16);
const values = {
  policy, style, worker, release,
  icon: `data:image/svg+xml;base64,${readFileSync(join(here, "page/icon.svg")).toString("base64")}`,
  module: wasm.toString("base64"),
  scripts: scripts.map(([name, text]) => `<script id="${name}">${text}</script>`).join("\n"),
};
const index = Buffer.from(read("page/index.html").replace(/\{\{([a-z]+)\}\}/g, (_, name) => values[name] ?? fail(`there is no ${name}`)));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const br = brotliCompressSync(index, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: index.length } });
writeFileSync(join(out, "index.html"), index);
writeFileSync(join(out, "index.html.br"), br);
writeFileSync(join(out, "index.html.gz"), gzipSync(index, { level: 9 }));
writeFileSync(join(out, "release.json"), `${JSON.stringify({ format: "selge-release/1", version: release, files: { "index.html": sha("sha256", index, "hex") } }, null, 2)}\n`);
console.log(`auditor's page ${release} in ${out}: ${(index.length / 1000).toFixed(0)} KB, compressed ${(br.length / 1000).toFixed(0)} KB`);

/** Every text that scripts ask for is there, and none is there that nothing asks for. That all languages say the same is a test
 * of the package. */
function checkTexts() {
  const there = new Set([...read("page/locales/en.ftl").matchAll(/^([a-z][a-z-]*) =/gm)].map(([, key]) => key));
  const code = scripts.map(([, text]) => text).join("\n");
  const asked = new Set([...code.matchAll(/\bt\("([a-z-]+)"/g)].map(([, key]) => key));
  for (const key of asked) if (!there.has(key)) fail(`en.ftl: ${key} is asked for and missing`);
  const problems = new Set([...code.matchAll(/(?:new Problem\(|\blost: )"([a-z-]+)"/g)].map(([, name]) => name).filter((name) => name !== "stopped"));
  for (const name of readdirSync(join(here, "src"))) {
    for (const [, problem] of read("src", name).split("#[cfg(test)]")[0].matchAll(/Answer::problem\("([a-z-]+)"/g)) problems.add(problem);
  }
  for (const name of problems) if (!there.has(`problem-${name}`)) fail(`en.ftl: problem-${name} is asked for and missing`);
  const known = (key) => code.includes(`"${key}"`) || problems.has(key.replace(/^problem-/, ""));
  for (const key of there) if (!known(key)) fail(`en.ftl: nothing asks for ${key}`);
}
