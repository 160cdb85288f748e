// Filling in one contest, by its rule.

import { h, say } from "./dom.js";
import { ruleOf } from "./choices.js";
import { drag } from "./drag.js";
import { current, t } from "./text.js";

/** A longer list gets a search. */
const LONG = 10;

/** A candidate as shown: the number where the id is one, the name, the list. */
export function named(candidate, withList = true) {
  const number = /^[0-9]{1,6}$/.test(candidate.id) ? h("span", { class: "number" }, candidate.id) : null;
  const list = withList && candidate.list ? h("span", { class: "list" }, candidate.list) : null;
  return h("span", { class: "who" }, number, h("bdi", { class: "name" }, candidate.name), list);
}

/** Letters without their marks, for a search that forgives. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase(current());

/** The fields of a contest; `mark` is changed as the voter goes, and `changed` told. */
export function fields(contest, mark, changed) {
  switch (ruleOf(contest).kind) {
    case "one": return listed(contest, mark, changed, "radio");
    case "many": return listed(contest, mark, changed, "checkbox");
    case "rank": return ranked(contest, mark, changed);
    default: return scored(contest, mark, changed);
  }
}

/** What the rule asks for, in words. */
export function instruction(contest) {
  const { kind, max } = ruleOf(contest);
  if (kind === "many" && contest.rule.type === "approve") return t("rule-approve");
  return t(`rule-${kind}`, { max, count: contest.candidates.length });
}

/** A search over rows; rows that hold the voter's choice stay. */
function search(rows, groups) {
  const box = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  box.addEventListener("input", () => {
    const wanted = plain(box.value.trim()).split(/\s+/);
    let found = 0;
    for (const row of rows) {
      const hit = wanted.every((part) => row.text.includes(part));
      row.element.hidden = !hit && !row.kept();
      if (hit) found += 1;
    }
    for (const group of groups) group.element.hidden = group.rows.every((row) => row.element.hidden);
    say(t("search-found", { count: found }));
  });
  return h("div", { class: "search" }, h("label", { for: "search" }, t("search")), box);
}

/** Candidates in the manifest's order, under their list's name where neighbours share one. */
function grouped(contest, rowOf) {
  const groups = [];
  for (const [at, candidate] of contest.candidates.entries()) {
    const list = candidate.list ?? null;
    if (groups.length === 0 || groups[groups.length - 1].list !== list) groups.push({ list, rows: [] });
    groups[groups.length - 1].rows.push(rowOf(candidate, at));
  }
  for (const group of groups) {
    const rows = group.rows.map((row) => row.element);
    group.element = group.list === null
      ? h("div", { class: "group" }, rows)
      : h("div", { class: "group", role: "group", "aria-label": group.list }, h("h2", { class: "party" }, h("bdi", {}, group.list)), rows);
  }
  return groups;
}

function blankRow(contest, mark, type, changed, onBlank) {
  if (!ruleOf(contest).blank) return null;
  const input = h("input", { type, name: "choice", id: "blank", checked: mark.blank });
  input.addEventListener("change", () => {
    mark.blank = input.checked;
    if (mark.blank) onBlank?.();
    changed();
  });
  return h("label", { class: "option blank" }, input, h("span", { class: "who" }, h("span", { class: "name" }, t("blank")), h("span", { class: "list" }, t("blank-means"))));
}

function listed(contest, mark, changed, type) {
  const one = type === "radio";
  const inputs = [];
  const row = (candidate, at) => {
    const input = h("input", { type, name: "choice", value: String(at), checked: !mark.blank && mark.order.includes(at) });
    inputs.push(input);
    input.addEventListener("change", () => {
      if (one) mark.order = [at];
      else if (input.checked) mark.order = [...mark.order, at];
      else mark.order = mark.order.filter((other) => other !== at);
      mark.blank = false;
      const blank = document.getElementById("blank");
      if (blank && !one) blank.checked = false;
      changed();
    });
    const element = h("label", { class: "option" }, input, named(candidate, false));
    return { element, text: plain(`${candidate.id} ${candidate.name} ${candidate.list ?? ""}`), kept: () => input.checked };
  };
  const groups = grouped(contest, row);
  const rows = groups.flatMap((group) => group.rows);
  const blank = blankRow(contest, mark, type, changed, () => {
    mark.order = [];
    if (!one) for (const input of inputs) input.checked = false;
  });
  return [
    rows.length > LONG ? search(rows, groups) : null,
    h("fieldset", { class: "options" }, h("legend", { class: "hidden" }, contest.title), groups.map((group) => group.element), blank),
  ];
}

function ranked(contest, mark, changed) {
  const ranking = h("ol", { class: "ranking", "aria-label": t("ranking") });
  const rest = h("div", { class: "rest" });
  const title = (at) => contest.candidates[at].name;

  const move = (from, to, focus) => {
    if (to < 0 || to >= mark.order.length || from === to) return;
    const [moved] = mark.order.splice(from, 1);
    mark.order.splice(to, 0, moved);
    update(focus ? { at: moved, control: focus } : undefined);
    say(t("rank-moved", { name: title(moved), place: to + 1, count: mark.order.length }));
  };

  const button = (label, name, action, text, disabled = false) =>
    h("button", { type: "button", class: "small", "data-control": name, "aria-label": label, "aria-disabled": disabled ? "true" : null, onclick: () => { if (!disabled) action(); } }, text);

  function update(focus) {
    ranking.replaceChildren(...mark.order.map((at, place) => {
      const values = { name: title(at), place: place + 1 };
      const handle = h("span", { class: "handle", "aria-hidden": "true" }, "⠿");
      const item = h("li", { "data-at": at }, handle, h("span", { class: "place", "aria-hidden": "true" }, String(place + 1)), named(contest.candidates[at]),
        h("span", { class: "buttons" },
          button(t("rank-up", values), "up", () => move(place, place - 1, "up"), "↑", place === 0),
          button(t("rank-down", values), "down", () => move(place, place + 1, "down"), "↓", place === mark.order.length - 1),
          button(t("rank-remove", values), "remove", () => {
            mark.order.splice(place, 1);
            update();
            say(t("rank-removed", values));
            rest.querySelector(`[data-at="${at}"] button`)?.focus();
          }, "×")));
      drag(handle, item, ranking, (to) => move(place, to));
      return item;
    }));
    const left = contest.candidates.map((candidate, at) => [candidate, at]).filter(([, at]) => !mark.order.includes(at));
    const rows = left.map(([candidate, at]) => {
      const add = h("button", { type: "button", class: "option add", onclick: () => {
        mark.blank = false;
        mark.order.push(at);
        update();
        say(t("rank-added", { name: candidate.name, place: mark.order.length }));
        const next = rest.querySelector("button") ?? ranking.querySelector("[data-control=remove]");
        next?.focus();
      } }, h("span", { class: "plus", "aria-hidden": "true" }, "+"), named(candidate), h("span", { class: "hidden" }, t("rank-add", { place: mark.order.length + 1 })));
      return { element: h("div", { "data-at": at }, add), text: plain(`${candidate.id} ${candidate.name} ${candidate.list ?? ""}`), kept: () => false };
    });
    const typed = document.getElementById("search")?.value ?? "";
    const box = contest.candidates.length > LONG ? search(rows, []) : null;
    rest.replaceChildren(...[box, ...rows.map((row) => row.element)].filter(Boolean));
    if (box && typed) {
      const field = box.querySelector("input");
      field.value = typed;
      field.dispatchEvent(new Event("input"));
    }
    const blank = document.getElementById("blank");
    if (blank) blank.checked = mark.blank;
    empty.hidden = mark.order.length > 0;
    changed();
    if (focus) ranking.querySelector(`[data-at="${focus.at}"] [data-control="${focus.control}"]`)?.focus();
  }

  const empty = h("p", { class: "hint" }, t("rank-empty"));
  const blank = blankRow(contest, mark, "checkbox", changed, () => { mark.order = []; update(); });
  update();
  return [
    h("h2", {}, t("ranking")), empty, ranking,
    h("h2", {}, t("candidates")), rest, blank,
  ];
}

function scored(contest, mark, changed) {
  const { max } = ruleOf(contest);
  const clear = [];
  const blankOff = () => {
    mark.blank = false;
    const blank = document.getElementById("blank");
    if (blank) blank.checked = false;
  };
  const rows = contest.candidates.map((candidate, at) => {
    let control;
    if (max <= 10) {
      const values = [...Array(max + 1).keys()];
      control = h("div", { class: "scores" }, values.map((score) => {
        const input = h("input", { type: "radio", name: `score-${at}`, value: String(score), checked: mark.scores[at] === score });
        input.addEventListener("change", () => { mark.scores[at] = score; blankOff(); changed(); });
        clear.push(() => { input.checked = false; });
        return h("label", { class: "score" }, input, h("span", {}, String(score)));
      }));
    } else {
      const input = h("input", { type: "number", min: "0", max: String(max), step: "1", inputmode: "numeric", value: mark.scores[at] ?? "", "aria-label": candidate.name });
      input.addEventListener("input", () => {
        const score = input.value === "" ? NaN : Number(input.value);
        const good = Number.isInteger(score) && score >= 0 && score <= max;
        if (good) mark.scores[at] = score;
        else delete mark.scores[at];
        input.setAttribute("aria-invalid", String(!good && input.value !== ""));
        blankOff();
        changed();
      });
      clear.push(() => { input.value = ""; });
      control = input;
    }
    const element = h("fieldset", { class: "scored" }, h("legend", {}, named(candidate)), control);
    return { element, text: plain(`${candidate.id} ${candidate.name} ${candidate.list ?? ""}`), kept: () => mark.scores[at] !== undefined };
  });
  const blank = blankRow(contest, mark, "checkbox", changed, () => {
    mark.scores = {};
    for (const one of clear) one();
  });
  return [rows.length > LONG ? search(rows, []) : null, rows.map((row) => row.element), blank];
}
