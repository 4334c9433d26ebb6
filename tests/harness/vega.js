// Compiles and draws specifications under node, for tests. Standard input: a JSON list of Vega-Lite specifications; output: a
// JSON list of {compiled, svg, warnings} or {error}. The first argument is the directory of the npm packages.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

for (const name of ["vega", "vega-lite"]) {
	const file = path.join(process.argv[2], name, "build", `${name}.min.js`);
	vm.runInThisContext(fs.readFileSync(file, "utf8"), {filename: file});
}

// The same numbers each time, for templates that scatter points.
function seeded() {
	let state = 1;
	return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

async function draw(spec) {
	const warnings = [];
	const logger = {level: () => logger, warn: (...a) => (warnings.push(a.join(" ")), logger), info: () => logger,
		debug: () => logger, error: (...a) => (warnings.push(a.join(" ")), logger)};
	try {
		const compiled = vegaLite.compile(spec, {logger}).spec;
		const text = JSON.stringify(compiled);
		vega.setRandom(seeded());
		const view = new vega.View(vega.parse(compiled), {renderer: "none", logger, logLevel: vega.Warn});
		return {compiled: JSON.parse(text), svg: await view.toSVG(), warnings};
	} catch (problem) {
		return {error: problem.message};
	}
}

(async () => {
	const results = [];
	for (const spec of JSON.parse(fs.readFileSync(0, "utf8")))
		results.push(await draw(spec));
	process.stdout.write(JSON.stringify(results));
})();
