// What the page says, in the reader's language. Missing texts fail the build (build.mjs), so every one is there.

import { FluentBundle, FluentResource } from "./fluent/index.js";
import { fetchChecked } from "./assets.js";

/** Languages, each by its own name. */
export const LANGUAGES = [["et", "Eesti"], ["en", "English"], ["ru", "Русский"], ["ar", "العربية"]];

const RIGHT_TO_LEFT = ["ar"];

let bundle;
let language;

/** The language that the reader's browser asks for first, of those that there are. */
export function preferred() {
  const wanted = navigator.languages ?? [navigator.language];
  const found = wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => LANGUAGES.some(([own]) => own === tag));
  return found ?? "en";
}

/** Loads a language's texts and puts them in force. */
export async function use(tag) {
  const source = await (await fetchChecked(`locales/${tag}.ftl`)).text();
  // Arabic with the digits that candidates' numbers are printed with; English with the day before the month.
  const next = new FluentBundle({ ar: "ar-u-nu-latn", en: "en-GB" }[tag] ?? tag);
  const errors = next.addResource(new FluentResource(source));
  if (errors.length) throw errors[0];
  bundle = next;
  language = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(tag) ? "rtl" : "ltr";
}

/** The language in force. */
export const current = () => language;

/** A text. */
export function t(id, values) {
  const message = bundle?.getMessage(id);
  return message?.value ? bundle.formatPattern(message.value, values) : id;
}
