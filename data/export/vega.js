// Draws plots with Vega and Vega-Lite, if both are installed; see plots/renderers.h.
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const bundles = ['vega/build/vega.min.js', 'vega-lite/build/vega-lite.min.js'];

function globalModules() {
	const roots = [path.resolve(process.execPath, '../../lib/node_modules')];
	try {
		const npm = ['npm', ['root', '-g'], {cwd: '/', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20000}];
		roots.push(require('child_process').execFileSync(...npm).toString().trim());
	} catch {
		// no npm
	}
	return roots;
}

function has(root) {
	return path.isAbsolute(root) && bundles.every(name => fs.existsSync(path.join(root, name)));
}

function find(job) {
	const near = [...job.modules, ...(process.env.NODE_PATH || '').split(path.delimiter)];
	return near.find(has) || globalModules().find(has);
}

// The bundles set a global where neither CommonJS nor AMD is there. Their packages call them modules.
function load(root) {
	for (const name of bundles) {
		const file = path.join(root, name);
		const names = ['exports', 'module', 'require', 'define'];
		vm.compileFunction(fs.readFileSync(file, 'utf8'), names, {filename: file}).call(globalThis);
	}
}

async function draw(text) {
	const quiet = {level: () => quiet, error: () => quiet, warn: () => quiet, info: () => quiet, debug: () => quiet};
	const refuse = async () => { throw new Error('it loads data from elsewhere'); };
	const loader = Object.assign(vega.loader(), {load: refuse, http: refuse, file: refuse});
	const spec = vegaLite.compile(JSON.parse(text), {logger: quiet}).spec;
	const view = new vega.View(vega.parse(spec), {renderer: 'none', loader, logger: quiet});
	const svg = await view.toSVG();
	view.finalize();
	return svg;
}

function write(kind, text) {
	const bytes = Buffer.concat([Buffer.from(`${kind} ${Buffer.byteLength(text)}\n`), Buffer.from(text)]);
	for (let at = 0; at < bytes.length;)
		at += fs.writeSync(1, bytes, at);
}

async function main() {
	const job = JSON.parse(fs.readFileSync(0, 'utf8'));
	const root = find(job);
	if (!root)
		process.exit(77);
	load(root);
	for (const text of job.specs) {
		try {
			write('ok', await draw(text));
		} catch (e) {
			write('error', String(e && e.message || e));
		}
	}
}

main();
