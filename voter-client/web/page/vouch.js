// The voting page's side of a second device: before casting, that this device encrypts what was chosen; afterwards, what the
// recorded vote holds. What is typed, and how it went, stays through a change of step and language.

import { toChoice } from "./choices.js";
import { h, say } from "./dom.js";
import { aside, failure, secondary, toFault, tracker } from "./parts.js";
import { canScan, scanner } from "./scan.js";
import { t } from "./text.js";

/** The voter's choices as the core reads them. */
export const choicesOf = (visit) => visit.voter.contests.map((contest, at) => toChoice(contest, visit.marks[at]));

/** Waits for the checks that began when the page was opened; a broken connection then is none now. */
export async function trusted(visit) {
  try {
    await visit.trust;
  } catch (error) {
    if (!["lost", "busy"].includes(error.name)) throw error;
    visit.trust = visit.ask({ op: "trust" });
    await visit.trust;
  }
}

/** A box that draws itself anew after each question to the worker, and says what went wrong. */
function dialogue(state, content) {
  const box = h("div", {});
  const ask = async (work) => {
    if (state.busy) return;
    state.busy = true;
    state.fault = undefined;
    for (const button of box.querySelectorAll("button")) button.disabled = true;
    try {
      await work();
    } catch (error) {
      state.fault = error;
    }
    state.busy = false;
    draw();
    if (state.fault) toFault();
  };
  const draw = () => {
    const fault = state.fault ? failure(state.fault) : null;
    box.replaceChildren(...[content(ask, fault)].flat(Infinity).filter(Boolean));
  };
  draw();
  return box;
}

/** The field for the other device's code, which a camera can fill in. */
function codeField(state, id) {
  const field = h("input", { type: "text", id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "ltr", maxlength: "40", value: state.code, "aria-describedby": `${id}-help` });
  field.addEventListener("input", () => { state.code = field.value; });
  const scanned = (text) => {
    state.code = text;
    field.value = text;
    field.focus();
  };
  return [h("label", { for: id }, t("second-code")), field, canScan() ? scanner(scanned) : null];
}

/** Cast or challenge: the encrypted vote is shown to another device by its number, and then either cast or opened there. */
export function challenge(visit) {
  const state = (visit.challenge ??= { code: "", shown: undefined, of: undefined, opened: false, fault: undefined });
  const choices = choicesOf(visit);
  const of = JSON.stringify(choices);
  // A vote that was changed is another one, which nobody has been shown.
  if (state.of !== of) state.shown = undefined;
  const box = dialogue(state, (ask, fault) => {
    const show = () => ask(async () => {
      await trusted(visit);
      const { shown } = await visit.ask({ op: "show", code: state.code, choices });
      Object.assign(state, { shown, of, opened: false });
      say(t("challenge-shown"));
    });
    const open = () => ask(async () => {
      try {
        await visit.ask({ op: "open", code: state.code });
      } catch (error) {
        // Only a lost connection leaves something to send once more; that vote is never cast, whatever happens.
        if (!["lost", "busy"].includes(error.name)) state.shown = undefined;
        throw error;
      }
      Object.assign(state, { shown: undefined, opened: true });
      say(t("challenge-opened"));
    });
    if (state.shown) {
      return [
        h("p", {}, t("challenge-shown")),
        tracker(state.shown),
        h("p", {}, t("challenge-decide")),
        fault,
        h("div", { class: "actions" }, secondary(t("challenge-open"), open)),
        h("p", { class: "hint" }, t("challenge-open-means")),
      ];
    }
    return [
      state.opened ? h("p", { class: "note" }, t("challenge-opened")) : null,
      h("p", { id: "challenge-help" }, t("challenge-lead")),
      fault,
      codeField(state, "challenge"),
      h("div", { class: "actions" }, secondary(t("challenge-show"), show)),
    ];
  });
  const details = aside(t("challenge-title"), box);
  details.open = Boolean(state.code);
  return details;
}

/** The encrypted vote that was shown is used up. */
export function used(visit) {
  if (visit.challenge) visit.challenge.shown = undefined;
}

/** Proves to another device what the recorded vote holds. */
export function secondDevice(visit) {
  const state = (visit.second ??= { code: visit.challenge?.code ?? "", sent: false, fault: undefined });
  const box = dialogue(state, (ask, fault) => {
    const send = () => ask(async () => {
      state.sent = false;
      await visit.ask({ op: "vouch", code: state.code });
      state.sent = true;
      say(t("second-sent"));
    });
    return [
      h("p", { id: "second-help" }, t("second-lead")),
      fault,
      codeField(state, "second"),
      h("div", { class: "actions" }, secondary(t("second-send"), send)),
      state.sent ? h("p", { class: "note" }, t("second-sent")) : null,
    ];
  });
  const details = aside(t("second-title"), box);
  details.open = Boolean(state.code);
  return details;
}
