// Tables can be sorted by a click on a column's title, and long ones searched. Without this script they are complete and stand
// in their own order.
const searchable = 20;
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  if (body.rows.length < 2) continue;
  if (body.rows.length >= searchable) addSearch(table, body);
  heads.forEach((head, column) => {
    if (!head.textContent) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[column].dataset.sort;
      const text = (row) => row.cells[column].textContent;
      const rows = [...body.rows].sort((a, b) => {
        const [one, other] = [key(a), key(b)];
        // What has no number comes last, whichever way.
        if ((one === undefined) !== (other === undefined)) return one === undefined ? 1 : -1;
        const order = one === undefined ? text(a).localeCompare(text(b), "en", { numeric: true }) : one - other;
        return up ? order : -order;
      });
      body.append(...rows);
    });
  });
}
// Shows the rows that hold all words of the search, in upper or lower case.
function addSearch(table, body) {
  const bar = document.createElement("p");
  const field = document.createElement("input");
  const found = document.createElement("output");
  bar.className = "search";
  field.type = "search";
  field.placeholder = "Search";
  field.setAttribute("aria-label", "Search the rows of this table");
  bar.append(field, found);
  table.parentElement.before(bar);
  let rows;
  field.addEventListener("input", () => {
    // Read once: a row has the same text in every order.
    const text = (row) => [...row.cells].map((cell) => cell.innerText).join(" ").toLowerCase();
    rows ??= [...body.rows].map((row) => [row, text(row)]);
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    found.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}
