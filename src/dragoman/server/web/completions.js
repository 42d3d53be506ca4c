// Completes what is typed in an editor: variables of the text itself, keywords, and what the server knows.
import { address, json } from "./pages.js";

const KEYWORDS = (
    "ASK,BASE,BIND,BOUND,BY,COALESCE,CONCAT,CONSTRUCT,CONTAINS,COUNT,DATATYPE,DESCRIBE,DISTINCT,EXISTS,FILTER," +
    "FROM,GRAPH,GROUP BY,GROUP_CONCAT,HAVING,IF,IN,IRI,LANG,LANGMATCHES,LCASE,LIMIT,MAX,MIN,MINUS,NOT EXISTS,NOT IN," +
    "OFFSET,OPTIONAL,ORDER BY,PREFIX,REDUCED,REGEX,REPLACE,SAMPLE,SELECT,SEPARATOR,STR,STRENDS,STRSTARTS,SUBSTR," +
    "SUM,UCASE,UNDEF,UNION,VALUES,WHERE,YEAR"
).split(",").map((label) => ({ label, type: "keyword" }));

// What can stand where the word stands, told by the text before it.
function kindAt(before) {
    if (/\bPREFIX\s+$/i.test(before)) return "prefix";
    if (/(?:^|\s)(?:a|rdf:type)(?:\s*\/\s*rdfs:subClassOf\*)?\s+$/.test(before)) return "class";
    // After a subject, a semicolon or an operator of a path there comes a property.
    if (/(?:;|[/|^!(])\s*$/.test(before)) return "property";
    if (/(?:^|[.{}])\s*(?:[?$][\p{L}\p{N}_]+|<[^>\s]*>|[\p{L}\p{N}_.-]*:[^\s{}.;,()]*)\s+$/u.test(before)) return "property";
    return "thing";
}

function variables(text, word) {
    const names = new Set(text.match(/[?$][\p{L}_][\p{L}\p{N}_]*/gu));
    names.delete(word);
    return [...names].map((label) => ({ label, type: "variable" }));
}

// Put in what was chosen, and the PREFIX line that it needs where the text has none.
function applied({ apply, label, declare }) {
    return (view, completion, from, to) => {
        const text = apply ?? label;
        const head = declare && !view.state.doc.toString().includes(declare.trim()) ? `${declare.trim()}\n` : "";
        view.dispatch({
            changes: [...(head ? [{ from: 0, insert: head }] : []), { from, to, insert: text }],
            selection: { anchor: from + head.length + text.length },
            userEvent: "input.complete",
        });
    };
}

export function completions(url, language) {
    return async (context) => {
        const word = context.matchBefore(/[?$<"\p{L}\p{N}\p{M}_:./#@'-]+/u);
        if (!word && !context.explicit) return null;
        const from = word?.from ?? context.pos;
        const text = word?.text ?? "";
        if (/^[?$]/.test(text)) return { from, options: variables(context.state.doc.toString(), text), validFor: /^[?$]\w*$/ };
        if (/^["'\d]/.test(text)) return null;
        const line = context.state.doc.lineAt(from);
        if (/^[^<"']*#/.test(line.text.slice(0, from - line.from))) return null;

        const kind = language === "yaml" ? "thing" : kindAt(context.state.sliceDoc(Math.max(0, from - 400), from));
        const wanted = text.toUpperCase();
        const keywords = language === "sparql" && wanted ? KEYWORDS.filter(({ label }) => label.startsWith(wanted)) : [];
        const asking = new AbortController();
        context.addEventListener("abort", () => asking.abort());
        let offered = [];
        try {
            // Where a thing may stand, one begins with its name or with a prefix.
            const kinds = kind === "thing" && language !== "yaml" ? ["prefix", "thing"] : [kind];
            const asked = kinds.map((each) => json(address(url, { q: text, kind: each }), { signal: asking.signal }));
            offered = (await Promise.all(asked)).flat();
        } catch {
            if (context.aborted) return null;
        }
        const options = offered.map((each) => ({
            label: each.label, detail: each.detail, info: each.info, apply: applied(each),
            type: each.detail === "class" || each.detail === "property" ? each.detail : undefined,
        }));
        // The server found names in any spelling: what it says is not filtered once more.
        return { from, options: [...keywords, ...options], filter: false };
    };
}
