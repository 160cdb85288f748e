// The steps of a vote, each a function from the visit to what is shown.

import { emptyMark, notice } from "./choices.js";
import { h, say } from "./dom.js";
import { openFile } from "./engine.js";
import { forget, keep } from "./keep.js";
import { alert, aside, failure, inWords, primary, question, secondary, toFault, tracker } from "./parts.js";
import { canScan, scanner } from "./scan.js";
import { t } from "./text.js";
import { challenge, choicesOf, secondDevice, trusted, used } from "./vouch.js";

/** What an encrypted credential file begins with. */
const AGE = "age-encryption.org/v1";

/** First wait before a ballot is sent again, and the longest. */
const WAIT_MS = [500, 10000];

/** A step's place in the way, so that nobody wonders how much is left. */
function progress(visit, now) {
  const total = 4;
  return h("p", { class: "progress" }, t("step", { now, total }));
}

export function loading() {
  return [h("h1", {}, t("loading")), h("p", {}, t("loading-means"))];
}

/** What went wrong before there was a choice to lose. */
export function problem(visit) {
  const { name = "internal", detail } = visit.problem ?? {};
  return [h("h1", {}, t("problem-title")), failure({ name, detail }), name === "lost" || name === "busy" ? h("p", {}, t("trying-again")) : null];
}

/** What this election is. */
export function welcome(visit, { go, show }) {
  const { election } = visit;
  const date = new Date(election.closes * 1000);
  if (election.phase !== "voting") {
    const early = election.phase === "set-up";
    return [
      h("h1", {}, h("bdi", {}, election.title)),
      alert(t(early ? "not-open-yet" : "has-closed", { date: early ? new Date(election.opens * 1000) : date })),
      howDoIKnow(visit),
    ];
  }
  const next = () => {
    if (visit.voter) go("contest");
    else if (visit.code) identify(visit, { go, show });
    else go("credential");
  };
  return [
    progress(visit, 1),
    h("h1", {}, h("bdi", {}, election.title)),
    h("p", { class: "lead" }, t("welcome-lead")),
    h("ul", { class: "facts" },
      h("li", {}, t("welcome-until", { date })),
      h("li", {}, t("welcome-secret")),
      h("li", {}, t("welcome-again"))),
    visit.fault ? failure(visit.fault) : null,
    h("div", { class: "actions" }, primary(t("start"), next), secondary(t("check-open"), () => go("listening"))),
    howDoIKnow(visit),
  ];
}

function howDoIKnow(visit) {
  const { election } = visit;
  const release = document.querySelector("script[data-release]")?.dataset.release ?? "";
  return aside(t("how-do-i-know"),
    h("p", {}, t("know-device")),
    h("p", {}, t("know-open", { trustees: election.trustees, threshold: election.threshold, mixes: election.mixes })),
    h("p", {}, t("know-check")),
    h("dl", {},
      h("dt", {}, t("know-election")), h("dd", { dir: "ltr", class: "code" }, election.id),
      h("dt", {}, t("know-release")), h("dd", { dir: "ltr", class: "code" }, release)));
}

/** Takes the credential to the board and goes on, or says what is wrong. */
async function identify(visit, { go, show }) {
  const button = document.querySelector(".primary");
  if (button?.disabled) return;
  if (button) button.disabled = true;
  say(t("checking"));
  try {
    visit.voter = await visit.ask({ op: "credential", code: visit.code });
    visit.marks = visit.voter.contests.map(emptyMark);
    go("contest");
  } catch (error) {
    // A bad code from a link must be correctable.
    const at = error.name.startsWith("code-") || error.name === "not-on-roll" ? "credential" : visit.step;
    if (at !== visit.step) go(at);
    visit.fault = error;
    show({ focus: false });
    toFault();
  }
}

/** Who votes. */
export function credential(visit, tools) {
  const field = h("textarea", { id: "code", rows: "3", autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "ltr", "aria-describedby": visit.fault ? "code-help fault" : "code-help", "aria-invalid": visit.fault ? "true" : null, value: visit.code });
  field.addEventListener("input", () => { visit.code = field.value; });
  const file = h("input", { type: "file", id: "file" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    // A credential is small; anything else is not read into memory.
    const bytes = chosen.size > 65536 ? new Uint8Array() : new Uint8Array(await chosen.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    if (text.startsWith(AGE)) {
      visit.file = bytes;
      tools.go("passphrase");
      return;
    }
    visit.code = text;
    field.value = visit.code.trim();
    identify(visit, tools);
  });
  const scanned = (text) => {
    visit.code = text;
    field.value = text;
    identify(visit, tools);
  };
  return [
    progress(visit, 1),
    h("h1", {}, t("credential-title")),
    h("p", {}, t("credential-lead")),
    visit.fault ? failure(visit.fault) : null,
    h("label", { for: "code" }, t("credential-code")),
    h("p", { class: "hint", id: "code-help" }, t("credential-help")),
    field,
    canScan() ? scanner(scanned) : null,
    h("label", { for: "file" }, t("credential-file")),
    file,
    h("div", { class: "actions" }, primary(t("continue"), () => identify(visit, tools)), secondary(t("back"), () => history.back())),
    aside(t("credential-none"), h("p", {}, t("credential-none-means"))),
  ];
}

/** The credential file is encrypted: its passphrase. */
export function passphrase(visit, { go, show }) {
  const field = h("input", { type: "password", id: "passphrase", autocomplete: "off", dir: "ltr", "aria-describedby": visit.fault ? "passphrase-help fault" : "passphrase-help", "aria-invalid": visit.fault ? "true" : null });
  const open = async () => {
    const button = document.querySelector(".primary");
    if (button.disabled) return;
    button.disabled = true;
    say(t("checking"));
    try {
      visit.code = await openFile(visit.file, field.value);
      visit.file = undefined;
    } catch (error) {
      visit.fault = error.name === "Error" || !error.detail ? { name: "internal", detail: String(error) } : error;
      show({ focus: false });
      toFault();
      return;
    }
    button.disabled = false;
    await identify(visit, { go, show });
  };
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") open(); });
  return [
    progress(visit, 1),
    h("h1", {}, t("passphrase-title")),
    visit.fault ? failure(visit.fault) : null,
    h("label", { for: "passphrase" }, t("passphrase-field")),
    h("p", { class: "hint", id: "passphrase-help" }, t("passphrase-help")),
    field,
    h("div", { class: "actions" }, primary(t("continue"), open), secondary(t("back"), () => history.back())),
  ];
}

/** One contest a screen. */
export function contest(visit, { go }) {
  const { contests } = visit.voter;
  const next = () => {
    if (visit.changing || visit.at + 1 === contests.length) {
      visit.changing = false;
      go("review");
    } else {
      go("contest", { at: visit.at + 1 });
    }
  };
  return [
    h("div", { class: "where" }, progress(visit, 2),
      contests.length > 1 ? h("p", { class: "which" }, t("contest-of", { now: visit.at + 1, total: contests.length })) : null),
    visit.at === 0 && visit.voter.earlier ? h("p", { class: "note" }, t("earlier")) : null,
    question(contests[visit.at], visit.marks[visit.at], { next, back: () => history.back() }),
  ];
}

/** Everything once more, in plain words. */
export function review(visit, { go }) {
  const { contests, earlier } = visit.voter;
  const rows = contests.map((contest, at) => {
    const mark = visit.marks[at];
    const note = notice(contest, mark);
    const change = () => { visit.changing = true; go("contest", { at }); };
    return h("section", { class: "reviewed", "aria-labelledby": `contest-${at}` },
      h("h2", { id: `contest-${at}` }, h("bdi", {}, contest.title)),
      inWords(contest, mark),
      note ? h("p", { class: "note" }, t(...note)) : null,
      h("button", { type: "button", class: "link", "aria-label": t("change-of", { title: contest.title }), onclick: change }, t("change")));
  });
  return [
    progress(visit, 3),
    h("h1", {}, t("review-title")),
    h("p", { class: "lead" }, t("review-lead")),
    rows,
    earlier ? h("p", { class: "note" }, t("earlier-replaced")) : null,
    h("div", { class: "actions" }, primary(t("cast"), () => go("casting", { replace: true })), secondary(t("back"), () => history.back())),
    challenge(visit),
  ];
}

/** Encrypts, keeps and sends until there is a receipt that holds. */
async function send(visit, { go, show }, tell) {
  if (!visit.cast) {
    tell("encrypting");
    await trusted(visit);
    visit.cast = await visit.ask({ op: "prepare", choices: choicesOf(visit) });
    used(visit);
    // First kept: whatever happens from here on, the same ballot can be sent again.
    keep(visit.election.id, visit.cast);
  }
  for (let wait = WAIT_MS[0]; ; wait = Math.min(wait * 2, WAIT_MS[1])) {
    tell("sending");
    try {
      visit.receipt = { ...(await visit.ask({ op: "cast", ballot: visit.cast.ballot })), ballot: visit.cast.ballot };
      break;
    } catch (error) {
      if (!["lost", "busy"].includes(error.name)) throw error;
      tell(error.name);
      const pause = Math.max(error.wait ?? 0, wait) * (1 + Math.random() / 2);
      await new Promise((resolve) => {
        setTimeout(resolve, pause);
        if (error.name === "lost") window.addEventListener("online", resolve, { once: true });
      });
    }
  }
  forget(visit.election.id);
  visit.cast = undefined;
  if (visit.voter) visit.voter.earlier = visit.receipt.tracker;
  go("recorded", { replace: true });
}

export function casting(visit, tools) {
  const resent = Boolean(visit.cast);
  const states = ["encrypting", "sending"];
  const lines = states.map((state) => h("li", { class: "todo" }, t(`casting-${state}`)));
  const note = h("p", { class: "note", role: "status", hidden: true });
  const tell = (state) => {
    const at = states.indexOf(state);
    if (at >= 0) {
      lines.forEach((line, i) => { line.className = i < at ? "done" : i === at ? "now" : "todo"; });
      note.hidden = true;
      say(t(`casting-${state}`));
    } else {
      note.textContent = t(`casting-${state}`);
      note.hidden = false;
    }
  };
  if (!visit.running) {
    visit.running = true;
    visit.tell = tell;
    send(visit, tools, (state) => visit.tell(state)).catch((error) => {
      visit.problem = error;
      // A ballot that the board will never take is no use any more; one that it may have taken is.
      if (["stale", "closed", "refused", "cancelled", "not-on-roll", "kept-damaged"].includes(error.name)) {
        forget(visit.election.id);
        visit.cast = undefined;
      }
      tools.go("refused", { replace: true });
    }).finally(() => { visit.running = false; });
  } else {
    // The language was changed meanwhile.
    visit.tell = tell;
  }
  return [
    h("h1", {}, t(resent ? "casting-kept" : "casting-title")),
    resent ? h("p", {}, t("casting-kept-means")) : null,
    h("ol", { class: "doing" }, lines),
    note,
  ];
}

/** The ballot was not taken: why, and what to do. The choices are still there. */
export function refused(visit, { go }) {
  const { name, detail, tracker: other } = visit.problem;
  const again = async () => {
    if (name === "stale") {
      // The board's newest ballot is the one to follow now.
      visit.voter = visit.code ? await visit.ask({ op: "credential", code: visit.code }).catch(() => visit.voter) : visit.voter;
    }
    go(visit.voter ? "review" : "welcome", { replace: true });
  };
  return [
    h("h1", {}, t("refused-title")),
    failure({ name, detail }),
    other ? [h("p", {}, t("refused-other")), tracker(other)] : null,
    h("div", { class: "actions" }, primary(t(visit.voter ? "back-to-review" : "back-to-start"), again)),
  ];
}

function download(name, type, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** It is recorded: what to keep, and what can still be done. */
export function recorded(visit, { go }) {
  const { receipt, election } = visit;
  const name = `selge-receipt-${receipt.tracker.slice(0, 9)}`;
  const ballot = Uint8Array.from(atob(receipt.ballot), (letter) => letter.charCodeAt(0));
  const again = () => {
    visit.receipt = undefined;
    visit.second = undefined;
    visit.challenge = undefined;
    if (visit.voter) {
      visit.marks = visit.voter.contests.map(emptyMark);
      go("contest");
    } else {
      go("welcome");
    }
  };
  return [
    progress(visit, 4),
    h("h1", { class: "good" }, t("recorded-title")),
    h("p", { class: "lead" }, t("recorded-lead")),
    h("h2", { id: "tracker-title" }, t("tracker")),
    tracker(receipt.tracker),
    h("p", { class: "hint" }, t("tracker-means")),
    h("div", { class: "actions" }, primary(t("download"), () => download(`${name}.txt`, "text/plain", receipt.receipt))),
    h("h2", {}, t("now-what")),
    h("ul", { class: "facts" },
      h("li", {}, t("now-keep")),
      h("li", {}, t("now-again", { date: new Date(election.closes * 1000) })),
      h("li", {}, t("now-paper"))),
    receipt.checkable ? secondDevice(visit) : null,
    h("div", { class: "actions" }, secondary(t("vote-again"), again)),
    aside(t("how-do-i-know"),
      h("p", {}, t("know-receipt", { index: String(receipt.index) })),
      h("p", {}, t("know-program")),
      h("p", {}, h("button", { type: "button", class: "link", onclick: () => download(`${name}.txt.ballot`, "application/octet-stream", ballot) }, t("download-ballot")))),
  ];
}
