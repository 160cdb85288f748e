// What steps are made of.

import { emptyMark, fault, ruleOf } from "./choices.js";
import { fields, instruction, named } from "./contests.js";
import { h } from "./dom.js";
import { t } from "./text.js";

export const primary = (label, onclick) => h("button", { type: "button", class: "primary", onclick }, label);
export const secondary = (label, onclick) => h("button", { type: "button", class: "secondary", onclick }, label);

/** Something that only opens for who asks. */
export function aside(title, ...content) {
  return h("details", {}, h("summary", {}, title), h("div", {}, content));
}

/** An error above the fields, which takes the focus: what is wrong, and what to do. */
export function alert(text, more = null) {
  return h("div", { class: "alert", role: "alert", id: "fault", tabindex: "-1" }, h("p", {}, text), more);
}

/** Problems of which the election commission is to be told "what is written below". */
const TO_TELL = new Set(["false-board", "refused", "false-receipt", "check-false", "check-opening", "check-opened"]);

/** What went wrong, in words of the voter's language. The detail, which is English in all of them, opens for who asks. */
export function failure({ name, detail }) {
  const more = detail && h("details", { open: TO_TELL.has(name) },
    h("summary", {}, t("fault-detail")),
    h("p", { class: "detail", lang: "en", dir: "ltr" }, detail));
  return alert(t("problem", { name }), more || null);
}

export const toFault = () => document.getElementById("fault")?.focus();

/** Groups of a tracker or a code that the eye can compare. */
export function tracker(text) {
  return h("output", { class: "tracker", dir: "ltr", "aria-label": text.replaceAll("-", " ") }, text.split("-").map((group) => h("span", {}, group)));
}

/** One contest to fill in: `next` is called when the mark makes a choice, what is wrong is said otherwise. */
export function question(contest, mark, { next, back }) {
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
  const judge = () => {
    const wrong = fault(contest, mark);
    if (!wrong) { next(); return; }
    const old = document.getElementById("fault");
    const box = alert(t(...wrong));
    if (old) old.replaceWith(box);
    else document.getElementById("actions").before(box);
    toFault();
  };
  return [
    h("h1", {}, h("bdi", {}, contest.title)),
    h("p", { class: "lead" }, instruction(contest)),
    form,
    h("div", { class: "bar" }, counter, h("div", { class: "actions", id: "actions" }, primary(t("continue"), judge), secondary(t("back"), back))),
  ];
}

/** A mark in plain words. */
export function inWords(contest, mark) {
  if (mark.blank) return h("p", { class: "chosen" }, t("blank"));
  if (ruleOf(contest).kind === "score") {
    return h("ul", { class: "chosen" }, contest.candidates.map((candidate, at) => h("li", {}, named(candidate), " ", h("span", { class: "points" }, t("score-of", { score: mark.scores[at] ?? 0 })))));
  }
  const items = mark.order.map((at) => h("li", {}, named(contest.candidates[at])));
  return h(ruleOf(contest).kind === "rank" ? "ol" : "ul", { class: "chosen" }, items);
}

/** What a mark was that makes this choice. */
export function toMark(choice) {
  const mark = emptyMark();
  if (choice === "blank") mark.blank = true;
  else if ("one" in choice) mark.order = [choice.one];
  else if ("set" in choice) mark.order = choice.set;
  else if ("ranking" in choice) mark.order = choice.ranking;
  else choice.scores.forEach((value, at) => { mark.scores[at] = value; });
  return mark;
}
