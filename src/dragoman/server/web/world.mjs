// Projects the lands of the world once, when the pages are built, so that the page only draws them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const WIDTH = 8000;
const MARGIN = 60;
const SMALL = 900; // square units: about a speck of 4 by 4 pixels on a map 1,000 pixels wide
const require = createRequire(import.meta.url);

function read(scale) {
    const world = JSON.parse(readFileSync(require.resolve(`world-atlas/countries-${scale}.json`), "utf8"));
    return feature(world, world.objects.countries).features;
}

// Writes a path in whole units, each step from the point before; borders that lands share stay one.
class Steps {
    #text = "";
    #at = [0, 0];
    #ring = "";
    #count = 0;

    moveTo(x, y) {
        this.closePath();
        this.#at = [Math.round(x), Math.round(y)];
        this.#ring = `M${this.#at.join(" ")}l`;
        this.#count = 0;
    }

    lineTo(x, y) {
        const next = [Math.round(x), Math.round(y)];
        const step = next.map((value, axis) => value - this.#at[axis]);
        if (!step[0] && !step[1]) return;
        this.#ring += step.map((value, axis) => (value < 0 || (!axis && !this.#count) ? value : ` ${value}`)).join("");
        this.#at = next;
        this.#count += 1;
    }

    closePath() {
        if (this.#count > 1) this.#text += `${this.#ring}z`;
        this.#count = 0;
    }

    result() {
        this.closePath();
        return this.#text;
    }
}

export function world() {
    const sphere = { type: "Sphere" };
    const projection = geoEqualEarth().fitWidth(WIDTH, sphere);
    const path = geoPath(projection);
    const lands = read("50m");
    const codes = new Set(lands.map((land) => land.id));
    const specks = read("10m").filter((land) => land.id && !codes.has(land.id)); // too small for 50m
    const shown = [...lands, ...specks].filter((land) => land.properties.name !== "Antarctica");
    const [[, top], [, bottom]] = path.bounds({ type: "FeatureCollection", features: shown });
    const { version } = require("world-atlas/package.json");
    return {
        viewBox: [0, Math.floor(top) - MARGIN, WIDTH, Math.ceil(bottom - top) + 2 * MARGIN],
        source: `Borders: Natural Earth, 1:50 million, through world-atlas ${version}; the projection is Equal Earth.`,
        caveat: "They are drawn as Natural Earth draws them, by who holds the land, and say nothing of who ought to.",
        lands: shown.map((land) => {
            const [x, y] = path.centroid(land).map(Math.round);
            const steps = new Steps();
            geoPath(projection, steps)(land);
            const drawn = steps.result();
            const isSmall = path.area(land) < SMALL;
            return { code: land.id ?? null, name: land.properties.name, path: drawn, ...(isSmall ? { small: true, x, y } : {}) };
        }),
    };
}
