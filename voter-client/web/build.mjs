// Puts the voting page together: build.mjs VOTER.wasm KEYFILE.wasm OUT
//
// OUT/index.html names everything else below OUT/a/VERSION/, where VERSION is the digest of all those bytes. Scripts and
// styles carry their SHA-384 in index.html (subresource integrity); what scripts fetch is compared with assets.js. OUT/release.json
// has the SHA-256 of every file, and of its compressed copies. Nothing depends on time, place or order: the same sources give
// the same bytes, but for those copies, which depend on Node.js's compressors.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [module, keyfile, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "page");
const fluent = join(here, "node_modules/@fluent/bundle/esm");
const qr = join(here, "node_modules/qr");

/** What is only loaded by who needs it. */
const late = (name) => name.startsWith("qr/");

const fail = (text) => { console.error(`build.mjs: ${text}`); process.exit(1); };
if (!module || !keyfile || !out) fail("usage: node build.mjs VOTER.wasm KEYFILE.wasm OUT");
for (const needed of [fluent, qr]) if (!existsSync(needed)) fail(`${needed} is not there: run 'npm ci' in ${here} and try again`);

const sha = (kind, bytes, as) => createHash(kind).update(bytes).digest(as);

/** Every file of the page by its name below the version's folder. */
const files = new Map();
const under = (folder, prefix, keep) => {
  for (const name of readdirSync(folder).sort()) if (keep(name)) files.set(`${prefix}${name}`, readFileSync(join(folder, name)));
};
under(page, "", (name) => /\.(js|css|svg)$/.test(name));
under(join(page, "locales"), "locales/", (name) => name.endsWith(".ftl"));
under(fluent, "fluent/", (name) => name.endsWith(".js"));
under(qr, "qr/", (name) => name === "index.js" || name === "decode.js");
files.set("voter.wasm", readFileSync(module));
files.set("keyfile.wasm", readFileSync(keyfile));

await checkTexts();

// What is fetched by scripts, not by tags: its digests are a script of their own.
const fetched = [...files.keys()].filter((name) => name === "worker.js" || /\.(wasm|ftl)$/.test(name) || late(name)).sort();
const digests = Object.fromEntries(fetched.map((name) => [name, `sha384-${sha("sha384", files.get(name), "base64")}`]));
files.set("assets.js", Buffer.from(`// Made by build.mjs: the digests of what scripts fetch.

const DIGESTS = ${JSON.stringify(digests, null, 2)};

/** Fetches a file of this page; the browser refuses it if its bytes are others than those of this release. */
export async function fetchChecked(name) {
  const response = await fetch(new URL(name, import.meta.url), { integrity: DIGESTS[name], credentials: "omit" });
  if (!response.ok) throw new Error(\`\${name}: HTTP status \${response.status}\`);
  return response;
}

/** Imports a module of this page that is seldom needed, with those that it imports: none runs if its bytes are others. */
export async function importChecked(name, ...needed) {
  for (const each of [...needed, name]) {
    await new Promise((resolve, reject) => {
      const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: new URL(each, import.meta.url).href, integrity: DIGESTS[each] });
      link.onload = resolve;
      link.onerror = () => reject(new Error(\`\${each}: it cannot be loaded, or is not the one of this release\`));
      document.head.append(link);
    });
  }
  return import(new URL(name, import.meta.url).href);
}
`));

const names = [...files.keys()].sort();
const version = sha("sha256", names.map((name) => `${sha("sha256", files.get(name), "hex")}  ${name}\n`).join(""), "hex").slice(0, 16);
const at = (name) => `/a/${version}/${name}`;
const integrity = (name) => `integrity="sha384-${sha("sha384", files.get(name), "base64")}"`;

// Every module that the page begins with is named here, so that each is checked before another imports it.
const modules = names.filter((name) => name.endsWith(".js") && name !== "worker.js" && !late(name));
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
// Compressed copies, for servers that hand them out. Their bytes are the compressor's affair, not only the sources'.
const copies = new Map();
for (const [name, bytes] of all) {
  if (name.endsWith(".svg")) continue;
  copies.set(`${name}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  copies.set(`${name}.gz`, gzipSync(bytes, { level: 9 }));
}
const listed = (map) => Object.fromEntries([...map].sort().map(([name, bytes]) => [name, sha("sha256", bytes, "hex")]));
const release = { format: "selge-release/1", version, files: listed(all), copies: listed(copies) };
const written = [...all, ...copies, ["release.json", Buffer.from(`${JSON.stringify(release, null, 2)}\n`)]];
for (const [name, bytes] of written) {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
const compressed = copies.get(`a/${version}/voter.wasm.br`).length;
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
    if (!name.endsWith(".js") || name.startsWith("fluent/") || late(name)) continue;
    for (const [literal] of bytes.toString("utf8").matchAll(/["'`][a-z][a-z$\{\}-]*["'`]/g)) used.add(literal.slice(1, -1));
  }
  const asked = (id) => used.has(id) || [...used].some((literal) => literal.includes("${") && new RegExp(`^${literal.replace(/\$\{[a-z]*\}/g, "[a-z-]+")}$`).test(id));
  for (const id of texts.get(reference).keys()) if (!asked(id)) problems.push(`${reference}: nothing asks for ${id}`);
  for (const literal of [...files].filter(([name]) => name.endsWith(".js") && !name.startsWith("fluent/") && !late(name)).flatMap(([, bytes]) => [...bytes.toString("utf8").matchAll(/\bt\("([a-z-]+)"/g)].map((match) => match[1]))) {
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
