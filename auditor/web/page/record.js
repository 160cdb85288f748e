// A record: files by path, of a folder or fetched from an address. Nothing here is believed; the audit checks all of it.

/** Files that are fetched side by side. */
const ABREAST = 6;

/** Longest wait for an answer to begin. */
const ANSWER_MS = 60000;

/** Tries of each file. */
const TRIES = 4;

/** What a person can do something about: `name` has words in every language. */
class Problem extends Error {
  constructor(name, detail) {
    super(detail);
    Object.assign(this, { name, detail });
  }
}

/** The files of a folder, of which a record may be a folder called `record`: it is then that record which is checked. */
function inFolder(name, all) {
  const under = (prefix) => all.filter(([path]) => path.startsWith(prefix)).map(([path, file]) => [path.slice(prefix.length), file]);
  const has = (prefix) => all.some(([path]) => path === `${prefix}checkpoint` || path.startsWith(`${prefix}tile/`));
  if (has("")) return { name, files: all };
  if (has("record/")) return { name: `${name}/record`, files: under("record/") };
  throw new Problem("no-folder", name);
}

/** What `<input type="file" webkitdirectory>` gives. */
function fromInput(list) {
  const all = [...list].map((file) => {
    const [top, ...rest] = file.webkitRelativePath.split("/");
    return [rest.join("/"), file, top];
  });
  if (all.length === 0) throw new Problem("no-folder", "");
  return inFolder(all[0][2], all.map(([path, file]) => [path, file]));
}

/** What is dropped onto the page. */
async function fromDrop(items) {
  const entry = [...items].map((item) => item.webkitGetAsEntry?.()).find((found) => found?.isDirectory);
  if (!entry) throw new Problem("no-folder", "");
  const all = [];
  const walk = async (folder, prefix) => {
    const reader = folder.createReader();
    for (;;) {
      // A browser gives some at a time, and none at the end.
      const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
      if (some.length === 0) return;
      for (const one of some) {
        if (one.isDirectory) await walk(one, `${prefix}${one.name}/`);
        else all.push([`${prefix}${one.name}`, await new Promise((resolve, reject) => { one.file(resolve, reject); })]);
      }
    }
  };
  await walk(entry, "");
  return inFolder(entry.name, all);
}

/** The address of the folder that a person has named, or of its checkpoint. */
function addressOf(text) {
  if (!/^\s*https?:\/\/[^/]/i.test(text) || !URL.canParse(text.trim())) throw new Problem("address", text);
  const url = new URL(text.trim());
  url.hash = "";
  url.search = "";
  if (url.pathname.endsWith("/checkpoint")) url.pathname = url.pathname.slice(0, -"checkpoint".length);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Fetches a file, with patience; undefined if its server has none (`absent`). `read` takes in what comes; `lost` is the problem if
 * nothing does. */
async function download(url, { signal, cache, absent, lost, read, redirect = "manual" }) {
  for (let tried = 1; ; tried += 1) {
    try {
      const stop = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      const response = await fetch(url, { cache, credentials: "omit", redirect, referrerPolicy: "no-referrer", signal: stop });
      if (absent.includes(response.status)) return undefined;
      if (response.type === "opaqueredirect") throw new Problem(lost, `${url}: the server redirects, which is not followed: give the address that it leads to if you trust it`);
      if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      return await read(response);
    } catch (error) {
      if (signal.aborted) throw new Problem("stopped", "");
      if (error instanceof Problem) throw error;
      if (tried === TRIES) throw new Problem(lost, `${url}: ${error?.message ?? error}`);
      await new Promise((resolve) => { setTimeout(resolve, 300 * 2 ** tried); });
    }
  }
}

/** Fetches a record; `call` is a module that knows which files there are, `told` hears how far it is, `signal` stops it. */
async function fromAddress(text, call, told, signal) {
  const base = addressOf(text);
  const files = new Map();
  let bytes = 0;
  // What is not there is the audit's to judge.
  const get = async (path) => {
    const blob = await download(new URL(path, base), { signal, cache: path === "checkpoint" ? "no-store" : "default", absent: [403, 404], lost: "lost", redirect: "follow", read: (response) => response.blob() });
    bytes += blob?.size ?? 0;
    return blob;
  };
  const checkpoint = await get("checkpoint");
  if (!checkpoint) throw new Problem("no-record", String(base));
  files.set("checkpoint", checkpoint);
  const content = async (blob) => new Uint8Array(await blob.arrayBuffer());
  const tree = call({ op: "tree" }, await content(checkpoint));
  if (tree.problem) throw new Problem(tree.problem.name, tree.problem.detail);
  const wanted = [...tree.bundles.map(([path, width]) => ({ path, width })), ...tree.tiles.map((path) => ({ path }))];
  const known = new Set(wanted.map(({ path }) => path));
  let done = 0;
  const one = async ({ path, width }) => {
    const blob = await get(path);
    done += 1;
    told({ done, total: done + wanted.length, bytes });
    if (!blob) return;
    files.set(path, blob);
    if (width === undefined) return;
    for (const file of call({ op: "named", width }, await content(blob)).files) {
      if (known.has(file)) continue;
      known.add(file);
      wanted.push({ path: file });
    }
  };
  const lane = async () => { while (wanted.length > 0) await one(wanted.shift()); };
  // Files are named by bundles: a lane that finds nothing to do may be needed again.
  while (wanted.length > 0) await Promise.all(Array.from({ length: ABREAST }, lane));
  return { name: String(base), files: [...files].sort(([a], [b]) => (a < b ? -1 : 1)) };
}
