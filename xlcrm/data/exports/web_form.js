"use strict";
(function () {
  const form = document.getElementById("form");
  const saved = document.getElementById("saved");
  const problem = document.getElementById("problem");
  const inputs = Array.from(form.querySelectorAll("[data-header]"));
  const consents = Array.from(form.querySelectorAll("[data-day]"));

  function two(number) {
    return String(number).padStart(2, "0");
  }

  function dayOf(now) {
    return now.getFullYear() + "-" + two(now.getMonth() + 1) + "-" + two(now.getDate());
  }

  /* One cell: no tabs, which part the cells, and nothing that a spreadsheet would take for a formula. */
  function cell(text) {
    const plain = String(text).replace(/\r\n?/g, "\n").replace(/[\t\v\f]/g, " ")
      .replace(/[\u0000-\u0008\u000e-\u001f]/g, "").replace(/^[\s\u200b\u200e\u200f]+|\s+$/g, "");
    const formula = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(plain) && !/^[+-][\d\s().,]*$/.test(plain);
    return '"' + (formula ? "'" : "") + plain.replace(/"/g, '""') + '"';
  }

  function valueOf(input) {
    return input.type === "checkbox" ? (input.checked ? input.value : "") : input.value;
  }

  function columns(day) {
    const found = inputs.map((input) => [input.dataset.header, valueOf(input)]);
    if (form.dataset.registered) {
      found.push([form.dataset.registered, day]);
    }
    consents.forEach((box) => {
      found.push([box.dataset.day, box.checked ? day : ""]);
      if (box.dataset.source) {
        found.push([box.dataset.source, box.checked ? form.dataset.source : ""]);
      }
    });
    return found;
  }

  /* Tabs in UTF-16 with a mark are what spreadsheets of every country read right. */
  function bytes(text) {
    const view = new DataView(new ArrayBuffer(2 * text.length + 2));
    view.setUint16(0, 0xfeff, true);
    for (let at = 0; at < text.length; at += 1) {
      view.setUint16(2 * at + 2, text.charCodeAt(at), true);
    }
    return view.buffer;
  }

  function say(text, input) {
    problem.textContent = text;
    inputs.forEach((one) => one.removeAttribute("aria-invalid"));
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  }

  function missing() {
    const names = inputs.filter((input) => "name" in input.dataset);
    if (names.length && !names.some((input) => input.value.trim())) {
      say(form.dataset.noName, names[0]);
      return true;
    }
    const wrong = inputs.find((input) => input.type === "email" && input.value.trim() && !input.checkValidity());
    if (wrong) {
      say(form.dataset.badEmail, wrong);
      return true;
    }
    say("");
    return false;
  }

  function save(now) {
    const rows = columns(dayOf(now));
    const lines = [0, 1].map((part) => rows.map((pair) => cell(pair[part])).join("\t"));
    const file = new Blob([bytes(lines.join("\r\n") + "\r\n")], { type: "text/csv" });
    const moment = dayOf(now) + " " + two(now.getHours()) + two(now.getMinutes()) + two(now.getSeconds());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = form.dataset.file + " " + moment + " " + Math.random().toString(36).slice(2, 6) + ".csv";
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    document.getElementById("file").textContent = link.download;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (missing()) {
      return;
    }
    save(new Date());
    form.hidden = true;
    saved.hidden = false;
    saved.focus();
  });

  document.getElementById("again").addEventListener("click", () => {
    form.reset();
    say("");
    saved.hidden = true;
    form.hidden = false;
    inputs[0].focus();
  });

  form.hidden = false;
})();
