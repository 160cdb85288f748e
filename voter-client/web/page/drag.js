// Moving an item of a list with a finger or a mouse. Everything that it does, buttons do as well.

/** Lets `handle` drag `item` within `list`; `moved` is told the new place. */
export function drag(handle, item, list, moved) {
  handle.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    down.preventDefault();
    handle.setPointerCapture(down.pointerId);
    const items = [...list.children];
    const from = items.indexOf(item);
    const middles = items.map((one) => { const box = one.getBoundingClientRect(); return box.top + box.height / 2; });
    let to = from;
    item.classList.add("dragged");
    const follow = (event) => {
      item.style.translate = `0 ${event.clientY - down.clientY}px`;
      const middle = middles[from] + event.clientY - down.clientY;
      to = middles.filter((other, at) => at !== from && other < middle).length;
      items.forEach((one, at) => one.classList.toggle("over", at === to && at !== from));
    };
    const end = (event) => {
      handle.removeEventListener("pointermove", follow);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      item.classList.remove("dragged");
      item.style.translate = "";
      items.forEach((one) => one.classList.remove("over"));
      if (event.type === "pointerup" && to !== from) moved(to);
    };
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  });
}
