// Whether a voting page is the one that somebody has signed: what its server gives this browser now, compared file by file.
"use strict";

/** What the module says of a file, in words. */
const FOUND = { same: "release-found-same", other: "release-found-other", missing: "release-found-missing" };

/** Where a page is, from what a person copies: whatever follows # can be a voting code, and stays here. */
function pageOf(text) {
  const base = addressOf(text);
  base.pathname = base.pathname.replace(/\/index\.html\/$/, "/");
  return base;
}

/** Fetches the release and what it names; answers with the comparison. `told` hears how far it is, `signal` stops it. */
async function compareRelease(text, key, { call, told, signal }) {
  const base = pageOf(text);
  const asked = (ask, blob) => {
    const answer = call(ask, blob);
    if (answer.problem) throw new Problem(answer.problem.name, answer.problem.detail);
    return answer;
  };
  const get = (path, most) => download(new URL(path, base), { signal, cache: "no-store", absent: [404, 410], lost: "release-lost", read: (response) => bounded(response, most) });
  const signer = asked({ op: "signer", key });
  const note = await get(signer.note, signer.most);
  if (!note) throw new Problem("release-none", String(new URL(signer.note, base)));
  // With nothing found yet: which files there are to be found, if the key has signed them.
  const wanted = asked({ op: "release", key, found: {} }, note);
  const left = wanted.files.map(({ path }) => path);
  const [total, found] = [left.length, {}];
  let done = 0;
  const lane = async () => {
    while (left.length > 0) {
      const path = left.shift();
      // A browser is given the beginning of the page at the address itself.
      const bytes = await get(path === "index.html" ? "./" : path, wanted.most);
      if (bytes) found[path] = asked({ op: "digest" }, bytes).digest;
      done += 1;
      told({ done, total });
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, lane));
  return { ...asked({ op: "release", key, found }, note), address: String(base) };
}

/** The content of an answer, of at most so many bytes. */
async function bounded(response, most) {
  const parts = [];
  let size = 0;
  for (const reader = response.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new Problem("release-large", `${response.url}: more than ${most} bytes`);
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Which page, and whose key. */
function releaseStart() {
  const { release } = state;
  const wrong = (name) => (state.problem?.name === name ? "true" : null);
  const field = (name, type, problem, more) => {
    const input = h("input", { type, id: `release-${name}`, value: release[name], spellcheck: "false", dir: "ltr", "aria-describedby": `release-${name}-help`, "aria-invalid": wrong(problem), oninput: () => { release[name] = input.value; }, ...more });
    return input;
  };
  return [main(
    h("h1", {}, t("release-title")),
    h("p", { class: "lead" }, t("release-lead")),
    problem(),
    h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); beginRelease(); } },
      h("label", { for: "release-address" }, t("release-address")),
      h("p", { class: "hint", id: "release-address-help" }, t("release-address-help")),
      field("address", "url", "address", { autocomplete: "url", placeholder: "https://" }),
      h("label", { for: "release-key" }, t("release-key")),
      h("p", { class: "hint", id: "release-key-help" }, t("release-key-help")),
      field("key", "text", "release-key", { autocomplete: "off" }),
      h("div", { class: "actions" },
        h("button", { class: "primary", type: "submit" }, t("release-start")),
        h("button", { class: "secondary", type: "button", onclick: () => go(start) }, t("release-back")))),
    h("p", { class: "hint" }, t("release-now")),
  )];
}

/** How far the comparison is. */
function releaseRunning() {
  const { done = 0, total = 0 } = state.release.far;
  const bar = h("progress", { "aria-labelledby": "release-far", max: Math.max(1, total) });
  if (total > 0) bar.value = done;
  return [main(
    h("h1", { id: "release-far" }, t("release-checking")),
    h("p", {}, h("bdi", { class: "name" }, state.release.address)),
    bar,
    h("p", { class: "hint", id: "release-parts" }, total > 0 ? t("parts", { done, total }) : ""),
    h("div", { class: "actions" }, h("button", { class: "secondary", type: "button", onclick: () => state.stop.abort() }, t("stop"))))];
}

/** What was found: the verdict, whose release it is, every file. */
function releaseReport() {
  const { signer, version, holds, copies, files, address } = state.release.answer;
  const code = (text) => h("code", { dir: "ltr" }, text);
  const bad = files.filter(({ found }) => found !== "same");
  const row = ({ path, signed, found, digest }) => h("tr", { class: found },
    h("th", { scope: "row" }, code(path)),
    h("td", {}, h("span", { class: `status ${found === "same" ? "passed" : "failed"}` }, found === "same" ? "✓ " : "✗ ", t(FOUND[found]))),
    h("td", {}, code(signed), digest ? [h("p", { class: "note" }, t("release-instead")), code(digest)] : null));
  return [h("main", { id: "main", tabindex: "-1", class: "report" },
    h("h1", {}, t("release-title")),
    h("section", { class: `verdict ${holds ? "passed" : "failed"}`, "aria-labelledby": "verdict" },
      h("span", { class: "mark", "aria-hidden": "true" }, holds ? "✓" : "✗"),
      h("div", {},
        h("h2", { id: "verdict" }, t(holds ? "release-same" : "release-other")),
        h("p", { class: "means" }, t(holds ? "release-same-means" : "release-other-means", { n: bad.length, all: files.length })),
        h("p", {}, t("release-now")))),
    h("div", { class: "actions" },
      h("button", { class: "secondary", type: "button", onclick: () => go(releaseStart) }, t("release-again")),
      h("button", { class: "secondary", type: "button", onclick: () => go(start) }, t("release-back"))),
    h("dl", { class: "facts" },
      h("dt", {}, t("release-address")), h("dd", {}, code(address)),
      h("dt", {}, t("release-signer")), h("dd", {}, code(signer)),
      h("dt", {}, t("release-version")), h("dd", {}, code(version), h("p", { class: "note" }, t("release-version-means")))),
    h("h2", { id: "release-files" }, t("release-files")),
    copies > 0 ? h("p", { class: "note" }, t("release-copies", { n: copies })) : null,
    h("table", { class: "digests", "aria-labelledby": "release-files" },
      h("thead", {}, h("tr", {}, ["release-file", "release-found", "release-digest"].map((key) => h("th", { scope: "col" }, t(key))))),
      // What is wrong comes first.
      h("tbody", {}, [...bad, ...files.filter(({ found }) => found === "same")].map(row))))];
}

/** Another view, with nothing left of the last one's problem. */
function go(view) {
  Object.assign(state, { view, problem: undefined });
  show();
}

/** Compares, and shows what came of it. */
async function beginRelease() {
  const { release } = state;
  Object.assign(state, { problem: undefined, stop: new AbortController() });
  release.far = {};
  const { signal } = state.stop;
  try {
    // Before anything is fetched, and with the form still there.
    const asked = { text: release.address, key: release.key };
    pageOf(asked.text);
    state.view = releaseRunning;
    show();
    const told = (far) => {
      release.far = far;
      if (state.view !== releaseRunning) return;
      const fresh = releaseRunning()[0];
      for (const part of ["progress", "#release-parts"]) document.querySelector(`main ${part}`).replaceWith(fresh.querySelector(part));
    };
    release.answer = await compareRelease(asked.text, asked.key, { call: state.call, told, signal });
    state.view = releaseReport;
    show();
    say(t("release-ready"));
  } catch (error) {
    state.stop.abort();
    state.view = releaseStart;
    state.problem = error.name === "stopped" ? undefined : error instanceof Problem ? error : new Problem("internal", String(error?.message ?? error));
    show();
  }
}
