// Reads workbooks as programs written in JavaScript do, for test_independent_readers.py:
//     node read_with_node.cjs xlsx|exceljs FILE...
// prints JSON: file -> {sheets: [title], tables: {name: range}, cells: {title: {"A1": [kind, value]}}} or {error}.
// Kinds: n (a number, and a date as its serial number), s, b, e (an error); a formula counts as its result.
const fs = require("fs");
const path = require("path");
const [library, ...files] = process.argv.slice(2);
const found = require(path.join(__dirname, "..", "..", "node_modules", library));

function withSheetJs(file) {
  const book = found.readFile(file, { cellDates: false, cellHTML: false, sheetStubs: false });
  const cells = {};
  for (const title of book.SheetNames) {
    cells[title] = {};
    for (const [place, cell] of Object.entries(book.Sheets[title])) {
      if (place[0] === "!" || cell.v === undefined || cell.v === null) continue;
      cells[title][place] = [cell.t, cell.t === "e" ? cell.w : cell.v];
    }
  }
  return { sheets: book.SheetNames, tables: null, cells };
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return ["n", 25569 + value.getTime() / 86400000];
  if (typeof value === "object") {
    if ("formula" in value || "sharedFormula" in value) return plain(value.result);
    if ("richText" in value) return ["s", value.richText.map((run) => run.text).join("")];
    if ("error" in value) return ["e", value.error];
    if ("text" in value) return plain(value.text);
    return ["?", JSON.stringify(value)];
  }
  return [typeof value === "number" ? "n" : typeof value === "boolean" ? "b" : "s", value];
}

// What exceljs cannot take, though it is sound, and other programs write it, too (openpyxl): a drawing whose prefix is
// not xdr, notes in a folder of their own, targets from the root. It gets the workbook without charts and notes, with
// targets from the part. And it makes an object for each of the million cells of a column that has a validation, and
// never ends, so it passes those over.
async function asExcelJsTakesIt(file) {
  const zip = await require(path.join(__dirname, "..", "..", "node_modules", "jszip")).loadAsync(fs.readFileSync(file));
  for (const name of Object.keys(zip.files)) {
    if (/^xl\/(drawings|comments|charts)/.test(name)) zip.remove(name);
    if (/^xl\/worksheets\/_rels\//.test(name)) {
      const rels = await zip.file(name).async("string");
      zip.file(name, rels.replace(/<Relationship [^>]*\/(drawing|comments|vmlDrawing)"[^>]*>/g, "").replaceAll('Target="/xl/', 'Target="../'));
    }
  }
  return zip.generateAsync({ type: "nodebuffer" });
}

async function withExcelJs(file) {
  const book = new found.Workbook();
  const passedOver = ["dataValidations", "drawing", "legacyDrawing"];
  await book.xlsx.load(await asExcelJsTakesIt(file), { ignoreNodes: passedOver });
  const cells = {}, tables = {};
  for (const sheet of book.worksheets) {
    cells[sheet.name] = {};
    sheet.eachRow((row) => row.eachCell((cell) => {
      const value = cell.isMerged && cell.master !== cell ? null : plain(cell.value);
      if (value) cells[sheet.name][cell.address] = value;
    }));
    for (const table of Object.values(sheet.tables || {})) tables[table.table.name] = table.table.tableRef;
  }
  return { sheets: book.worksheets.map((sheet) => sheet.name), tables, cells };
}

(async () => {
  const told = {};
  for (const file of files) {
    try {
      told[file] = library === "xlsx" ? withSheetJs(file) : await withExcelJs(file);
    } catch (error) {
      told[file] = { error: String(error) };
    }
  }
  process.stdout.write(JSON.stringify(told));
})();
