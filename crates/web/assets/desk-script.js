// A topic's script: Markdown drawn as elements. A small part of the language, and never HTML: headings, lists, boxes
// to tick, numbered steps, bold words, rules; links stay text.
import { element } from "/inside.js";

/** Lines that are drawn at most. */
const LINES_MAX = 1000;

/** Words with **bold** ones in them. */
function words(text) {
  const plain = text.replace(/\[([^\]]*)\]\(([^)]*)\)/g, "$1 ($2)");
  return plain.split(/(\*\*[^*]+\*\*)/).filter(Boolean).map((part) => (part.startsWith("**") && part.length > 4 ? element("strong", part.slice(2, -2)) : document.createTextNode(part)));
}

function filled(tag, text, kind) {
  const made = element(tag, "", kind);
  made.append(...words(text));
  return made;
}

function ticked(text, isTicked) {
  const item = element("li", "", "tick"), label = element("label", ""), box = element("input", "");
  box.type = "checkbox";
  box.checked = isTicked;
  label.append(box, filled("span", text));
  item.append(label);
  return item;
}

/** The Markdown as elements. */
export function drawn(markdown) {
  const all = document.createDocumentFragment();
  let list = null, paragraph = null;
  const into = (tag) => {
    paragraph = null;
    if (!list || list.localName !== tag) { list = element(tag, ""); all.append(list); }
    return list;
  };
  for (const line of markdown.split(/\r?\n/).slice(0, LINES_MAX)) {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^(\s*)(?:([-*+])|\d{1,3}[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line);
    if (heading || !line.trim() || /^\s*(-{3,}|\*{3,})\s*$/.test(line)) {
      list = paragraph = null;
      // The page has its own first and second headings.
      if (heading) all.append(filled(heading[1].length < 3 ? "h3" : "h4", heading[2]));
      else if (line.trim()) all.append(element("hr", ""));
    } else if (item) {
      const [, indent, bullet, box, text] = item;
      const made = box === undefined ? filled("li", text) : ticked(text, box !== " ");
      if (indent.length >= 2) made.classList.add("deep");
      into(bullet ? "ul" : "ol").append(made);
    } else if (list && /^\s/.test(line)) {
      const place = list.lastElementChild.querySelector("span") || list.lastElementChild;
      place.append(" ", ...words(line.trim()));
    } else {
      list = null;
      if (paragraph) paragraph.append(" ");
      else { paragraph = element("p", ""); all.append(paragraph); }
      paragraph.append(...words(line.trim()));
    }
  }
  return all;
}
