// Writes workbooks as programs written in JavaScript do, for other_writers.py: reads JSON from its input, a list of
// {library: "exceljs" | "exceljs stream" | "xlsx", path, content: {title, name, corner, headers, rows, totals}, options}
// where a cell is text, a number, a boolean, null, {date: milliseconds} or {formula, result}.
const fs = require("fs");
const path = require("path");
const modules = path.join(__dirname, "..", "node_modules");

function plain(cell) {
  if (cell !== null && typeof cell === "object" && "date" in cell) return new Date(cell.date);
  return cell;
}

function decorate(sheet, options, last) {
  if (options.validation) {
    sheet.getCell("A3").dataValidation = { type: "list", allowBlank: true, formulae: ['"one,two"'] };
  }
  if (options.rich) sheet.getCell("N2").value = { richText: [{ font: { bold: true }, text: "bold " }, { text: "plain" }] };
  if (options.link) sheet.getCell("N3").value = { text: "link", hyperlink: "https://example.com/" };
  if (options.note) sheet.getCell("N4").note = "a note";
  if (options.merged) sheet.mergeCells("N6:O7");
  if (options.condition) {
    sheet.addConditionalFormatting({
      ref: "N1:N20",
      rules: [{ type: "cellIs", operator: "greaterThan", formulae: [3], style: { font: { bold: true } } }],
    });
  }
  if (options.shared) sheet.fillFormula("P2:P6", "A2", [1, 2, 3, 4, 5]);
  if (options.frozen) sheet.views = [{ state: "frozen", xSplit: 1, ySplit: last }];
}

async function withExcelJs({ path: file, content, options }) {
  const ExcelJS = require(path.join(modules, "exceljs"));
  const book = new ExcelJS.Workbook();
  if (options.date1904) book.properties.date1904 = true;
  if (options.named) book.definedNames.add(`'${content.title.replace(/'/g, "''")}'!$A$1:$B$2`, "Area");
  const sheet = book.addWorksheet(content.title);
  const rows = content.rows.map((row) => row.map(plain));
  sheet.addTable({
    name: content.name,
    ref: content.corner,
    headerRow: true,
    totalsRow: content.totals,
    style: { theme: options.theme, showRowStripes: true },
    columns: content.headers.map((name, i) => ({ name, filterButton: true, totalsRowFunction: i ? "sum" : "none" })),
    rows,
  });
  decorate(sheet, options, 1);
  const other = book.addWorksheet("Other");
  other.getCell("A1").value = { formula: `SUM(${content.name}[#Data])`, result: 3 };
  other.getCell("B7").value = { formula: "A1*2", result: 6 };
  await book.xlsx.writeFile(file);
}

async function streamed({ path: file, content, options }) {
  const ExcelJS = require(path.join(modules, "exceljs"));
  const settings = { filename: file, useStyles: options.styles, useSharedStrings: options.sharedStrings };
  const book = new ExcelJS.stream.xlsx.WorkbookWriter(settings);
  const sheet = book.addWorksheet(content.title);
  for (const row of [content.headers, ...content.rows]) sheet.addRow(row.map(plain)).commit();
  sheet.commit();
  await book.commit();
}

async function withSheetJs({ path: file, content, options }) {
  const XLSX = require(path.join(modules, "xlsx"));
  const book = XLSX.utils.book_new();
  const cells = content.rows.map((row) => row.map(plain).map((c) => (c && c.formula ? { t: "n", f: c.formula, v: c.result } : c)));
  const sheet = XLSX.utils.aoa_to_sheet([content.headers, ...cells], { cellDates: options.dates });
  if (options.merged) sheet["!merges"] = [XLSX.utils.decode_range("N6:O7")];
  if (options.link) sheet.A2.l = { Target: "https://example.com/", Tooltip: "there" };
  if (options.widths) sheet["!cols"] = [{ wch: 30 }, { hidden: true }];
  if (options.filter) sheet["!autofilter"] = { ref: "A1:C9" };
  XLSX.utils.book_append_sheet(book, sheet, content.title);
  if (options.second) XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([[1, "x"]]), "Other");
  XLSX.writeFile(book, file, { bookSST: options.sharedStrings, compression: options.compressed, bookType: options.kind });
}

const writers = { exceljs: withExcelJs, "exceljs stream": streamed, xlsx: withSheetJs };
(async () => {
  for (const one of JSON.parse(fs.readFileSync(0, "utf8"))) await writers[one.library](one);
})();
