// The steps of a vote, each a function from the visit to what is shown.

import { emptyMark, fault, notice, ruleOf, toChoice } from "./choices.js";
import { fields, instruction, named } from "./contests.js";
import { h, say } from "./dom.js";
import { forget, keep } from "./keep.js";
import { t } from "./text.js";

/** First wait before a ballot is sent again, and the longest. */
const WAIT_MS = [500, 10000];

/** A step's place in the way, so that nobody wonders how much is left. */
function progress(visit, now) {
  const total = 4;
  return h("p", { class: "progress" }, t("step", { now, total }));
}

const primary = (label, onclick) => h("button", { type: "button", class: "primary", onclick }, label);
const secondary = (label, onclick) => h("button", { type: "button", class: "secondary", onclick }, label);

/** Something that only opens for who asks. */
function aside(title, ...content) {
  return h("details", {}, h("summary", {}, title), h("div", {}, content));
}

/** An error above the fields, which takes the focus: what is wrong, and what to do. */
function alert(text, detail) {
  return h("div", { class: "alert", role: "alert", id: "fault", tabindex: "-1" }, h("p", {}, text), detail ? h("p", { class: "detail" }, h("bdi", { lang: "en", dir: "ltr" }, detail)) : null);
}

const toFault = () => document.getElementById("fault")?.focus();

/** Groups of a tracker that the eye can compare. */
function tracker(text) {
  return h("output", { class: "tracker", dir: "ltr", "aria-label": text.replaceAll("-", " ") }, text.split("-").map((group) => h("span", {}, group)));
}

export function loading() {
  return [h("h1", {}, t("loading")), h("p", {}, t("loading-means"))];
}

/** What went wrong before there was a choice to lose. */
export function problem(visit) {
  const { name = "internal", detail } = visit.problem ?? {};
  return [h("h1", {}, t("problem-title")), alert(t("problem", { name }), detail), name === "lost" || name === "busy" ? h("p", {}, t("trying-again")) : null];
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
    visit.fault ? alert(t("problem", { name: visit.fault.name }), visit.fault.detail) : null,
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
  const file = h("input", { type: "file", id: "file", accept: ".txt,text/plain" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    // A credential is small; anything else is not read into memory.
    visit.code = chosen.size > 65536 ? "" : await chosen.text();
    field.value = visit.code.trim();
    identify(visit, tools);
  });
  return [
    progress(visit, 1),
    h("h1", {}, t("credential-title")),
    h("p", {}, t("credential-lead")),
    visit.fault ? alert(t("problem", { name: visit.fault.name }), visit.fault.detail) : null,
    h("label", { for: "code" }, t("credential-code")),
    h("p", { class: "hint", id: "code-help" }, t("credential-help")),
    field,
    h("label", { for: "file" }, t("credential-file")),
    file,
    h("div", { class: "actions" }, primary(t("continue"), () => identify(visit, tools)), secondary(t("back"), () => history.back())),
    aside(t("credential-none"), h("p", {}, t("credential-none-means"))),
  ];
}

/** One contest a screen. */
export function contest(visit, { go, show }) {
  const { contests } = visit.voter;
  const [contest, mark] = [contests[visit.at], visit.marks[visit.at]];
  const { kind, max } = ruleOf(contest);
  const counter = h("p", { class: "counter", "aria-live": "polite" });
  const changed = () => {
    const { length } = mark.order;
    counter.textContent = (kind === "many" || kind === "rank") && !mark.blank && contest.rule.type !== "approve" ? t("counter", { count: length, max }) : "";
    counter.classList.toggle("over", length > max);
    // What was wrong may be right now; it is judged again on "continue".
    document.getElementById("fault")?.remove();
  };
  const form = fields(contest, mark, changed);
  changed();
  const next = () => {
    const wrong = fault(contest, mark);
    if (wrong) {
      visit.fault = wrong;
      const old = document.getElementById("fault");
      const box = alert(t(...wrong));
      if (old) old.replaceWith(box);
      else document.getElementById("actions").before(box);
      toFault();
    } else if (visit.changing || visit.at + 1 === contests.length) {
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
    h("h1", {}, h("bdi", {}, contest.title)),
    h("p", { class: "lead" }, instruction(contest)),
    form,
    h("div", { class: "bar" }, counter, h("div", { class: "actions", id: "actions" }, primary(t("continue"), next), secondary(t("back"), () => history.back()))),
  ];
}

/** A mark in plain words. */
function inWords(contest, mark) {
  if (mark.blank) return h("p", { class: "chosen" }, t("blank"));
  if (ruleOf(contest).kind === "score") {
    return h("ul", { class: "chosen" }, contest.candidates.map((candidate, at) => h("li", {}, named(candidate), h("span", { class: "points" }, t("score-of", { score: mark.scores[at] ?? 0 })))));
  }
  const items = mark.order.map((at) => h("li", {}, named(contest.candidates[at])));
  return h(ruleOf(contest).kind === "rank" ? "ol" : "ul", { class: "chosen" }, items);
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
  ];
}

/** Encrypts, keeps and sends until there is a receipt that holds. */
async function send(visit, { go, show }, tell) {
  if (!visit.cast) {
    tell("encrypting");
    // The checks that began when the page was opened; a broken connection then is none now.
    try {
      await visit.trust;
    } catch (error) {
      if (!["lost", "busy"].includes(error.name)) throw error;
      visit.trust = visit.ask({ op: "trust" });
      await visit.trust;
    }
    const choices = visit.voter.contests.map((contest, at) => toChoice(contest, visit.marks[at]));
    visit.cast = await visit.ask({ op: "prepare", choices });
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
    alert(t("problem", { name }), detail),
    other ? [h("p", {}, t("refused-other")), tracker(other)] : null,
    h("div", { class: "actions" }, primary(t(visit.voter ? "back-to-review" : "back-to-start"), again)),
  ];
}

function download(name, type, bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** Proves to another device what this vote holds. What is typed and how it went stays through a change of language. */
function secondDevice(visit) {
  const state = (visit.second ??= { code: "", sent: false, fault: undefined });
  const box = h("div", {});
  const draw = () => {
    const field = h("input", { type: "text", id: "second", autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "ltr", maxlength: "40", value: state.code, "aria-describedby": "second-help" });
    field.addEventListener("input", () => { state.code = field.value; });
    const send = async () => {
      state.fault = undefined;
      state.sent = false;
      try {
        await visit.ask({ op: "vouch", code: state.code });
        state.sent = true;
        say(t("second-sent"));
      } catch (error) {
        state.fault = error;
      }
      draw();
      if (state.fault) toFault();
    };
    box.replaceChildren(...[
      h("p", { id: "second-help" }, t("second-lead")),
      state.fault ? alert(t("problem", { name: state.fault.name }), state.fault.detail) : null,
      h("label", { for: "second" }, t("second-code")),
      field,
      h("div", { class: "actions" }, secondary(t("second-send"), send)),
      state.sent ? h("p", { class: "note" }, t("second-sent")) : null,
    ].filter(Boolean));
  };
  draw();
  const details = aside(t("second-title"), box);
  details.open = Boolean(state.code);
  return details;
}

/** What a mark was that makes this choice. */
function toMark(contest, choice) {
  const mark = emptyMark();
  if (choice === "blank") mark.blank = true;
  else if ("one" in choice) mark.order = [choice.one];
  else if ("set" in choice) mark.order = choice.set;
  else if ("ranking" in choice) mark.order = choice.ranking;
  else choice.scores.forEach((value, at) => { mark.scores[at] = value; });
  return mark;
}

/** The second device: shows a code, waits for the voting page, and shows what the recorded ballot holds. */
export function listening(visit, { go, show }) {
  const check = (visit.check ??= {});
  if (!check.running && !check.heard && !check.fault) {
    check.running = true;
    const run = async () => {
      await (visit.trust ??= visit.ask({ op: "trust" }));
      check.heard = await visit.ask({ op: "listen" }, ({ code }) => {
        if (check.code === code) return;
        check.code = code;
        if (visit.step === "listening") show({ focus: false });
      });
    };
    run().catch((error) => {
      check.fault = error;
      if (["lost", "busy"].includes(error.name)) visit.trust = undefined;
    }).finally(() => {
      check.running = false;
      if (visit.step === "listening") show();
    });
  }
  const again = () => { visit.check = undefined; show(); };
  if (check.fault) {
    return [
      h("h1", {}, t("check-failed")),
      alert(t("problem", { name: check.fault.name }), check.fault.detail),
      h("div", { class: "actions" }, primary(t("check-again"), again)),
    ];
  }
  if (check.heard) {
    const { heard } = check;
    return [
      h("h1", { class: "good" }, t("check-heard")),
      h("p", { class: "lead" }, t("check-heard-lead")),
      heard.contests.map((contest, at) => h("section", { class: "reviewed" },
        h("h2", {}, h("bdi", {}, contest.title)), inWords(contest, toMark(contest, heard.choices[at])))),
      heard.cancelled ? alert(t("check-cancelled")) : null,
      heard.newest ? null : alert(t("check-older")),
      h("h2", {}, t("check-voter")),
      h("p", { class: "code", dir: "ltr" }, heard.voter),
      h("p", { class: "hint" }, t("check-voter-means")),
      h("h2", {}, t("tracker")),
      tracker(heard.tracker),
      h("p", { class: "note" }, t("check-only-you")),
      h("div", { class: "actions" }, secondary(t("check-again"), again)),
    ];
  }
  return [
    h("h1", {}, t("check-title")),
    h("p", { class: "lead" }, t("check-lead")),
    check.code ? [h("output", { class: "tracker", dir: "ltr" }, check.code.split("-").map((group) => h("span", {}, group))), h("p", { role: "status" }, t("check-waiting"))]
      : h("p", { role: "status" }, t("loading")),
  ];
}

/** It is recorded: what to keep, and what can still be done. */
export function recorded(visit, { go }) {
  const { receipt, election } = visit;
  const name = `selge-receipt-${receipt.tracker.slice(0, 9)}`;
  const ballot = Uint8Array.from(atob(receipt.ballot), (letter) => letter.charCodeAt(0));
  const again = () => {
    visit.receipt = undefined;
    visit.second = undefined;
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
