// What a person sees: where the record is, how far the audit is, the report.
"use strict";

const LANGUAGES = [["et", "Eesti"], ["en", "English"], ["ru", "Русский"], ["ar", "العربية"]];
const RIGHT_TO_LEFT = ["ar"];

/** Minutes without a word from the audit after which the page says so. */
const QUIET = 5;

/** The steps of an audit by the auditor's own names for them. */
const STEPS = [["entries", "step-entries"], ["ballots", "step-ballots"], ["mixes", "step-contests"]];

const state = { language: "en", view: start, module: undefined, call: undefined, address: "", election: "", problem: undefined, name: "", steps: new Map(), stop: undefined, report: undefined, digest: undefined, release: { address: "", key: "", far: {}, answer: undefined } };

/** A text; numbers and names for its places are told apart by their type. */
function t(key, values = {}) {
  const of = (type) => Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === type));
  return state.call({ op: "say", language: state.language, key, numbers: of("number"), texts: of("string") }).text ?? key;
}

/** The language that the reader's browser asks for first, of those that there are. */
function preferred() {
  const wanted = navigator.languages ?? [navigator.language];
  return wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => LANGUAGES.some(([own]) => own === tag)) ?? "en";
}

/** Draws the view that is in force. */
function show({ focus = true } = {}) {
  document.documentElement.lang = state.language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(state.language) ? "rtl" : "ltr";
  frame();
  document.getElementById("place").replaceChildren(...state.view());
  const heading = document.querySelector("main h1");
  document.title = [heading?.textContent, t("kicker")].filter(Boolean).join(" – ");
  if (!focus) return;
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

const main = (...children) => h("main", { id: "main", tabindex: "-1" }, children);

/** What stands around every view. */
function frame() {
  document.getElementById("skip").textContent = t("skip");
  const language = h("select", { id: "language" }, LANGUAGES.map(([tag, name]) => h("option", { value: tag, lang: tag }, name)));
  language.value = state.language;
  language.addEventListener("change", () => {
    state.language = language.value;
    show({ focus: false });
    document.getElementById("language").focus();
  });
  document.getElementById("top").replaceChildren(
    h("p", { class: "kicker" }, h("span", { class: "mark", "aria-hidden": "true" }, "✓"), t("kicker")),
    h("p", { class: "language" }, h("label", { for: "language" }, t("language")), language));
  document.getElementById("bottom").replaceChildren(
    h("h2", {}, t("trust")),
    h("p", {}, t("trust-source")),
    h("p", {}, t("trust-file")),
    h("p", {}, t("trust-again")),
    h("dl", {},
      h("dt", {}, t("trust-release")), h("dd", {}, h("code", { dir: "ltr" }, document.body.dataset.release)),
      h("dt", {}, t("trust-digest")), h("dd", {}, state.digest ? h("code", { dir: "ltr", id: "digest" }, state.digest) : t("trust-no-digest"))));
}

/** An error, with what the machine has to say of it for who wants to know. */
function problem() {
  if (!state.problem) return null;
  const { name, detail } = state.problem;
  return h("div", { class: "alert", role: "alert", id: "fault" },
    h("h2", {}, t("problem")),
    h("p", {}, t(`problem-${name}`)),
    detail ? h("details", {}, h("summary", {}, t("problem-details")), h("p", { class: "detail", dir: "ltr", lang: "en" }, detail)) : null);
}

/** Where the record is. */
function start() {
  const wrong = (name) => state.problem?.name === name || null;
  const election = h("input", { type: "text", id: "election", value: state.election, autocomplete: "off", spellcheck: "false", dir: "ltr", "aria-describedby": "election-help", "aria-invalid": wrong("election") && "true", oninput: () => { state.election = election.value; } });
  const address = h("input", { type: "url", id: "address", value: state.address, autocomplete: "url", spellcheck: "false", dir: "ltr", placeholder: "https://", "aria-describedby": "address-help", "aria-invalid": wrong("address") && "true", oninput: () => { state.address = address.value; } });
  const folder = h("input", { type: "file", id: "folder", webkitdirectory: true, class: "hidden", tabindex: "-1", "aria-hidden": "true", onchange: () => begin(async () => fromInput(folder.files)) });
  const fetched = (event) => {
    event.preventDefault();
    begin((told, signal) => fromAddress(state.address, state.call, told, signal), { fetching: true });
  };
  return [main(
    h("h1", {}, t("title")),
    h("p", { class: "lead" }, t("lead")),
    problem(),
    h("label", { for: "election" }, t("election")),
    h("p", { class: "hint", id: "election-help" }, t("election-help")),
    election,
    h("section", { class: "choice", "aria-labelledby": "address-title" },
      h("h2", { id: "address-title" }, t("address-title")),
      h("form", { novalidate: true, onsubmit: fetched },
        h("label", { for: "address" }, t("address")),
        h("p", { class: "hint", id: "address-help" }, t("address-help")),
        address,
        h("div", { class: "actions" }, h("button", { class: "primary", type: "submit" }, t("address-start"))))),
    h("section", { class: "choice", "aria-labelledby": "folder-title", id: "drop" },
      h("h2", { id: "folder-title" }, t("folder-title")),
      h("p", { class: "hint", id: "folder-help" }, t("folder-help")),
      folder,
      h("div", { class: "actions" }, h("button", { class: "secondary", type: "button", "aria-describedby": "folder-help", onclick: () => folder.click() }, t("folder-start")))),
    h("section", { class: "choice quiet", "aria-labelledby": "release-title" },
      h("h2", { id: "release-title" }, t("release-title")),
      h("p", { class: "hint", id: "release-means" }, t("release-means")),
      h("div", { class: "actions" }, h("button", { class: "secondary", type: "button", id: "release", "aria-describedby": "release-means", onclick: () => go(releaseStart) }, t("release-open"))))
  )];
}

/** How far the audit is. */
function running() {
  const line = ([key, text]) => {
    const { done = 0, total = 0, bytes } = state.steps.get(key) ?? {};
    const begun = state.steps.has(key);
    // A bar without a value shows work of unknown length.
    const bar = h("progress", { id: `bar-${key}`, "aria-labelledby": `step-${key}`, max: Math.max(1, total) });
    if (!begun || total > 0) bar.value = begun ? done : 0;
    return h("li", { class: begun && total > 0 && done >= total ? "done" : begun ? "now" : "" },
      h("span", { id: `step-${key}` }, t(text)), bar,
      h("span", { class: "parts", id: `parts-${key}` }, begun && total > 0 ? t("parts", { done, total }) : "", bytes >= 1e6 ? ` · ${t("megabytes", { n: Math.round(bytes / 1e6) })}` : ""));
  };
  const steps = [...(state.fetching ? [["fetch", "step-fetch"]] : []), ...STEPS];
  return [main(
    h("h1", {}, t("checking")),
    h("p", {}, h("bdi", { class: "name" }, state.name)),
    h("p", { class: "hint" }, t("checking-means")),
    h("ol", { class: "steps" }, steps.map(line)),
    h("p", { class: "hint" }, t("workers", { n: workersHere() })),
    h("p", { class: "alert", role: "status", id: "quiet", hidden: !state.quiet }, state.quiet ? t("quiet", { n: state.quiet }) : ""),
    h("div", { class: "actions" }, h("button", { class: "secondary", type: "button", onclick: () => state.stop.abort() }, t("stop"))))];
}

/** Draws how far the audit is again, at most once a frame, leaving the focus where it is. */
let drawing = false;
function draw() {
  if (drawing || state.view !== running) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (state.view !== running) return;
    const steps = document.querySelector("ol.steps");
    const fresh = running()[0].querySelector("ol.steps");
    steps.replaceWith(fresh);
  });
}

/** Says so if nothing is heard for some minutes: a browser in which no end of a worker can be seen must not leave anybody waiting.
 * Returns what is to be called when something is heard, and what ends it. */
function listening() {
  let last;
  const look = () => {
    const minutes = Math.floor((performance.now() - last) / 60000);
    const quiet = minutes >= QUIET ? minutes : undefined;
    if (quiet === state.quiet) return;
    state.quiet = quiet;
    const line = document.getElementById("quiet");
    if (!line) return;
    line.hidden = quiet === undefined;
    line.textContent = quiet === undefined ? "" : t("quiet", { n: quiet });
  };
  const heard = () => { last = performance.now(); look(); };
  heard();
  const timer = setInterval(look, 10000);
  return { heard, end: () => { clearInterval(timer); state.quiet = undefined; } };
}

/** The report, as `auditor report --html` shows it. */
function report() {
  const inside = h("div", {});
  const { html } = state.call({ op: "report", language: state.language, whole: false }, state.report);
  inside.innerHTML = policy.createHTML(html);
  inside.querySelector("main").id = "main";
  const save = (name, type, content) => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };
  const page = () => state.call({ op: "report", language: state.language, whole: true }, state.report).html;
  const button = (key, act) => h("button", { class: "secondary", type: "button", onclick: act }, t(key));
  // What to do with the report follows the verdict, which comes first.
  inside.querySelector("section.verdict").after(h("section", { class: "tools", "aria-labelledby": "of-record" },
    h("p", { id: "of-record" }, t("of-record", { name: state.name })),
    h("div", { class: "actions" },
      button("save-page", () => save("audit.html", "text/html", page())),
      button("save-json", () => save("audit.json", "application/json", state.report)),
      button("another", () => { state.view = start; state.report = undefined; state.problem = undefined; show(); }))));
  return [...inside.childNodes];
}

/** Gets a record and audits it. */
async function begin(get, { fetching = false } = {}) {
  if (state.view === running) return;
  Object.assign(state, { problem: undefined, steps: new Map(), stop: new AbortController(), fetching, name: fetching ? state.address : "", view: running });
  const { signal } = state.stop;
  let now;
  const { heard, end } = listening();
  const told = ({ step, ...far }) => {
    heard();
    if (step) now = STEPS.find(([key]) => step.startsWith(key))?.[0] ?? now;
    if (now) state.steps.set(now, { ...state.steps.get(now), ...far });
    draw();
  };
  try {
    const election = state.election.trim() || null;
    if (election && !/^[0-9a-f]{64}$/i.test(election)) throw new Problem("election", "");
    if (fetching) { addressOf(state.address); state.steps.set("fetch", {}); }
    show();
    const { name, files } = await get((far) => { heard(); state.steps.set("fetch", far); draw(); }, signal);
    state.name = name;
    show({ focus: false });
    state.report = await audit({ module: state.module, files, election, told, signal });
    state.view = report;
    show();
    say(t("report-ready"));
  } catch (error) {
    state.view = start;
    state.problem = error.name === "stopped" ? undefined : error instanceof Problem ? error : new Problem("internal", String(error?.message ?? error));
    show();
  } finally {
    end();
  }
}

/** A folder can be dropped anywhere. */
window.addEventListener("dragover", (event) => { event.preventDefault(); document.getElementById("drop")?.classList.add("over"); });
window.addEventListener("dragleave", () => document.getElementById("drop")?.classList.remove("over"));
window.addEventListener("drop", (event) => {
  event.preventDefault();
  if (state.view !== start) return;
  const items = event.dataTransfer.items;
  // What was dropped is gone after the first wait.
  const record = fromDrop(items);
  begin(() => record);
});

/** This page's own digest, where it can read itself. */
async function ownDigest() {
  if (!/^https?:$/.test(location.protocol)) return;
  const response = await fetch(location.href, { cache: "force-cache", credentials: "omit" });
  if (!response.ok) return;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  state.digest = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  frame();
}

async function load() {
  state.module = await compiled();
  state.call = await instance(state.module, alone);
  state.language = preferred();
  // A link can say which record and which election; starting is the reader's.
  const given = new URLSearchParams(location.hash.slice(1));
  state.address = given.get("record") ?? "";
  state.election = given.get("election") ?? "";
  show({ focus: false });
  await ownDigest().catch(() => {});
}

load().catch((error) => { document.getElementById("main").textContent = String(error); });
