// A list of hundreds of rows that change each second: chips that choose states, search, order, and arrow keys. A row
// is kept by its id, and of it only what has changed is touched.
import { element, isEnglish } from "/inside.js";
import { T } from "/supervisor-words.js";
import { attribute, keyed, make, text } from "/wall-draw.js";

/** Rows that Page Up and Page Down go. */
const PAGE = 10;
export const collator = new Intl.Collator(isEnglish ? "en" : "ru", { numeric: true });

/**
 * Keeps the list in `part`. `signs` are the states in their order with their signs, `counts` their names for many;
 * `resting` those that are shown only if they are chosen. `orders` are [name, compare]; `said` gives what a search looks
 * at; `create()` makes what is in a row, `update(row, item)` draws it; `open(id)` is what a press does. `changed` is called when the
 * list is to be drawn anew.
 */
export function rows({ part, signs, counts, resting = [], orders, names, said, create, update, open, changed }) {
  const list = part.querySelector("ul.rows"), search = part.querySelector("input[type=search]"), order = part.querySelector("select"), empty = part.querySelector(".empty");
  const chosen = new Set();

  list.setAttribute("aria-labelledby", part.getAttribute("aria-labelledby"));
  part.querySelector(".chips").setAttribute("aria-label", T.states);
  order.append(...Object.keys(orders).map((name) => new Option(names[name], name)));
  search.addEventListener("input", changed);
  order.addEventListener("change", changed);

  const drawChips = keyed(part.querySelector(".chips"), (state) => {
    const chip = make("button", "chip");
    chip.type = "button";
    chip.addEventListener("click", () => {
      if (!chosen.delete(state)) chosen.add(state);
      changed();
    });
    return chip;
  }, (chip, count, state) => {
    attribute(chip, "class", `chip s-${state}${count === 0 ? " none" : ""}`);
    attribute(chip, "aria-pressed", String(chosen.has(state)));
    text(chip, `${signs[state]} ${count} ${counts[state]}`);
  });

  // One of the buttons can be reached by Tab, the others by arrows: nobody wants to press Tab 500 times.
  const drawRows = keyed(list, (id) => {
    const button = create();
    button.type = "button";
    button.tabIndex = -1;
    button.addEventListener("click", () => open(id));
    return make("li", "", button);
  }, (line, item) => {
    attribute(line, "class", `s-${item.state}`);
    update(line.firstChild, item);
  });
  const stop = (button) => {
    for (const other of list.querySelectorAll("[tabindex='0']")) if (other !== button) other.tabIndex = -1;
    if (button) button.tabIndex = 0;
  };
  list.addEventListener("focusin", ({ target }) => stop(target.closest("button")));
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = [...list.children], at = all.indexOf(event.target.closest("li"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    all[Math.min(Math.max(to, 0), all.length - 1)].firstChild.focus();
  });

  return (items) => {
    const count = Object.fromEntries(Object.keys(signs).map((state) => [state, 0]));
    for (const { state } of items) count[state] += 1;
    drawChips(Object.entries(count));
    const sought = search.value.trim().toLowerCase();
    const shown = items.filter((item) => (chosen.size > 0 ? chosen.has(item.state) : !resting.includes(item.state)) && (!sought || said(item).toLowerCase().includes(sought)));
    const compare = orders[order.value];
    shown.sort((a, b) => compare(a, b) || collator.compare(a.id, b.id));
    // A row that is put elsewhere loses the focus.
    const focus = list.contains(document.activeElement) ? document.activeElement : null;
    drawRows(shown.map((item) => [item.id, item]));
    if (focus?.isConnected && document.activeElement !== focus) focus.focus({ preventScroll: true });
    else if (focus && !focus.isConnected) list.querySelector("button")?.focus({ preventScroll: true });
    if (!list.querySelector("[tabindex='0']")) stop(list.querySelector("button"));
    empty.hidden = shown.length > 0;
  };
}

/** The inside of a row: a name, a state, a time; below, what is quieter. */
export function line() {
  const made = make("button", "line", make("b"), make("span", "is"), make("span", "time"), make("small"));
  made.lastChild.append(element("span", ""), element("span", "", "mark"));
  return made;
}

export function drawLine(made, [name, state, time, more, mark]) {
  const [head, is, clock, small] = made.children;
  text(head, name);
  text(is, state);
  text(clock, time);
  text(small.firstChild, more);
  text(small.lastChild, mark);
}
