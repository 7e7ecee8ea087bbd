// What was found: a table, page by page, and plain words when there is nothing.
import { ask, byId, row, show, tell } from "/inside.js";

/**
 * Shows what the API finds at this path with its query: `heads` above, a `line` for each of the `list`. `refused` tells
 * what went wrong.
 */
export async function find(path, list, heads, line, refused) {
  const next = async (cursor) => {
    const told = await ask("GET", cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
    if (!told.ok) return refused(told);
    tell("");
    const table = byId("found"), found = told.body[list];
    if (!cursor) table.replaceChildren(row(heads, "th"));
    table.append(...found.map(line));
    const isEmpty = !cursor && found.length === 0;
    show("none", isEmpty);
    show("found", !isEmpty);
    show("more", Boolean(told.body.next));
    byId("more").onclick = () => next(told.body.next);
  };
  await next();
}
