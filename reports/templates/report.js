// Tables can be sorted by a click on a column's title. Without this script they are complete and stand in their own order.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  if (body.rows.length < 2) continue;
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
