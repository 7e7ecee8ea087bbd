// A channel from the server: server-sent events. They are read by fetch, since EventSource cannot send
// a token.

// The server gives a sign of life every ten seconds.
const SILENCE = 35_000;
const WAIT_MIN = 1000;
const WAIT_MAX = 30_000;
// A connection that lasted so long was a good one: the server ends each after ten minutes.
const GOOD = 60_000;

const pause = (millis) => new Promise((done) => { setTimeout(done, millis); });

function read(block) {
  const event = { id: null, name: "message", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("id:")) event.id = line.slice(3).trim();
    if (line.startsWith("event:")) event.name = line.slice(6).trim();
    if (line.startsWith("data:")) event.data += line.slice(5);
  }
  return event;
}

// For ever: `told.event(data, name)`, `told.alive()` with each sign of life, `told.lost(status)`; and
// `told.refused(status)` at the end of it, if nobody is let in this way.
export async function watch(path, token, told) {
  let last = null, wait = WAIT_MIN;
  for (;;) {
    const abort = new AbortController();
    let timer = 0, status = 0;
    const heard = () => { clearTimeout(timer); timer = setTimeout(() => abort.abort(), SILENCE); };
    const began = performance.now();
    try {
      heard();
      const headers = { Accept: "text/event-stream" };
      if (token) headers.Authorization = `Bearer ${token}`;
      if (last) headers["Last-Event-ID"] = last;
      const answer = await fetch(path, { headers, signal: abort.signal, cache: "no-store", credentials: token ? "omit" : "same-origin" });
      status = answer.status;
      if (status === 401 || status === 403) return told.refused(status);
      if (answer.ok) told.alive();
      const reader = answer.ok ? answer.body.pipeThrough(new TextDecoderStream()).getReader() : null;
      for (let text = ""; reader;) {
        const { value, done } = await reader.read();
        if (done) break;
        heard();
        told.alive();
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const event of blocks.map(read)) {
          if (event.id) last = event.id;
          if (event.data) told.event(JSON.parse(event.data), event.name);
        }
      }
    } catch { /* the network is gone, or has been silent for too long */ }
    clearTimeout(timer);
    abort.abort();
    if (performance.now() - began > GOOD) { wait = WAIT_MIN; continue; }
    told.lost(status);
    // Not all screens at once after the server was gone.
    await pause(wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, WAIT_MAX);
  }
}

// A merge patch (RFC 7396).
export function patch(target, change) {
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete target[key];
    else if (typeof value !== "object" || Array.isArray(value)) target[key] = value;
    else {
      if (typeof target[key] !== "object" || Array.isArray(target[key])) target[key] = {};
      patch(target[key], value);
    }
  }
}
