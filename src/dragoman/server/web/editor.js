// Makes an editor of <textarea data-editor="sparql|turtle|yaml">; the textarea stays the form's value.
//
// data-check="URL"     POST of the form's words as JSON, by their names, gives [{"line", "column",
//                      "message", "severity", "endLine"?, "endColumn"?}], from 1, in code points
// data-complete="URL"  GET ?q=…&kind=class|property|prefix|thing gives [{"label", "apply", "detail",
//                      "info", "declare"?}]; declare is a PREFIX line that the text must have
// data-results="URL"   the form is posted there, and what comes back stands in #results; tabs and
//                      history are kept in this browser
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
    bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting,
} from "@codemirror/language";
import { turtle } from "@codemirror/legacy-modes/mode/turtle";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import { lintGutter, linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
    drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { completions } from "./completions.js";
import { calmly, everywhere, json, make } from "./pages.js";
import { results } from "./results.js";
import { sheets } from "./sheets.js";

const LANGUAGES = {
    sparql: () => sparql(),
    turtle: () => StreamLanguage.define(turtle),
    yaml: () => StreamLanguage.define(yaml),
};

const COLOURS = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--accent)", fontWeight: "600" },
    { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--series-4)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
    { tag: [tags.number, tags.bool, tags.atom, tags.literal], color: "var(--warning)" },
    { tag: [tags.comment, tags.lineComment, tags.meta], color: "var(--quiet)", fontStyle: "italic" },
    { tag: [tags.namespace, tags.typeName, tags.className, tags.propertyName, tags.definition(tags.propertyName)], color: "var(--link)" },
    { tag: [tags.url, tags.link], color: "var(--series-7)" },
    { tag: tags.invalid, color: "var(--wrong)" },
]);

const LOOKS = EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--raised)", fontSize: "0.875rem" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--code)", lineHeight: "1.5", maxHeight: "60vh" },
    ".cm-content": { caretColor: "var(--ink)", padding: "0.5rem 0", minHeight: "12rem" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
        backgroundColor: "color-mix(in srgb, var(--focus) 30%, transparent)",
    },
    ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--quiet)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--sunk) 55%, transparent)" },
    ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)" },
    ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--mark)" },
    ".cm-foldPlaceholder": { backgroundColor: "var(--sunk)", color: "var(--quiet)", border: "1px solid var(--rule)" },
    ".cm-placeholder": { color: "var(--quiet)" },
    ".cm-panels": { backgroundColor: "var(--sunk)", color: "var(--ink)", borderColor: "var(--rule)" },
    ".cm-textfield": { backgroundColor: "var(--raised)", border: "1px solid var(--rule-strong)" },
    ".cm-button": { backgroundImage: "none", backgroundColor: "var(--raised)", border: "1px solid var(--rule-strong)" },
    ".cm-tooltip": {
        backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--rule-strong)",
        fontFamily: "var(--text)", maxWidth: "32rem",
    },
    ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--code)", maxHeight: "16rem" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 6px" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--info-ground)", color: "var(--ink)" },
    ".cm-completionDetail": { fontStyle: "normal", color: "var(--quiet)" },
    ".cm-completionInfo": { fontSize: "0.8125rem", lineHeight: "1.4", padding: "0.4rem 0.6rem" },
    ".cm-diagnostic": { padding: "0.3rem 0.5rem" },
    ".cm-diagnostic-error": { borderLeft: "4px solid var(--wrong)" },
    ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warning)" },
    ".cm-diagnostic-info": { borderLeft: "4px solid var(--info)" },
});

// The place of a column that is counted in code points, as JavaScript counts.
function placeOf(document, line, column) {
    const at = document.line(Math.min(Math.max(line, 1), document.lines));
    const before = [...at.text].slice(0, Math.max(column - 1, 0)).join("");
    return Math.min(at.from + before.length, at.to);
}

function found(document, { line, column, endLine, endColumn, message, severity }) {
    const from = placeOf(document, line, column);
    const word = /^[^\s.;,(){}[\]]+/u.exec(document.sliceString(from, document.lineAt(from).to));
    const to = endColumn ? placeOf(document, endLine ?? line, endColumn) : from + (word?.[0].length ?? 0);
    return { from, to: Math.max(from, to), message, severity: severity ?? "error" };
}

function checking(area) {
    return linter(async (view) => {
        const text = view.state.doc.toString();
        if (!text.trim()) return [];
        try {
            const findings = await json(area.dataset.check, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ ...wordsOf(area.form), [area.name]: text }),
            });
            return findings.map((finding) => found(view.state.doc, finding));
        } catch {
            return []; // without the server there is nothing to say of the text
        }
    }, { delay: 400 });
}

// What else the form says: a check may need it, as a report form its text.
function wordsOf(form) {
    return Object.fromEntries([...(form ? new FormData(form) : [])].filter(([, value]) => typeof value === "string"));
}

// What differs, without what begins and ends alike: the place of the reader stays.
function changed(old, text) {
    const shorter = Math.min(old.length, text.length);
    let from = 0;
    while (from < shorter && old[from] === text[from]) from += 1;
    let same = 0;
    while (same < shorter - from && old[old.length - 1 - same] === text[text.length - 1 - same]) same += 1;
    return { from, to: old.length - same, insert: text.slice(from, text.length - same) };
}

function nameOf(area) {
    const label = area.labels?.[0];
    return area.getAttribute("aria-label") ?? label?.textContent.trim() ?? "Text";
}

function edit(area) {
    const language = area.dataset.editor;
    if (!LANGUAGES[language]) return;
    const host = make("div", { class: "editor" });
    // In a shadow root the editor's rules are sheets made by script, which the strict policy allows;
    // in the page they would be style elements, which it refuses.
    const root = host.attachShadow({ mode: "open" });
    const form = area.form;
    const submit = () => {
        form?.requestSubmit();
        return Boolean(form);
    };
    let silent = false;
    const tell = calmly(50, () => area.dispatchEvent(new Event("input", { bubbles: true })));
    const heard = EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        if (!silent) tell();
    });

    const extensions = [
        lineNumbers(), foldGutter(), highlightActiveLine(), highlightActiveLineGutter(), history(), drawSelection(),
        indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(), EditorView.lineWrapping,
        LANGUAGES[language](), syntaxHighlighting(COLOURS), LOOKS, heard,
        // The key of the form comes first: Ctrl+Enter is a blank line elsewhere. Tab leaves the editor.
        keymap.of([{ key: "Mod-Enter", run: submit, preventDefault: true }]),
        keymap.of([
            ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap,
            ...completionKeymap, ...lintKeymap,
        ]),
        EditorView.contentAttributes.of({ "aria-label": nameOf(area), spellcheck: "false", tabindex: "0" }),
        EditorState.tabSize.of(4),
    ];
    if (area.placeholder) extensions.push(placeholder(area.placeholder));
    if (area.readOnly) extensions.push(EditorState.readOnly.of(true));
    if (area.dataset.check) extensions.push(checking(area), lintGutter());
    if (area.dataset.complete) {
        const source = completions(area.dataset.complete, language);
        extensions.push(autocompletion({ override: [source], activateOnTypingDelay: 150, icons: false }));
    }
    const fresh = (text) => EditorState.create({ doc: text, extensions });
    const view = new EditorView({ state: fresh(area.value), parent: root, root });

    area.before(host);
    area.hidden = true;
    area.required = false; // a browser cannot point to a field that is hidden; the server says what is missing
    for (const label of area.labels ?? []) label.addEventListener("click", () => view.focus());
    // What other scripts put into the textarea, or a form that is reset, comes into the editor; they
    // may tell the line to look at.
    const take = (event) => {
        const old = view.state.doc.toString();
        if (area.value !== old) {
            silent = true;
            view.dispatch({ changes: changed(old, area.value) });
            silent = false;
        }
        if (event?.detail?.line) {
            const line = view.state.doc.line(Math.min(event.detail.line, view.state.doc.lines));
            view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
        }
    };
    area.addEventListener("change", take);
    form?.addEventListener("reset", () => setTimeout(take));
    // Going back, a browser puts back what was written, perhaps after this script has run.
    addEventListener("pageshow", () => setTimeout(take));

    if (area.dataset.results && form) {
        const kept = sheets({ host, area, show: (text) => view.setState(fresh(text)) });
        results({ form, area, ran: kept.ran });
    }
}

everywhere("textarea[data-editor]", edit);
