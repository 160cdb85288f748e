// The second device: it shows a code, waits for the voting page, and shows what the recorded vote holds, or an encrypted vote
// that was opened instead of cast. Then it can show a check of any other choice, which is why nobody else is convinced.

import { emptyMark, toChoice } from "./choices.js";
import { h, say } from "./dom.js";
import { opened, rememberOpened } from "./keep.js";
import { alert, aside, failure, inWords, primary, question, secondary, toMark, tracker } from "./parts.js";
import { qrCode } from "./scan.js";
import { t } from "./text.js";

/** How often the page looks whether the code's time is over: a timer of half an hour would sleep with the device. */
const LOOK_MS = 5000;

/** Ends a check of which nobody waits for the end: the code is no longer good, and its key is forgotten. */
export function stop(visit) {
  clearInterval(visit.check?.timer);
  visit.check?.abort?.abort();
  visit.check = undefined;
}

/** Begins a check and follows it. */
function start(visit, { go, show }) {
  const check = (visit.check = { abort: new AbortController() });
  const shown = (now) => visit.check === check && visit.step === "listening" && show({ focus: now });
  const run = async () => {
    await (visit.trust ??= visit.ask({ op: "trust" }));
    const begun = Date.now();
    return visit.ask({ op: "listen", opened: opened(visit.election.id) }, (told) => {
      if (told.digest) rememberOpened(visit.election.id, told.digest);
      check.until ??= begun + told.seconds * 1000;
      check.timer ??= setInterval(() => {
        if (Date.now() < check.until) return;
        clearInterval(check.timer);
        check.over = true;
        if (!check.heard) { check.abort.abort(); return; }
        // What is on the screen stays; what could make up another check goes.
        visit.ask({ op: "unlisten" });
        if (visit.check === check && visit.step === "practice") go("listening", { replace: true });
        else shown(false);
      }, LOOK_MS);
      const news = JSON.stringify(told) !== JSON.stringify(check.told);
      check.told = told;
      if (!news) return;
      shown(false);
      if (told.opened) say(t("check-opened"));
      else if (told.shown) say(t("check-shown"));
    }, check.abort.signal);
  };
  run().then((heard) => { check.heard = check.shows = heard; }, (error) => {
    check.fault = error;
    if (["lost", "busy"].includes(error.name)) visit.trust = undefined;
  }).finally(() => shown(true));
  return check;
}

/** What a vote holds, and whose it is. */
function held({ contests, choices, voter }) {
  return [
    contests.map((contest, at) => h("section", { class: "reviewed" },
      h("h2", {}, h("bdi", {}, contest.title)), inWords(contest, toMark(choices[at])))),
    h("h2", {}, t("check-voter")),
    h("p", { class: "voter" }, h("bdi", { dir: "ltr" }, voter)),
    h("p", { class: "hint" }, t("check-voter-means")),
  ];
}

export function listening(visit, { go, show }) {
  const check = visit.check ?? start(visit, { go, show });
  const again = () => { stop(visit); show(); };
  if (check.fault) {
    return [
      h("h1", {}, t("check-failed")),
      failure(check.fault),
      h("div", { class: "actions" }, primary(t("check-again"), again)),
    ];
  }
  if (check.shows) return [concluded(check.shows), practiceOffer(visit, { go, show }), h("div", { class: "actions" }, secondary(t("check-again"), again))];
  const { code, shown, opened: openedVote } = check.told ?? {};
  return [
    h("h1", {}, t("check-title")),
    h("p", { class: "lead" }, t("check-lead")),
    code ? [tracker(code), qrCode(code.toUpperCase(), t("check-qr")), h("p", { role: "status" }, t("check-waiting"))] : h("p", { role: "status" }, t("loading")),
    shown ? h("section", { class: "seen" },
      h("h2", {}, t("check-shown")),
      tracker(shown),
      openedVote ? [h("h2", {}, t("check-opened")), held(openedVote), h("p", { class: "note" }, t("check-opened-means"))] : h("p", {}, t("check-shown-means"))) : null,
  ];
}

/** The end of a check. One that was made up looks the same in every point, and must. */
function concluded(heard) {
  return [
    h("h1", { class: "good" }, t("check-heard")),
    h("p", { class: "lead" }, t("check-heard-lead")),
    heard.cancelled ? alert(t("check-cancelled")) : null,
    heard.newest ? null : alert(t("check-older")),
    held(heard.held),
    h("h2", {}, t("tracker")),
    tracker(heard.tracker),
    h("p", { class: "note" }, t("check-only-you")),
  ];
}

/** The way to a made-up check and back: it is there with either, so that it does not tell which one is shown. */
function practiceOffer(visit, { go, show }) {
  const { check } = visit;
  const { contests } = check.heard.held;
  const begin = () => {
    check.marks = contests.map(emptyMark);
    go("practice", { replace: true });
  };
  const real = () => { check.shows = check.heard; show(); };
  const box = aside(t("practice-title"),
    h("p", {}, t("practice-lead")),
    check.over ? h("p", {}, t("practice-over"))
      : h("div", { class: "actions" }, secondary(t("practice-start"), begin), secondary(t("practice-real"), real)));
  return box;
}

/** Choosing what the made-up check shall show. */
export function practice(visit, { go }) {
  const { check } = visit;
  const { contests } = check.heard.held;
  const [contest, mark] = [contests[visit.at], check.marks[visit.at]];
  const end = () => go("listening", { replace: true });
  const next = async () => {
    if (visit.at + 1 < contests.length) { go("practice", { at: visit.at + 1, replace: true }); return; }
    try {
      const made = await visit.ask({ op: "practise", choices: contests.map((each, at) => toChoice(each, check.marks[at])) });
      check.shows = { ...check.heard, held: made };
    } catch (error) {
      check.fault = error;
    }
    end();
  };
  const back = () => (visit.at > 0 ? go("practice", { at: visit.at - 1, replace: true }) : end());
  return [h("p", { class: "note" }, t("practice-choose")), question(contest, mark, { next, back })];
}
