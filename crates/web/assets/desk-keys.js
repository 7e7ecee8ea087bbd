// The desk by keyboard: single keys while the cursor is in no text field, and the list of them. They can be turned off, as
// WCAG 2.1.4 asks: who speaks to the computer, or whose hand shakes, presses them unawares.
import { byId, element, row } from "/inside.js";
import { T } from "/desk-words.js";

const OFF = "line122-keys-off";
/** What is done, the key's place on the keyboard (the same in both alphabets), with Shift or not. */
const KEYS = [
  ["hold", "KeyH", false], ["mute", "KeyM", false], ["keypad", "KeyK", false], ["transfer", "KeyT", false], ["curator", "KeyC", false],
  ["caseText", "KeyN", false], ["ready", "KeyG", false], ["pause", "KeyB", false], ["decline", "KeyD", true], ["hangUp", "KeyX", true],
];

const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const label = (code, isShifted) => (isShifted ? "Shift + " : "") + code.slice(3);

/** What a button shows of its key. */
export function hint(what) {
  const [, code, isShifted] = KEYS.find(([name]) => name === what) || [];
  return what === "answer" ? "Enter" : code ? label(code, isShifted) : "";
}

/** Begins to listen. `act` is told what is to be done, and gives whether it was; `digit` the same of a key of a telephone. */
export function beginKeys({ act, digit }) {
  const lines = [["answer", `Enter, ${T.space}`], ...KEYS.map(([what, code, isShifted]) => [what, label(code, isShifted)]), ["help", "?"], ["escape", "Esc"]];
  byId("key-list").replaceChildren(...lines.map(([what, key]) => row([element("kbd", key), T.does[what]])));
  const box = byId("keys-on");
  box.checked = !isOff();
  box.onchange = () => { try { localStorage.setItem(OFF, box.checked ? "" : "1"); } catch { /* then they stay as they are */ } };
  byId("keys").onclick = () => byId("help").showModal();

  addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isOff() || document.querySelector("dialog[open]")) return;
    if (target.closest("input:not([type=checkbox]), textarea, select")) return;
    // A button that has the focus does what it says.
    const isPressing = event.key === "Enter" || event.key === " ";
    if (isPressing && target.closest("button, a, input, label, summary")) return;
    const found = KEYS.find(([, code, isShifted]) => code === event.code && isShifted === event.shiftKey);
    let isDone = false;
    if (event.key === "?") { byId("help").showModal(); isDone = true; }
    else if (isPressing) isDone = act("answer");
    else if (found) isDone = act(found[0]);
    else isDone = digit(event);
    if (isDone) event.preventDefault();
  });
}
