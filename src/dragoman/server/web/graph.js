// Draws <div data-graph="URL">: {"nodes": [{"id", "label", "kind", "href"}], "edges": [{"source",
// "target", "label"}], "centre"}; centre, the id of what the page is about, may be missing. With
// data-expand="URL" a click asks URL?id=… for the neighbours of a node, in the same form. What the
// div holds already, a list for those without scripts, is replaced.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { address, draw, everywhere, fileName, json, make, save } from "./pages.js";
import { alone, pixels } from "./pictures.js";

cytoscape.use(fcose);
// cytoscape writes a style element where it finds none of this name, which the strict policy refuses.
document.head.append(make("meta", { id: "__________cytoscape_stylesheet" }));

const SERIES = 8;
const edgeKey = ({ source, target, label }) => `${source} ${label ?? ""} ${target}`;

function looks() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const text = { "font-family": style.getPropertyValue("font-family"), color: colour("ink") };
    return [
        { selector: "node", style: {
            ...text, label: "data(short)", "font-size": 11, "text-valign": "bottom", "text-margin-y": 3, "text-wrap": "wrap",
            "text-max-width": 120, "background-color": colour("series-8"), width: 18, height: 18,
            "text-background-color": colour("raised"), "text-background-opacity": 0.8, "text-background-padding": 1,
        } },
        ...Array.from({ length: SERIES }, (_, at) => ({
            selector: `node[series = ${at + 1}]`, style: { "background-color": colour(`series-${at + 1}`) },
        })),
        { selector: "node[?centre]", style: { width: 28, height: 28, "font-weight": "bold" } },
        { selector: "node:selected", style: { "border-width": 3, "border-color": colour("focus") } },
        { selector: "edge", style: {
            ...text, color: colour("quiet"), label: "data(label)", "font-size": 9, width: 1, "line-color": colour("rule-strong"),
            "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": colour("rule-strong"),
            "arrow-scale": 0.7, "text-rotation": "autorotate", "text-background-color": colour("raised"),
            "text-background-opacity": 0.8, "min-zoomed-font-size": 7,
        } },
        { selector: "edge:selected", style: { "line-color": colour("focus"), width: 2 } },
    ];
}

// The graph as it lies there, as SVG; cytoscape itself knows bitmaps only.
function picture(graph) {
    const box = graph.elements().boundingBox({ includeLabels: true });
    const [left, top, width, height] = [box.x1 - 20, box.y1 - 20, box.w + 40, box.h + 40];
    const svg = draw("svg", { viewBox: `${left} ${top} ${width} ${height}`, width, height });
    graph.edges().forEach((edge) => {
        const [from, to] = [edge.sourceEndpoint(), edge.targetEndpoint()];
        const middle = edge.midpoint();
        svg.append(draw("path", { class: "link", d: `M${from.x} ${from.y}Q${2 * middle.x - (from.x + to.x) / 2} ${2 * middle.y - (from.y + to.y) / 2} ${to.x} ${to.y}` }));
        if (edge.data("label")) svg.append(draw("text", { class: "label", x: middle.x, y: middle.y, "font-size": 9, "text-anchor": "middle" }, edge.data("label")));
    });
    graph.nodes().forEach((node) => {
        const { x, y } = node.position();
        const radius = node.width() / 2;
        svg.append(
            draw("circle", { class: `node series-${node.data("series")}`, cx: x, cy: y, r: radius }),
            draw("text", { x, y: y + radius + 13, "text-anchor": "middle" }, node.data("label")),
        );
    });
    const figure = make("div", { class: "picture visually-hidden" });
    figure.append(svg);
    document.body.append(figure);
    const blob = alone(svg, width);
    figure.remove();
    return blob;
}

async function show(host) {
    const canvas = make("div", { class: "canvas", role: "img", "aria-label": host.getAttribute("aria-label") ?? "Graph; the list below has the same" });
    const legend = make("ul", { class: "legend" });
    const told = make("p", { class: "small", role: "status" });
    const list = make("ul", { class: "lines" });
    const kinds = new Map();
    const expanded = new Set();
    let begin;
    try {
        begin = await json(host.dataset.graph);
    } catch (error) {
        host.prepend(make("p", { class: "note wrong" }, `The graph could not be had. ${error.message}.`));
        return;
    }
    if (!begin.nodes.length) {
        host.prepend(make("p", { class: "empty" }, "There is nothing to draw: nothing is connected here."));
        return;
    }
    const frame = make("div", { class: "graph" }, canvas);
    const listed = make("details", {}, make("summary", {}, "As a list"), list);
    const button = (words, call) => make("button", { type: "button", class: "plain", onclick: call }, words);
    const name = () => document.title;
    host.replaceChildren(legend, frame, told, make("div", { class: "actions" },
        button("Lay out anew", () => arrange(true)),
        button("Show all", () => graph.animate({ fit: { padding: 30 }, duration: 200 })),
        button("Full screen", () => frame.requestFullscreen()),
        button("Save as SVG", () => save(picture(graph), fileName(name(), "svg"))),
        button("Save as PNG", async () => save(await pixels(picture(graph)), fileName(name(), "png"))),
    ), listed);

    const graph = cytoscape({ container: canvas, style: looks(), maxZoom: 3, minZoom: 0.1 });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.style(looks()));

    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    function arrange(anew) {
        graph.layout({
            name: "fcose", randomize: anew, animate: !anew && !isStill, animationDuration: 300, padding: 30,
            nodeSeparation: 110, idealEdgeLength: 110, nodeDimensionsIncludeLabels: true,
        }).run();
    }

    function seriesOf(kind) {
        if (!kinds.has(kind)) {
            const series = Math.min(kinds.size + 1, SERIES);
            kinds.set(kind, series);
            legend.append(make("li", {}, draw("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, draw("circle", { class: `series-${series}`, cx: 5, cy: 5, r: 5 })), kind));
        }
        return kinds.get(kind);
    }

    function add({ nodes, edges }, near) {
        const at = near?.position();
        const before = graph.nodes().length;
        graph.batch(() => {
            nodes.forEach((node, place) => {
                if (graph.getElementById(node.id).nonempty()) return;
                const turn = (2 * Math.PI * place) / nodes.length;
                graph.add({
                    group: "nodes",
                    data: { ...node, short: node.label.length > 60 ? `${node.label.slice(0, 59)}…` : node.label, series: seriesOf(node.kind ?? "thing") },
                    position: at && { x: at.x + 80 * Math.cos(turn), y: at.y + 80 * Math.sin(turn) },
                });
            });
            for (const edge of edges) {
                const id = edgeKey(edge);
                const ends = [edge.source, edge.target].map((end) => graph.getElementById(end));
                if (graph.getElementById(id).empty() && ends.every((end) => end.nonempty())) graph.add({ group: "edges", data: { ...edge, id } });
            }
        });
        drawList();
        return graph.nodes().length - before;
    }

    const linked = (node) => node.data("href") ? make("a", { href: node.data("href") }, node.data("label")) : make("span", {}, node.data("label"));

    function drawList() {
        const nodes = graph.nodes().sort((a, b) => a.data("label").localeCompare(b.data("label")));
        list.replaceChildren(...nodes.map((node) => make("li", {},
            linked(node), " ", make("span", { class: "count" }, node.data("kind") ?? ""), " ",
            host.dataset.expand && !expanded.has(node.id()) ? make("button", {
                type: "button", class: "plain", "aria-label": `Neighbours of ${node.data("label")}`, onclick: () => expand(node),
            }, "Neighbours") : null,
            make("ul", { class: "small" }, ...node.connectedEdges().map((edge) => {
                const [from, to] = [edge.source(), edge.target()];
                return make("li", {}, `${from.data("label")} – ${edge.data("label") ?? "with"} – ${to.data("label")}`);
            })),
        )));
    }

    async function expand(node) {
        const told_of = (words) => told.replaceChildren(linked(node), ` ${node.data("kind") ?? ""}. ${words}`);
        node.select();
        if (!host.dataset.expand || expanded.has(node.id())) return told_of("");
        told_of("Asking for its neighbours …");
        try {
            const more = await json(address(host.dataset.expand, { id: node.id() }));
            expanded.add(node.id());
            const count = add(more, node);
            told_of(count ? `${count} more.` : "All its neighbours are here.");
            if (count) arrange(false);
            else drawList();
        } catch (error) {
            told_of(`Its neighbours could not be had. ${error.message}.`);
        }
    }

    // What stands above may have grown and moved the canvas, which cytoscape does not see.
    frame.addEventListener("pointerdown", () => graph.resize(), { capture: true });
    graph.on("tap", "node", (event) => {
        graph.elements(":selected").unselect();
        expand(event.target);
    });
    graph.on("tap", "edge", (event) => {
        const { source, target } = { source: event.target.source(), target: event.target.target() };
        told.replaceChildren(linked(source), ` – ${event.target.data("label") ?? "with"} – `, linked(target));
    });

    add(begin);
    if (begin.centre) {
        graph.getElementById(begin.centre).data("centre", true);
        expanded.add(begin.centre);
    }
    arrange(true);
}

everywhere("[data-graph]", show);
