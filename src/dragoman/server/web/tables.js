// Sorts and filters the rows of <table data-sortable>; a click more gives back the order of the answer.
import { calmly, everywhere, make } from "./pages.js";

const order = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true });
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase("en").replaceAll("ı", "i");

function valueOf(row, column) {
    const cell = row.cells[column];
    return cell?.dataset.value ?? cell?.querySelector("time")?.dateTime ?? cell?.textContent.trim() ?? "";
}

const numberOf = (text) => Number(text.replace(/[\s,\u00a0\u202f]/g, "").replace("\u2212", "-"));

// Rows sorted by one column; empty cells last in both directions.
function sorted(rows, column, direction) {
    const keyed = rows.map((row) => [valueOf(row, column), row]);
    const filled = keyed.filter(([value]) => value && value !== "—");
    const numbers = filled.every(([value]) => Number.isFinite(numberOf(value)));
    const compare = numbers ? (a, b) => numberOf(a) - numberOf(b) : order.compare;
    filled.sort(([a], [b]) => compare(a, b) * direction);
    const seen = new Set(filled);
    return [...filled, ...keyed.filter((pair) => !seen.has(pair))].map(([, row]) => row);
}

function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!body || !heads.length) return;
    const asked = [...body.rows];
    const rows = asked.filter((row) => !row.classList.contains("group"));
    const groups = asked.filter((row) => row.classList.contains("group"));

    let isSorted = false;
    let isFiltered = false;
    // A heading among the rows says nothing true of rows in another order, or of the few that are left.
    const showGroups = () => groups.forEach((row) => (row.hidden = isSorted || isFiltered));

    heads.forEach((head, column) => {
        if (head.querySelector("a")) return; // the server sorts, for it has rows that are not here
        const button = make("button", { type: "button" });
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
            const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
            const now = next === undefined ? "ascending" : next;
            heads.forEach((other) => other.removeAttribute("aria-sort"));
            if (now) head.setAttribute("aria-sort", now);
            isSorted = Boolean(now);
            showGroups();
            body.append(...(now ? sorted(rows, column, now === "ascending" ? 1 : -1) : asked));
        });
    });

    if (rows.length < 6) return;
    const told = make("output");
    const field = make("input", { type: "search", placeholder: "Filter these rows", "aria-label": "Filter these rows" });
    const texts = new Map();
    field.addEventListener("input", calmly(80, () => {
        const words = plain(field.value).split(/\s+/).filter(Boolean);
        isFiltered = words.length > 0;
        showGroups();
        let shown = 0;
        for (const row of rows) {
            if (!texts.has(row)) texts.set(row, plain(row.textContent));
            row.hidden = !words.every((word) => texts.get(row).includes(word));
            if (!row.hidden) shown += 1;
        }
        told.textContent = words.length ? `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows` : "";
    }));
    (table.closest(".table") ?? table).before(make("div", { class: "toolbar" }, field, told));
}

export const tables = () => everywhere("table[data-sortable]", sortable);
