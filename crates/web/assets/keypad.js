// Twelve keys of a telephone, for the desk and for `/call`.
import { element } from "/inside.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** Fills a place with keys; `press` is told each that is pressed. */
export function drawKeypad(place, press) {
  place.replaceChildren(...KEYS.map((key) => {
    const button = element("button", key, "key");
    button.type = "button";
    button.addEventListener("click", () => press(key));
    return button;
  }));
}

/** The key of a telephone that a key of the keyboard stands for; "" if for none. */
export const phoneKey = (event) => (!event.ctrlKey && !event.metaKey && !event.altKey && KEYS.includes(event.key) ? event.key : "");
