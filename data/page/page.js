/* Builds the page from the document in #page-data. Text of the document is only ever put into text
 * nodes and attributes that are no code. */
"use strict";
(() => {
	const page = JSON.parse(document.getElementById("page-data").textContent);
	const revisions = (page.revisions || []).map((r) => r.rev);
	const colours = ["#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"];
	const hidden = new Set(); /* revisions that are not shown */
	const items = []; /* the plots: {plot, card, chart, view, drawing} */
	let queue = Promise.resolve(); /* ends with the last plot that waits to be drawn */
	const MANY = 2000; /* with more points than this a canvas is faster than SVG elements */

	/* Revisions that only plots or errors name have a place after the others. */
	function place(rev) {
		if (!revisions.includes(rev))
			revisions.push(rev);
		return revisions.indexOf(rev);
	}

	const colour = (rev) => colours[place(rev) % colours.length];

	function element(tag, attributes, ...children) {
		const made = document.createElement(tag);
		for (const [name, value] of Object.entries(attributes || {})) {
			if (name.startsWith("on"))
				made.addEventListener(name.slice(2), value);
			else if (value !== undefined && value !== false)
				made.setAttribute(name, value === true ? "" : value);
		}
		made.append(...children.filter((child) => child !== undefined && child !== null));
		return made;
	}

	const swatch = (rev) => element("span", {class: "swatch", style: `background: ${colour(rev)}`});

	/* ---- parameters and metrics ---- */

	function shown(value) {
		if (value === undefined || value === null)
			return ["–"];
		if (typeof value !== "number" || Number.isInteger(value))
			return [String(value), String(value)];
		return [String(Number(value.toPrecision(6))), String(value)];
	}

	function row(name, values) {
		return element("tr", {}, element("th", {scope: "row", title: name}, name), ...revisions.map((rev, i) => {
			const own = values && Object.hasOwn(values, rev) ? values[rev] : undefined;
			const [text, title] = shown(own);
			return element("td", {class: "value", "data-rev": i, title}, text);
		}));
	}

	function group(name, rows) {
		const head = element("th", {scope: "rowgroup", colspan: revisions.length + 1}, name);
		return element("tbody", {}, element("tr", {}, head), ...rows);
	}

	function parameterRows() {
		const names = new Set((page.revisions || []).flatMap((r) => Object.keys(r.params || {})));
		const of = (name) => Object.fromEntries((page.revisions || [])
			.filter((r) => r.params && Object.hasOwn(r.params, name)).map((r) => [r.rev, r.params[name]]));
		return [...names].map((name) => row(name, of(name)));
	}

	function table() {
		const metrics = page.metrics || [];
		const parameters = parameterRows();
		if (!metrics.length && !parameters.length)
			return undefined;
		const paths = [...new Set(metrics.map((metric) => metric.path))];
		const head = revisions.map((rev, i) => element("th", {scope: "col", "data-rev": i, title: rev}, swatch(rev), " ", rev));
		return element("section", {"aria-labelledby": "values-title"},
			element("h2", {id: "values-title"}, metrics.length ? "Parameters and metrics" : "Parameters"),
			element("div", {class: "card scroll", tabindex: 0, role: "region", "aria-labelledby": "values-title"},
				element("table", {id: "values"},
					element("thead", {}, element("tr", {}, element("td"), ...head)),
					parameters.length ? group("Parameters that differ", parameters) : undefined,
					...paths.map((path) => group(path, metrics.filter((metric) => metric.path === path)
						.map((metric) => row(metric.name, metric.values)))))));
	}

	/* ---- errors ---- */

	function errors() {
		const list = page.errors || [];
		if (!list.length)
			return undefined;
		const one = (e) => element("li", {"data-rev": e.rev === undefined ? undefined : place(e.rev)},
			element("span", {class: "where"}, [e.name, e.source !== e.name ? e.source : "", e.rev]
				.filter(Boolean).join(" · ")), " ", e.msg || "", " ",
			element("span", {class: "kind"}, e.type ? `(${e.type})` : ""));
		return element("section", {id: "errors", class: "card", "aria-labelledby": "errors-title"},
			element("h2", {id: "errors-title"}, list.length === 1 ? "1 error" : `${list.length} errors`),
			element("ul", {}, ...list.map(one)));
	}

	/* ---- plots ---- */

	function isDark() {
		const chosen = document.documentElement.dataset.theme;
		return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	}

	function style(name) {
		return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
	}

	function look(many) {
		const text = style("--text");
		const soft = style("--soft");
		const line = style("--line");
		const font = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif";
		const guide = {labelColor: soft, titleColor: text, titleFontWeight: 600, labelFont: font, titleFont: font};
		return {
			aria: !many, /* a canvas has nobody to tell the description of each point to, and making them takes half of the time */
			background: "transparent",
			font,
			view: {stroke: line},
			axis: {...guide, gridColor: line, domainColor: line, tickColor: line, titlePadding: 8, labelLimit: 140, labelSeparation: 8},
			legend: {
				...guide,
				orient: "bottom",
				layout: {bottom: {anchor: "start", direction: "vertical"}},
				columns: 3,
				labelLimit: 180,
				symbolStrokeWidth: 2,
			},
			header: guide,
			title: {color: text, font, fontSize: 14, fontWeight: 600, offset: 12},
			text: {color: text, font},
			rule: {color: soft},
			tick: {color: soft},
		};
	}

	const empty = (channel) => channel && typeof channel === "object" && !Object.keys(channel).length;

	function titleOf(plot) {
		const title = plot.spec && plot.spec.title;
		const text = typeof title === "string" ? title : title && title.text;
		return typeof text === "string" && text ? text : plot.id;
	}

	/* A single view of DVC's usual width takes the width of its card; others keep their size. */
	function isFluid(spec) {
		const encoding = spec.encoding || {};
		const parts = ["row", "column", "facet"].some((name) => encoding[name] && !empty(encoding[name]));
		return spec.width === 300 && !parts && Boolean(spec.mark || spec.layer);
	}

	/* What is drawn: a copy, because Vega writes into the data that it gets. */
	function prepared(spec) {
		const own = structuredClone(spec);
		own.description = own.description || "";
		delete own.$schema;
		delete own.usermeta; /* could replace the options below */
		for (const name of Object.keys(own.encoding || {})) {
			if (empty(own.encoding[name]))
				delete own.encoding[name];
		}
		if (isFluid(own)) {
			own.width = "container";
			own.autosize = {type: "fit-x", contains: "padding"};
		}
		return own;
	}

	function points(spec) {
		const values = spec.data && spec.data.values;
		return Array.isArray(values) ? values.length : 0;
	}

	/*
	 * Let the marks of a compiled specification follow the choice of revisions, while scales, axes
	 * and legends keep to all of them: marks read filtered copies of their data, scales do not.
	 */
	function followChoice(scope, outer) {
		const own = new Set((scope.data || []).map((data) => data.name));
		const copies = new Map();
		const find = (name) => {
			if (!own.has(name))
				return outer(name);
			if (!copies.has(name)) {
				copies.set(name, `${name}_of_shown`);
				scope.data.push({
					name: `${name}_of_shown`,
					source: name,
					transform: [{type: "filter", expr: "indexof(hidden_revisions, datum.rev) < 0"}],
				});
			}
			return copies.get(name);
		};
		for (const mark of scope.marks || []) {
			const from = mark.from || {};
			const faceted = from.facet && from.facet.name;
			if (from.data)
				from.data = find(from.data);
			if (from.facet && from.facet.data)
				from.facet.data = find(from.facet.data);
			if (mark.type === "group")
				followChoice(mark, (name) => (name === faceted ? name : find(name)));
		}
		if (scope.layout) { /* the number of columns is that of the groups that are left */
			scope.layout = JSON.parse(JSON.stringify(scope.layout).replace(/data\('([^']*)'\)/g,
				(all, name) => `data('${find(name)}')`));
		}
	}

	/* A revision has the same colour in every plot, also where others are missing. */
	function sameColours(scope) {
		for (const scale of scope.scales || []) {
			if (Array.isArray(scale.domain) && Array.isArray(scale.range) && scale.type === "ordinal" &&
				scale.domain.every((rev) => revisions.includes(rev)) && scale.range.every((c) => colours.includes(c)))
				scale.range = scale.domain.map(colour);
		}
		for (const mark of scope.marks || [])
			sameColours(mark);
	}

	/* Dashes are told apart by lines that are longer than one; the usual symbols are shorter, or circles. */
	function longDashes(scope) {
		for (const legend of scope.legends || []) {
			if (legend.strokeDash && !legend.shape)
				Object.assign(legend, {symbolType: "stroke", symbolSize: 400});
		}
		for (const mark of scope.marks || [])
			longDashes(mark);
	}

	function patch(compiled) {
		compiled.signals = (compiled.signals || []).concat({name: "hidden_revisions", value: [...hidden]});
		sameColours(compiled);
		longDashes(compiled);
		followChoice(compiled, (name) => name);
		/* The heading of the card has the title; only pictures that are saved have it inside. */
		if (compiled.title !== undefined) {
			const title = typeof compiled.title === "string" ? {text: compiled.title} : compiled.title;
			compiled.signals.push({name: "title_of_picture", value: ""});
			const size = (given) => ({signal: `title_of_picture ? ${given} : 0`});
			compiled.title = {...title, text: {signal: "title_of_picture"}, fontSize: size(14), offset: size(12)};
		}
		return compiled;
	}

	function options(item) {
		const schema = item.plot.spec.$schema;
		const many = points(item.plot.spec) > MANY;
		return {
			mode: typeof schema === "string" && schema.includes("/vega/") ? "vega" : "vega-lite",
			actions: false,
			ast: true, /* expressions are interpreted, so the page needs no eval */
			config: look(many),
			logLevel: vega.Error,
			patch,
			renderer: many ? "canvas" : "svg",
			tooltip: {theme: isDark() ? "dark" : "light"},
		};
	}

	function complain(item, text) {
		item.chart.replaceChildren(element("p", {class: "problem", role: "alert"}, text));
	}

	async function redraw(item) {
		if (item.view)
			item.view.finalize();
		item.view = undefined;
		item.chart.classList.remove("pending");
		if (typeof vegaEmbed !== "function") {
			complain(item, "Vega is missing: this page loads it from cdn.jsdelivr.net, which cannot be reached.");
			return;
		}
		try {
			item.view = (await vegaEmbed(item.chart, prepared(item.plot.spec), options(item))).view;
		} catch (problem) {
			complain(item, `This plot cannot be drawn: ${problem.message}`);
		}
	}

	/* Draw once; again when the colours changed. One plot after the other, and the window answers in between. */
	function draw(item, again) {
		if (!item.drawing || again) {
			queue = queue.then(() => redraw(item)).then(() => new Promise((done) => setTimeout(done)));
			item.drawing = queue;
		}
		return item.drawing;
	}

	function offer(name, content) {
		const url = URL.createObjectURL(content);
		element("a", {href: url, download: name}).click();
		setTimeout(() => URL.revokeObjectURL(url), 10000);
	}

	async function offerPicture(item, kind) {
		if (!item.view)
			return;
		const view = item.view;
		const name = `${item.plot.id.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 100) || "plot"}.${kind}`;
		const signals = view.getState().signals;
		const titled = "title_of_picture" in signals;
		try {
			view.background(style("--card"));
			if (titled)
				view.signal("title_of_picture", titleOf(item.plot));
			await view.runAsync();
			if (kind === "svg") {
				offer(name, new Blob([await view.toSVG()], {type: "image/svg+xml"}));
			} else {
				const canvas = await view.toCanvas(2);
				offer(name, await new Promise((done) => canvas.toBlob(done, "image/png")));
			}
		} finally {
			view.background("transparent");
			if (titled)
				view.signal("title_of_picture", "");
			await view.runAsync();
		}
	}

	/* In turn with drawings, which would replace the view. */
	function save(item, kind) {
		draw(item);
		queue = queue.then(() => offerPicture(item, kind)).catch((problem) => console.error(problem));
	}

	function heading(plot, id) {
		const title = titleOf(plot);
		return element("h2", {id}, title, title === plot.id ? undefined : element("small", {}, plot.id));
	}

	function vegaCard(plot, number) {
		const item = {plot};
		const id = `plot-${number}`;
		const button = (kind) => element("button",
			{type: "button", "data-save": kind, "aria-label": `Save ${titleOf(plot)} as ${kind.toUpperCase()}`,
				onclick: () => save(item, kind)}, kind.toUpperCase());
		if (!plot.spec || !Object.keys(plot.spec).length) {
			return element("article", {class: "card plot", "aria-labelledby": `${id}-title`},
				element("header", {}, heading(plot, `${id}-title`)),
				element("div", {class: "body"}, element("p", {class: "empty"}, "No data.")));
		}
		item.chart = element("div", {class: "chart pending", id, role: "group", "aria-labelledby": `${id}-title`});
		item.card = element("article",
			{class: isFluid(plot.spec) ? "card plot" : "card plot wide", "aria-labelledby": `${id}-title`},
			element("header", {}, heading(plot, `${id}-title`), button("svg"), button("png")),
			element("div", {class: "body"}, item.chart),
			plot.note ? element("p", {class: "note"}, plot.note) : undefined);
		items.push(item);
		return item.card;
	}

	function enlarge(image, label) {
		const viewer = document.getElementById("viewer");
		const close = element("button", {type: "button", onclick: () => viewer.close()}, "Close");
		viewer.replaceChildren(close, " ", label, element("img", {src: image.src, alt: label}));
		viewer.showModal();
	}

	function picture(plot, image) {
		const label = `${plot.id}, ${image.rev}`;
		const img = element("img", {alt: label, src: image.src, loading: "lazy"});
		return element("figure", {"data-rev": place(image.rev)},
			element("figcaption", {}, swatch(image.rev), element("span", {class: "name", title: image.rev}, image.rev)),
			element("button", {type: "button", "aria-label": `Enlarge ${label}`, onclick: () => enlarge(img, label)}, img));
	}

	function imageCard(plot, number) {
		const id = `plot-${number}`;
		const images = plot.images || [];
		return element("article",
			{class: images.length > 1 ? "card plot wide" : "card plot", "aria-labelledby": `${id}-title`},
			element("header", {}, element("h2", {id: `${id}-title`}, plot.id)),
			element("div", {class: "body images", id}, ...images.map((image) => picture(plot, image))));
	}

	function plots() {
		const list = (page.plots || []).map((plot, i) => {
			const card = plot.type === "image" ? imageCard(plot, i + 1) : vegaCard(plot, i + 1);
			card.dataset.find = `${plot.id} ${titleOf(plot)}`.toLowerCase();
			return card;
		});
		if (!list.length)
			return undefined;
		return element("section", {id: "plots", "aria-label": "Plots"}, ...list);
	}

	/* ---- tools ---- */

	/* Cells, images and errors of hidden revisions are hidden by rules of a style sheet. */
	const rules = element("style");

	function choose() {
		rules.textContent = [...hidden].map((rev) => `[data-rev="${place(rev)}"] { display: none !important; }`).join("\n");
		for (const item of items) {
			if (item.view)
				item.view.signal("hidden_revisions", [...hidden]).runAsync();
		}
	}

	function chooser() {
		const chip = (rev) => element("label", {class: "chip", title: rev},
			element("input", {type: "checkbox", checked: true, onchange: (event) => {
				if (event.target.checked)
					hidden.delete(rev);
				else
					hidden.add(rev);
				choose();
			}}), swatch(rev), element("span", {class: "name"}, rev));
		return element("fieldset", {id: "revisions"}, element("legend", {}, "Revisions that are shown"), ...revisions.map(chip));
	}

	function finder() {
		return element("input", {type: "search", id: "find", placeholder: "Find a plot", "aria-label": "Find a plot",
			oninput: (event) => {
				for (const card of document.querySelectorAll(".plot"))
					card.hidden = !card.dataset.find.includes(event.target.value.toLowerCase());
			}});
	}

	/* Storage may be refused to a page that was opened from a disk. */
	function remembered(theme) {
		try {
			if (theme !== undefined)
				localStorage.setItem("cairn-theme", theme);
			return localStorage.getItem("cairn-theme") || "";
		} catch {
			return "";
		}
	}

	function setTheme(theme) {
		if (theme)
			document.documentElement.dataset.theme = theme;
		else
			delete document.documentElement.dataset.theme;
	}

	function redrawAll() {
		for (const item of items) {
			if (item.drawing)
				draw(item, true);
		}
	}

	function themeButton() {
		const name = () => (isDark() ? "Light" : "Dark");
		const button = element("button", {type: "button", id: "theme", "aria-label": "Change between light and dark",
			onclick: () => {
				setTheme(remembered(isDark() ? "light" : "dark") || (isDark() ? "light" : "dark"));
				button.textContent = name();
				redrawAll();
			}}, name());
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
			button.textContent = name();
			redrawAll();
		});
		return button;
	}

	/* Plots are drawn when they come near the window, so that a page of hundreds opens at once. */
	function watch() {
		const observer = new IntersectionObserver((entries) => {
			for (const entry of entries.filter((e) => e.isIntersecting)) {
				observer.unobserve(entry.target);
				draw(items.find((item) => item.chart === entry.target));
			}
		}, {rootMargin: "800px"});
		for (const item of items)
			observer.observe(item.chart);
		window.addEventListener("beforeprint", () => items.forEach((item) => draw(item)));
	}

	setTheme(remembered());
	document.head.append(rules);
	for (const plot of page.plots || []) /* before the first table needs all of them */
		(plot.revisions || (plot.images || []).map((image) => image.rev)).forEach(place);
	const parts = [errors(), table(), plots()].filter(Boolean);
	document.getElementById("main").replaceChildren(...(parts.length ? parts
		: [element("p", {class: "empty"}, "There is nothing to show.")]));
	document.getElementById("tools").append(...(revisions.length ? [chooser()] : []),
		...((page.plots || []).length > 8 ? [finder()] : []));
	document.getElementById("top").append(themeButton());
	watch();
	/* for those who want all of it at once, as tests do */
	window.cairnPage = {items, drawAll: () => Promise.all(items.map((item) => draw(item)))};
})();
