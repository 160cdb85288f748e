// The visit: what is known, which step is shown, and how one leads to the next.

import { h } from "./dom.js";
import { start } from "./engine.js";
import { kept } from "./keep.js";
import * as listen from "./listen.js";
import * as vote from "./steps.js";
import { LANGUAGES, current, preferred, t, use } from "./text.js";

/** How often the board is asked again when it cannot be reached while the page loads. */
const AGAIN_MS = 3000;

/** Every step by its name. */
const steps = { ...vote, listening: listen.listening, practice: listen.practice };

/** Everything that is known. It lives as long as the page and is never stored: it holds the vote in clear. */
const visit = {
  step: "loading",
  ask: undefined,
  election: undefined,
  code: "",
  file: undefined,
  expected: null,
  voter: undefined,
  marks: [],
  at: 0,
  fault: undefined,
  problem: undefined,
  trust: undefined,
  cast: undefined,
  receipt: undefined,
  changing: false,
  check: undefined,
  second: undefined,
  challenge: undefined,
};

/** The step that is shown from now on. */
function enter(step, at) {
  // A device that goes on to something else waits for no other device any more.
  if (visit.check && !visit.check.heard && step !== "listening") listen.stop(visit);
  visit.step = step;
  visit.at = at;
  visit.fault = undefined;
}

/** Shows a step. `record` keeps the one before for the browser's "back". */
function go(step, { at = 0, record = true, replace = false } = {}) {
  enter(step, at);
  const place = { step, at };
  if (replace) history.replaceState(place, "");
  else if (record) history.pushState(place, "");
  show();
}

/** Draws the step that is in force. */
function show({ focus = true } = {}) {
  const main = document.getElementById("main");
  main.replaceChildren(...[steps[visit.step](visit, { go, show })].flat(Infinity).filter(Boolean));
  frame();
  if (focus) {
    const heading = main.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  const title = main.querySelector("h1")?.textContent;
  document.title = [title, visit.election?.title].filter(Boolean).join(" – ");
}

/** What stands around every step. */
function frame() {
  document.getElementById("skip").textContent = t("skip");
  const language = h("select", { id: "language" }, LANGUAGES.map(([tag, name]) => h("option", { value: tag, lang: tag }, name)));
  language.value = current();
  language.addEventListener("change", async () => {
    await use(language.value);
    show({ focus: false });
    document.getElementById("language").focus();
  });
  const marks = h("span", { class: "mark", "aria-hidden": "true" }, "✓");
  document.getElementById("top").replaceChildren(
    h("p", { class: "election" }, marks, h("bdi", {}, visit.election?.title ?? t("voting"))),
    h("p", { class: "language" }, h("label", { for: "language" }, t("language")), language));
  const closes = visit.election && visit.election.phase === "voting"
    ? h("p", {}, t("open-until", { date: new Date(visit.election.closes * 1000) })) : null;
  document.getElementById("bottom").replaceChildren(...[closes, h("p", {}, t("no-cookies"))].filter(Boolean));
}

/** The browser's "back": no further than what can be taken back. */
window.addEventListener("popstate", ({ state }) => {
  const fixed = ["casting", "recorded", "loading", "problem"];
  const open = state && !fixed.includes(visit.step) && !fixed.includes(state.step)
    && (["welcome", "credential", "listening"].includes(state.step) || (state.step === "passphrase" && visit.file) || visit.voter);
  if (!open) {
    history.pushState({ step: visit.step, at: visit.at }, "");
    return;
  }
  enter(state.step, state.at);
  show();
});

/** A vote that is filled in and not cast is lost with the page. */
window.addEventListener("beforeunload", (event) => {
  const filled = visit.marks.some((mark) => mark.blank || mark.order.length > 0 || Object.keys(mark.scores).length > 0);
  if (filled && !["recorded", "casting"].includes(visit.step)) event.preventDefault();
});

/** What a link brings along stays out of the address and the history: `#credential=selge1.…&election=…`. */
function fromLink() {
  const given = new URLSearchParams(location.hash.slice(1));
  visit.code = given.get("credential") ?? "";
  visit.expected = given.get("election");
  history.replaceState({ step: "welcome", at: 0 }, "", location.pathname);
}

async function load() {
  visit.election = await visit.ask({ op: "election", expected: visit.expected });
  visit.marks = [];
  if (visit.election.phase === "voting") {
    // Checked while the voter reads; asked for again before anything is encrypted.
    visit.trust = visit.ask({ op: "trust" });
    visit.trust.catch(() => {});
  }
}

async function begin() {
  await use(preferred());
  frame();
  fromLink();
  visit.ask = await start();
  for (;;) {
    try {
      await load();
      break;
    } catch (problem) {
      visit.problem = problem;
      go("problem", { record: false });
      if (!["lost", "busy"].includes(problem.name)) return;
      await new Promise((resolve) => {
        setTimeout(resolve, Math.max(problem.wait ?? 0, AGAIN_MS));
        window.addEventListener("online", resolve, { once: true });
      });
    }
  }
  visit.problem = undefined;
  const left = kept(visit.election.id);
  if (left) {
    visit.cast = left;
    go("casting", { replace: true });
  } else {
    go("welcome", { replace: true });
  }
}

begin().catch((error) => {
  visit.problem = error;
  try { go("problem", { record: false }); } catch { document.getElementById("main").textContent = String(error); }
});
