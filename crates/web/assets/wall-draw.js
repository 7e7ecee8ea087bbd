// Drawing without flicker: a node is touched only where what it shows has changed.

const shown = new WeakMap();

// Whether this is another value of the node than before.
function differs(node, what, value) {
  let known = shown.get(node);
  if (!known) shown.set(node, known = {});
  if (known[what] === value) return false;
  known[what] = value;
  return true;
}

export function text(node, value) {
  if (differs(node, "text", String(value))) node.textContent = value;
}

export function attribute(node, name, value) {
  if (!differs(node, name, value)) return;
  if (value === null) node.removeAttribute(name); else node.setAttribute(name, value);
}

export function variable(node, name, value) {
  if (differs(node, name, value)) node.style.setProperty(name, value);
}

export function make(tag, kind, ...inside) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...inside);
  return made;
}

// Keeps the children of a node: `create()` makes one, `update(node, data, id)` draws it. Takes [id, data] in
// their order.
export function keyed(parent, create, update) {
  const nodes = new Map();
  return (items) => {
    const wanted = new Set(items.map(([id]) => id));
    // What is gone goes first: it would stand in the way of all that follow.
    for (const [id, node] of nodes) {
      if (!wanted.has(id)) { node.remove(); nodes.delete(id); }
    }
    let before = parent.firstChild;
    for (const [id, data] of items) {
      let node = nodes.get(id);
      if (!node) nodes.set(id, node = create(id));
      update(node, data, id);
      // What goes down is moved itself, rather than all that it stood before.
      if (before && before !== node && before.nextSibling === node) before = node;
      if (node === before) before = before.nextSibling;
      else parent.insertBefore(node, before);
    }
  };
}

// The size of a node, known without asking the browser for its layout each time; `changed` is called when it
// is another one.
export function sized(node, changed) {
  const size = { width: 0, height: 0 };
  new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    if (width === size.width && height === size.height) return;
    Object.assign(size, { width, height });
    changed();
  }).observe(node);
  return size;
}
