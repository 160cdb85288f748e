// Making elements. Text is always text: nothing here reads HTML.

/** An element: `h("p", { class: "note", onclick: f }, "text", child, …)`. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (["checked", "value", "disabled", "hidden", "indeterminate"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Tells people who listen to the page. */
export function say(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  // A region that is emptied and filled at once is not read out again.
  setTimeout(() => { live.textContent = text; }, 50);
}
