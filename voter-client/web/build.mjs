// Puts the voting page together: build.mjs MODULE.wasm OUT
//
// OUT/index.html names everything else below OUT/a/VERSION/, where VERSION is the digest of all those bytes. Scripts and
// styles carry their SHA-384 in index.html (subresource integrity); what scripts fetch is compared with assets.js. OUT/release.json
// has the SHA-256 of every file. Nothing depends on time, place or order: the same sources give the same bytes.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [module, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "page");
const fluent = join(here, "node_modules/@fluent/bundle/esm");

const fail = (text) => { console.error(`build.mjs: ${text}`); process.exit(1); };
if (!module || !out) fail("usage: node build.mjs MODULE.wasm OUT");
if (!existsSync(fluent)) fail(`@fluent/bundle is not there: run 'npm ci' in ${here} and try again`);

const sha = (kind, bytes, as) => createHash(kind).update(bytes).digest(as);

/** Every file of the page by its name below the version's folder. */
const files = new Map();
const under = (folder, prefix, keep) => {
  for (const name of readdirSync(folder).sort()) if (keep(name)) files.set(`${prefix}${name}`, readFileSync(join(folder, name)));
};
under(page, "", (name) => /\.(js|css|svg)$/.test(name));
under(join(page, "locales"), "locales/", (name) => name.endsWith(".ftl"));
under(fluent, "fluent/", (name) => name.endsWith(".js"));
files.set("voter.wasm", readFileSync(module));

await checkTexts();

// What is fetched by scripts, not by tags: its digests are a script of their own.
const fetched = [...files.keys()].filter((name) => name === "worker.js" || name === "voter.wasm" || name.endsWith(".ftl")).sort();
const digests = Object.fromEntries(fetched.map((name) => [name, `sha384-${sha("sha384", files.get(name), "base64")}`]));
files.set("assets.js", Buffer.from(`// Made by build.mjs: the digests of what scripts fetch.

const DIGESTS = ${JSON.stringify(digests, null, 2)};

/** Fetches a file of this page; the browser refuses it if its bytes are others than those of this release. */
export async function fetchChecked(name) {
  const response = await fetch(new URL(name, import.meta.url), { integrity: DIGESTS[name], credentials: "omit" });
  if (!response.ok) throw new Error(\`\${name}: HTTP status \${response.status}\`);
  return response;
}
`));

const names = [...files.keys()].sort();
const version = sha("sha256", names.map((name) => `${sha("sha256", files.get(name), "hex")}  ${name}\n`).join(""), "hex").slice(0, 16);
const at = (name) => `/a/${version}/${name}`;
const integrity = (name) => `integrity="sha384-${sha("sha384", files.get(name), "base64")}"`;

// Every module is named here, so that each is checked before another imports it.
const modules = names.filter((name) => name.endsWith(".js") && name !== "worker.js");
const entry = "main.js";
const links = [
  `<link rel="stylesheet" href="${at("style.css")}" ${integrity("style.css")}>`,
  ...modules.filter((name) => name !== entry).map((name) => `<link rel="modulepreload" href="${at(name)}" ${integrity(name)}>`),
];
const scripts = [`<script type="module" src="${at(entry)}" ${integrity(entry)} data-release="${version}"></script>`];
const index = readFileSync(join(page, "index.html"), "utf8")
  .replace("{{icon.svg}}", at("icon.svg"))
  .replace("{{links}}", links.join("\n"))
  .replace("{{scripts}}", scripts.join("\n"));

rmSync(out, { recursive: true, force: true });
const all = new Map([["index.html", Buffer.from(index)], ...names.map((name) => [`a/${version}/${name}`, files.get(name)])]);
const release = { format: "selge-release/1", version, files: Object.fromEntries([...all].sort().map(([name, bytes]) => [name, sha("sha256", bytes, "hex")])) };
all.set("release.json", Buffer.from(`${JSON.stringify(release, null, 2)}\n`));
let compressed = 0;
for (const [name, bytes] of all) {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  if (name.endsWith(".svg")) continue;
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  if (name.endsWith(".wasm")) compressed = br.length;
}
const kib = (bytes) => `${(bytes / 1000).toFixed(0)} KB`;
console.log(`voting page ${version} in ${out}: module ${kib(files.get("voter.wasm").length)}, compressed ${kib(compressed)} (goal: at most 400 KB)`);

/** Every language must have every text, with the same variants of what is no number, and no text may be left that none asks for. */
async function checkTexts() {
  const { FluentResource } = await import(join(fluent, "index.js"));
  const parse = (name) => {
    const text = files.get(name).toString("utf8");
    const found = new Map(new FluentResource(text).body.map((entry) => [entry.id, entry.value]));
    const written = text.split("\n").map((line) => /^([a-z][a-z-]*) =/.exec(line)?.[1]).filter(Boolean);
    // The parser skips what it cannot read; here that is an error.
    for (const id of written) if (!found.has(id)) problems.push(`${name}: ${id} cannot be read`);
    if (new Set(written).size !== written.length) problems.push(`${name}: a text is there twice`);
    return found;
  };
  const problems = [];
  const languages = [...files.keys()].filter((name) => name.endsWith(".ftl"));
  const texts = new Map(languages.map((name) => [name, parse(name)]));
  const [reference] = ["locales/en.ftl"];
  const used = new Set();
  for (const [name, bytes] of files) {
    if (!name.endsWith(".js") || name.startsWith("fluent/")) continue;
    for (const [literal] of bytes.toString("utf8").matchAll(/["'`][a-z][a-z$\{\}-]*["'`]/g)) used.add(literal.slice(1, -1));
  }
  const asked = (id) => used.has(id) || [...used].some((literal) => literal.includes("${") && new RegExp(`^${literal.replace(/\$\{[a-z]*\}/g, "[a-z-]+")}$`).test(id));
  for (const id of texts.get(reference).keys()) if (!asked(id)) problems.push(`${reference}: nothing asks for ${id}`);
  for (const literal of [...files].filter(([name]) => name.endsWith(".js") && !name.startsWith("fluent/")).flatMap(([, bytes]) => [...bytes.toString("utf8").matchAll(/\bt\("([a-z-]+)"/g)].map((match) => match[1]))) {
    if (!texts.get(reference).has(literal)) problems.push(`${reference}: ${literal} is asked for and missing`);
  }
  const variables = (value) => {
    const found = new Set();
    const walk = (node) => {
      if (Array.isArray(node)) node.forEach(walk);
      else if (node && typeof node === "object") { if (node.type === "var") found.add(node.name); Object.values(node).forEach(walk); }
    };
    walk(value);
    return [...found].sort().join(", ");
  };
  const kinds = (value) => {
    const keys = [];
    const walk = (node) => {
      if (Array.isArray(node)) node.forEach(walk);
      else if (node && typeof node === "object") {
        if (node.type === "select" && node.selector.name === "name") keys.push(...node.variants.map((variant) => variant.key.value));
        Object.values(node).forEach(walk);
      }
    };
    walk(value);
    return keys.sort().join(", ");
  };
  for (const [language, found] of texts) {
    for (const [id, value] of texts.get(reference)) {
      if (!found.has(id)) problems.push(`${language}: ${id} is missing`);
      else if (variables(found.get(id)) !== variables(value)) problems.push(`${language}: ${id} uses { ${variables(found.get(id))} }, English uses { ${variables(value)} }`);
      else if (kinds(found.get(id)) !== kinds(value)) problems.push(`${language}: ${id} has the variants ${kinds(found.get(id))}, English has ${kinds(value)}`);
    }
    for (const id of found.keys()) if (!texts.get(reference).has(id)) problems.push(`${language}: ${id} is no text of the page`);
  }
  if (problems.length) fail(`the texts are not complete:\n  ${problems.join("\n  ")}`);
}
