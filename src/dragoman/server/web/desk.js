// Marks words of a text for the report form beside it.
//
// <div data-desk>                    holds all of it:
//   .text > p > .sentence              data-start (code points of the text before it), data-number (p5.2);
//                                      its text is the text's own, so that offsets can be counted
//   form[data-marked="URL"]            its input words is filled with the place of what is marked, as a report
//                                      form names it: the URL gives {"words"} for {"text", "start", "end"}.
//                                      A button of the value insert posts it, and gives {"form", "line"}: the
//                                      new report form, and the line to look at; a refusal gives {"detail"}
//   textarea[data-report]              the report form; what is written there is posted, calmly, with the
//                                      rest of its HTML form to data-report="URL", which gives
//                                      [{"start", "end", "line"}]: the words that it rests on
// Offsets are code points here and there, where JavaScript counts UTF-16.
import { calmly, everywhere, json, make } from "./pages.js";

const points = (text) => [...text].length;
const units = (text, count) => [...text].slice(0, count).join("").length;

class Text {
    constructor(root) {
        this.root = root;
        this.sentences = [...(root?.querySelectorAll(".sentence[data-start]") ?? [])].map((element) => {
            const start = Number(element.dataset.start);
            return { element, start, text: element.textContent, end: start + points(element.textContent) };
        });
    }

    // The offset of a place in the page; a place between sentences is the end of the one before.
    offset(node, at) {
        const place = document.createRange();
        place.setStart(node, at);
        let last = 0;
        for (const { element, start, end } of this.sentences) {
            const whole = document.createRange();
            whole.selectNodeContents(element);
            if (whole.comparePoint(node, at) < 0) return Math.max(last, 0);
            if (whole.isPointInRange(node, at)) {
                whole.setEnd(node, at);
                return start + points(whole.toString());
            }
            last = end;
        }
        return last;
    }

    // The ranges of the page that show what stands from one offset to another, one a sentence.
    ranges(start, end) {
        return this.sentences.filter((each) => each.start < end && start < each.end).map((each) => {
            const range = document.createRange();
            this.#reach(range, "setStart", each, Math.max(start, each.start));
            this.#reach(range, "setEnd", each, Math.min(end, each.end));
            return range;
        });
    }

    #reach(range, set, sentence, offset) {
        let left = units(sentence.text, offset - sentence.start);
        const walker = document.createTreeWalker(sentence.element, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (left <= node.data.length) return range[set](node, left);
            left -= node.data.length;
        }
        return undefined;
    }

    // The marked span without the white space around it.
    tight(start, end) {
        const within = this.sentences.filter((each) => each.start < end && start < each.end);
        if (!within.length) return undefined;
        const [first, last] = [within[0], within.at(-1)];
        const head = [...first.text].slice(Math.max(start, first.start) - first.start).join("");
        const tail = [...last.text].slice(0, Math.min(end, last.end) - last.start).join("");
        const from = Math.max(start, first.start) + points(head) - points(head.trimStart());
        const to = Math.min(end, last.end) - (points(tail) - points(tail.trimEnd()));
        return from < to ? { start: from, end: to } : undefined;
    }
}

// Colours ranges without touching the page, where the browser can; else marks are not seen.
function colour(name, ranges) {
    if (!globalThis.Highlight) return;
    CSS.highlights.set(name, new Highlight(...ranges));
}

function desk(host) {
    const text = new Text(host.querySelector(".text"));
    const marked = host.querySelector("form[data-marked]");
    const report = host.querySelector("textarea[data-report]");
    const told = make("output", { role: "status", class: "small" });
    const words = marked?.elements.namedItem("words");
    let rests = [];

    function tell(problem) {
        told.className = "wrong";
        told.textContent = problem;
    }

    async function mark(span) {
        colour("marked", text.ranges(span.start, span.end));
        try {
            const place = await json(marked.dataset.marked, {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ text: marked.elements.namedItem("text").value, ...span }),
            });
            words.value = place.words;
            told.textContent = "";
        } catch (error) {
            tell(`What you marked has no place. ${error.message}.`);
        }
    }

    document.addEventListener("selectionchange", calmly(150, () => {
        const selection = document.getSelection();
        if (!selection?.rangeCount || selection.isCollapsed) return;
        const range = selection.getRangeAt(0);
        if (!text.root || !range.intersectsNode(text.root) || !host.contains(range.commonAncestorContainer)) return;
        const span = text.tight(text.offset(range.startContainer, range.startOffset), text.offset(range.endContainer, range.endOffset));
        if (span && marked) mark(span);
    }));

    words?.after(told);
    marked?.addEventListener("submit", async (event) => {
        if (event.submitter?.value !== "insert") return;
        event.preventDefault();
        const data = new FormData(marked, event.submitter);
        told.className = "small";
        told.textContent = "Writing it into the form …";
        try {
            const answer = await fetch(marked.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
            const said = await answer.text();
            if (!answer.ok) throw new Error(messageOf(said));
            const { form, line } = JSON.parse(said);
            report.value = form;
            report.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: { line } }));
            report.dispatchEvent(new Event("input", { bubbles: true }));
            told.textContent = line ? `Written, line ${line}.` : "Written.";
        } catch (error) {
            tell(error.message);
        }
    });

    const look = calmly(500, async () => {
        try {
            rests = await json(report.dataset.report, { method: "POST", body: new FormData(report.form) });
        } catch {
            return; // while it is being typed the form is often none; the findings say so
        }
        colour("told", rests.flatMap(({ start, end }) => text.ranges(start, end)));
    });
    if (report?.dataset.report) {
        report.addEventListener("input", look);
        look();
    }

    // Words that the form rests on lead to their line.
    text.root?.addEventListener("click", (event) => {
        if (!document.getSelection()?.isCollapsed) return;
        const at = document.caretPositionFromPoint?.(event.clientX, event.clientY);
        if (!at) return;
        const offset = text.offset(at.offsetNode, at.offset);
        const fitting = rests.filter(({ start, end }) => start <= offset && offset < end);
        fitting.sort((a, b) => a.end - a.start - (b.end - b.start));
        if (fitting.length) report.dispatchEvent(new CustomEvent("change", { detail: { line: fitting[0].line } }));
    });
}

function messageOf(said) {
    try {
        const told = JSON.parse(said);
        return told.detail ?? said;
    } catch {
        return said.trim() || "The server refused, and did not say why.";
    }
}

everywhere("[data-desk]", desk);
