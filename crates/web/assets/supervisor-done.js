// What has been done, in words, with a way back where there is one.
import { byId, show, tell } from "/inside.js";
import { T } from "/supervisor-words.js";

/** Says it; `undo` takes it back. */
export function done(words, undo) {
  tell(words);
  show("undo", Boolean(undo));
  show("seen", words !== "");
  byId("undo").onclick = undo ? () => { done(""); undo(); } : null;
}

/** Says why a request was not done. */
export function failed({ status, body }) {
  done(status === 0 ? T.noServer : body?.title || `${T.failed}: ${status}`);
}

export function beginDone() {
  byId("seen").setAttribute("aria-label", T.seen);
  byId("seen").onclick = () => done("");
}
