// Fills in a web form as a person would and keeps the file that it saves. Runs the page's own script on the page's own
// elements, of which only what a form needs is played: node fill_web_form.cjs page.html answers.json folder
"use strict";
const fs = require("fs");
const vm = require("vm");

const [page, answers, folder] = process.argv.slice(2);
const html = fs.readFileSync(page, "utf8");
const given = JSON.parse(fs.readFileSync(answers, "utf8"));
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => ENTITIES[name]);

class Element {
  constructor(tag, written) {
    this.tag = tag;
    this.attributes = {};
    for (const [, name, value] of written.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) {
      this.attributes[name] = plain(value || "");
    }
    this.dataset = {};
    for (const [name, value] of Object.entries(this.attributes)) {
      if (name.startsWith("data-")) {
        this.dataset[name.slice(5).replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = value;
      }
    }
    this.id = this.attributes.id || "";
    this.type = this.attributes.type || tag;
    this.hidden = "hidden" in this.attributes;
    this.value = this.attributes.value || "";
    this.checked = "checked" in this.attributes;
    this.listeners = {};
  }
  addEventListener(kind, listener) { this.listeners[kind] = listener; }
  fire(kind) { this.listeners[kind]({ preventDefault() {} }); }
  querySelectorAll(selector) {
    const name = selector.slice(1, -1);
    return elements.filter((one) => name in one.attributes);
  }
  checkValidity() { return /^[^\s@]+@[^\s@]+$/.test(this.value); }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  focus() { said.focus = this.id; }
  reset() { elements.forEach((one) => { one.value = ""; one.checked = "checked" in one.attributes; }); }
  remove() {}
  click() { said.files.push(this.download); saving = this; }
}

let saving = null;
const said = { files: [], focus: "", problem: "", hidden: null };
const blobs = [];
const elements = [];
for (const [, tag, written] of html.matchAll(/<(form|input|select|textarea|section|p|strong|button)\b([^>]*)>/g)) {
  elements.push(new Element(tag, written));
}
const byId = (id) => elements.find((one) => one.id === id);
const script = html.match(/<script>([\s\S]*)<\/script>/)[1];
vm.runInNewContext(script, {
  document: { getElementById: byId, createElement: (tag) => new Element(tag, ""), body: { appendChild() {} } },
  Blob: class { constructor(parts) { blobs.push(Buffer.from(parts[0])); } },
  URL: { createObjectURL: () => "blob:1", revokeObjectURL() {} },
  setTimeout: () => 0,
});
said.ticked = elements.filter((one) => one.checked).length;
for (const answer of given) {
  for (const [header, value] of Object.entries(answer)) {
    const one = elements.find((each) => each.dataset.header === header || each.dataset.day === header);
    if (value === true) { one.checked = true; } else { one.value = value; }
  }
  byId("form").fire("submit");
  said.problem = byId("problem").textContent;
  said.hidden = byId("form").hidden;
  if (saving) {
    fs.writeFileSync(folder + "/" + said.files.length + ".csv", blobs[blobs.length - 1]);
    saving = null;
    byId("again").fire("click");
  }
}
console.log(JSON.stringify(said));
