"use strict";
// The gallery's script. Text from the report goes into text nodes and attributes only, never into markup.
(() => {
  const PAGE = 48; // cards added at a time: two screens of a large display
  const NEAR = "1200px"; // how far outside the window pictures are kept loaded
  const BINS = 24;
  const GOOD = 0.9, FAIR = 0.75; // for colour only
  const MAX_ZOOM = 24; // times the fitted size

  const byId = (id) => document.getElementById(id);
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("--")) node.style.setProperty(name, value);
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    return node;
  };
  const block = (id) => { const node = byId(id); return node ? JSON.parse(node.textContent) : null; };

  // ---- words and figures
  const fixed = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));
  const three = (v) => v.toFixed(v < 9.995 ? 2 : v < 99.95 ? 1 : 0);
  const bytes = (v) => v === null || v === undefined ? "–"
    : v < 999.5 ? `${Math.round(v)} B` : v < 999500 ? `${three(v / 1e3)} kB` : v < 999.5e6 ? `${three(v / 1e6)} MB` : `${three(v / 1e9)} GB`;
  const time = (v) => v < 9.95 ? `${v.toFixed(1)} ms` : v < 999.5 ? `${Math.round(v)} ms`
    : v < 119950 ? `${(v / 1e3).toFixed(1)} s` : `${Math.round(v / 6e4)} min`;
  const count = (v) => (v === null || v === undefined ? "–" : v.toLocaleString("en"));
  const many = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
  const tone = (q) => (q >= GOOD ? "var(--good)" : q >= FAIR ? "var(--fair)" : "var(--poor)");
  // Three figures that matter: 0.957, but 0.9991 rather than 0.999 or 1.000.
  const quality = (q) => (q === null || q === undefined ? "–" : q >= 0.995 && q < 1 ? Math.min(q, 0.9999).toFixed(4) : q.toFixed(3));
  // Reversal marks in a name would make `gnp.exe` of `exe.png`.
  const clean = (s) => s.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g, "\ufffd");
  const statusWord = { ok: "converted", failed: "failed", skipped: "skipped", planned: "planned", "not-started": "not started" };

  // ---- data
  const run = block("run");
  const items = [];
  for (let i = 0, record; (record = block(`item-${i}`)); i++) {
    items.push({
      index: i, record, name: clean(record.input), status: record.status,
      quality: record.metrics ? record.metrics.quality : null,
      class: record.classification ? record.classification.class : null,
      engine: record.engine ? record.engine.name : null,
      bytes: record.metrics ? record.metrics.economy.bytes : null,
      ms: record.times.total_ms,
    });
  }
  const pictures = (item) => block(`images-${item.index}`) || {};
  const rank = (item) => (item.status === "failed" ? 0 : item.quality !== null ? 1 : 2);
  const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index);
  const down = (key) => (a, b) => (b[key] ?? -1) - (a[key] ?? -1) || byName(a, b);
  const orders = {
    worst: (a, b) => rank(a) - rank(b) || (a.quality ?? 0) - (b.quality ?? 0) || byName(a, b),
    best: down("quality"), name: byName, bytes: down("bytes"), time: down("ms"),
  };

  // ---- state, kept in the address so that a view can be sent to someone
  const state = { q: "", class: "", engine: "", status: "", sort: "worst", view: "split", ground: "check", theme: "auto", item: "" };
  const defaults = { ...state };
  const fromHash = () => {
    const params = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(state)) state[key] = params.get(key) ?? defaults[key];
    if (!["split", "source", "svg", "difference"].includes(state.view)) state.view = defaults.view;
    if (!["check", "white", "black"].includes(state.ground)) state.ground = defaults.ground;
    if (!Object.hasOwn(orders, state.sort)) state.sort = defaults.sort;
  };
  const toHash = () => {
    const params = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) if (value !== defaults[key]) params.set(key, value);
    const hash = params.toString();
    try { history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search); } catch { /* some browsers forbid it on file: */ }
  };

  // ---- small parts
  const nameOf = (tag, name) => {
    const cut = name.lastIndexOf("/") + 1;
    return make(tag, { class: "name" }, cut ? make("span", {}, name.slice(0, cut)) : null, name.slice(cut));
  };
  const bar = (share, colour) => make("span", { class: "bar", "aria-hidden": "true" }, make("i", { "--w": `${Math.max(0, Math.min(1, share)) * 100}%`, "--tone": colour }));
  const failure = (error) => make("div", { class: "failure" }, make("p", {}, make("code", {}, clean(error.code)), " ", clean(error.message)),
    error.suggestion ? make("p", { class: "soft" }, `→ ${clean(error.suggestion)}`) : null);
  const choice = (host, options, get, set) => {
    host.replaceChildren(...options.map(([value, label]) => make("button", {
      type: "button", role: "radio", "data-value": value,
      onclick: () => set(value),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault(); event.stopPropagation();
        const at = options.findIndex(([v]) => v === get());
        set(options[(at + step + options.length) % options.length][0]);
        host.querySelector("[aria-checked=true]").focus();
      },
    }, label)));
    const show = () => { for (const button of host.children) {
      const on = button.dataset.value === get();
      button.setAttribute("aria-checked", on); button.tabIndex = on ? 0 : -1;
    } };
    show();
    return show;
  };

  // ---- head
  const head = () => {
    const s = run.summary, ok = s.status.ok || 0, failed = s.status.failed || 0;
    const date = new Date(run.started);
    const started = isNaN(date) ? clean(run.started) : date.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
    byId("facts").append(`${started}, ${clean(run.command)}, svg-ai ${clean(run.tool_version)} on ${clean(run.host.os)} ${clean(run.host.arch)}, ${many(run.host.cores, "core")}${run.interrupted ? ". The run was interrupted" : ""}`);
    const tile = (label, value, note, bad) => make("dl", { class: bad ? "tile bad" : "tile" }, make("dt", {}, label), make("dd", {}, value), note ? make("p", {}, note) : null);
    const others = ["skipped", "planned", "not-started"].filter((k) => s.status[k]).map((k) => `${count(s.status[k])} ${statusWord[k]}`);
    const worstCode = Object.entries(s.failures).sort((a, b) => b[1] - a[1])[0];
    byId("tiles").append(
      tile("Images", count(items.length), [`${count(ok)} converted`, ...others].join(", ")),
      tile("Failed", count(failed), worstCode ? `most: ${clean(worstCode[0])}` : "none", failed > 0),
      tile("Median quality", s.all.quality.n ? quality(s.all.quality.p50) : "–", s.all.quality.n ? `5 % are below ${quality(s.all.quality.p5)}` : null),
      tile("Size", bytes(s.bytes_out), s.bytes_in ? `${(100 * s.bytes_out / s.bytes_in).toFixed(0)} % of ${bytes(s.bytes_in)}` : null),
      tile("Time", time(s.seconds * 1e3), `${s.items_per_second.toFixed(1)} images a second${s.peak_memory_bytes ? `, ${bytes(s.peak_memory_bytes)} peak` : ""}`),
    );
    byId("charts").append(...[histogram(), classes(), sizes(), times()].filter(Boolean));
    const versions = Object.entries(run.components).map(([k, v]) => clean(`${k} ${v}`)).join(", ");
    byId("foot").append(`Made by svg-ai ${clean(run.tool_version)}${versions ? ` with ${versions}` : ""}. This page is complete in itself and loads nothing.`);
  };
  const chart = (title, ...parts) => make("div", { class: "chart" }, make("h2", {}, title), ...parts);
  const histogram = () => {
    const values = items.map((i) => i.quality).filter((q) => q !== null);
    if (!values.length) return null;
    // From a round figure below the worst, so that a good run is not one bar.
    const low = Math.min(0.9, Math.floor(Math.min(...values) * 10) / 10);
    const bins = new Array(BINS).fill(0);
    for (const q of values) bins[Math.max(0, Math.min(BINS - 1, Math.floor((q - low) / (1 - low) * BINS)))]++;
    const most = Math.max(...bins);
    return chart("Quality",
      make("div", { class: "bins", role: "img", "aria-label": `Histogram of quality from ${low.toFixed(1)} to 1; median ${quality(run.summary.all.quality.p50)}` },
        bins.map((n, i) => {
          const from = low + i * (1 - low) / BINS;
          return make("i", { "--h": n ? `${Math.max(3, 100 * n / most)}%` : "0", "--tone": tone(from + (1 - low) / BINS / 2), title: `${from.toFixed(3)} to ${(from + (1 - low) / BINS).toFixed(3)}: ${many(n, "image")}` });
        })),
      make("div", { class: "axis", "aria-hidden": "true" }, make("span", {}, low.toFixed(2)), make("span", {}, ((low + 1) / 2).toFixed(2)), make("span", {}, "1")));
  };
  const classes = () => {
    const groups = Object.entries(run.summary.by_class).sort((a, b) => b[1].items - a[1].items);
    if (!groups.length) return null;
    const most = groups[0][1].items;
    return chart("Class, images and median quality", make("div", { class: "rows" }, groups.map(([name, g]) => make("button", {
      class: "row", type: "button", "aria-label": `Only ${name}: ${many(g.items, "image")}, median quality ${quality(g.quality.p50)}`,
      onclick: () => { state.class = state.class === name ? "" : name; byId("class").value = state.class; refresh(); },
    }, make("span", {}, name), bar(g.items / most), make("b", {}, `${g.items} `, make("small", {}, g.quality.n ? g.quality.p50.toFixed(2) : ""))))));
  };
  const sizes = () => {
    const s = run.summary;
    if (!s.bytes_in) return null;
    const most = Math.max(s.bytes_in, s.bytes_out);
    const row = (label, value, colour) => make("div", { class: "row" }, make("span", {}, label), bar(value / most, colour), make("b", {}, bytes(value)));
    const larger = items.filter((i) => i.record.metrics && i.record.metrics.economy.bytes_ratio > 1).length;
    return chart("Size in and out", make("div", { class: "rows" }, row("Sources", s.bytes_in, "var(--soft)"), row("SVGs", s.bytes_out)),
      make("p", { class: "note" }, `Median SVG ${bytes(s.all.bytes.p50)}, 95 % are below ${bytes(s.all.bytes.p95)}. ${larger ? `${count(larger)} larger than the source.` : "None is larger than its source."}`));
  };
  const stages = [["decode", 22], ["classify", 40], ["trace", 100], ["write", 58], ["score", 78]];
  const times = () => {
    const sums = stages.map(([name]) => items.reduce((sum, i) => sum + i.record.times[`${name}_ms`], 0));
    const total = sums.reduce((a, b) => a + b, 0);
    if (!total) return null;
    const p = run.summary.all.ms;
    return chart("Time by stage", make("div", { class: "stack", role: "img", "aria-label": stages.map(([n], i) => `${n} ${(100 * sums[i] / total).toFixed(0)} %`).join(", ") },
      stages.map(([, mix], i) => make("i", { "--w": `${100 * sums[i] / total}%`, "--mix": `${mix}%` }))),
      make("div", { class: "key", "aria-hidden": "true" }, stages.map(([name, mix], i) => make("span", {}, make("i", { "--mix": `${mix}%` }), `${name} ${(100 * sums[i] / total).toFixed(0)} %`))),
      p.n ? make("p", { class: "note" }, `Median ${time(p.p50)}, 95 % are below ${time(p.p95)}.`) : null);
  };

  // ---- cards
  const cards = new Map();
  const loader = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const images = entry.isIntersecting ? pictures(items[entry.target.dataset.index]) : {};
      for (const img of entry.target.querySelectorAll("img")) {
        const uri = images[img.dataset.kind];
        if (uri) img.src = uri; else img.removeAttribute("src");
      }
    }
  }, { rootMargin: NEAR });
  const picture = (kind) => make("img", { alt: "", "data-kind": kind, decoding: "async", draggable: "false" });
  const layer = (kind) => make("div", { class: `layer ground ${kind}` }, picture(kind));
  const card = (item) => {
    if (cards.has(item)) return cards.get(item);
    const { record } = item, m = record.metrics, c = record.classification, open = () => openViewer(item);
    const node = make("article", { class: `card ${item.status}`, "data-index": item.index });
    if (m || record.source) {
      const stage = make("button", { class: "stage", type: "button", "data-view": state.view, "aria-label": `Compare ${item.name}`, onclick: open,
        onpointermove: (event) => {
          if (event.pointerType === "touch") return;
          const box = stage.getBoundingClientRect();
          stage.style.setProperty("--split", `${100 * (event.clientX - box.left) / box.width}%`);
        },
        onpointerleave: () => stage.style.removeProperty("--split"),
      }, layer("source"), m ? [layer("svg"), layer("difference")] : null,
      make("span", { class: "tag left" }), m ? make("span", { class: "tag right" }, "SVG") : null);
      if (!m) stage.dataset.fixed = stage.dataset.view = "source";
      node.append(make("div", { class: "pictures" }, stage, m ? [
        make("button", { class: "inset ground", type: "button", tabindex: "-1", "aria-hidden": "true", onclick: () => openViewer(item, "difference") }, picture("difference"), make("span", { class: "tag left" })),
        make("div", { class: "score", "--tone": tone(item.quality) }, make("small", {}, "Quality"), make("strong", {}, quality(item.quality)), bar(item.quality, tone(item.quality))),
      ] : null));
    } else node.classList.add("plain");
    const info = make("div", { class: "info" }, nameOf("h3", item.name));
    if (item.status !== "ok" || c || item.engine) info.append(make("p", { class: "chips" },
      item.status === "ok" ? null : make("span", { class: item.status === "failed" ? "chip bad" : "chip" }, statusWord[item.status]),
      c ? make("span", { class: "chip" }, c.class, make("em", {}, ` ${Math.round(c.confidence * 100)} %`)) : null,
      item.engine ? make("span", { class: "chip" }, clean(item.engine)) : null,
      record.warnings.length ? make("span", { class: "chip warn", title: record.warnings.map(clean).join("\n") }, many(record.warnings.length, "warning")) : null));
    if (record.error) info.append(failure(record.error));
    else if (c && c.reason) info.append(make("p", { class: "reason", title: clean(c.reason) }, clean(c.reason)));
    if (m) {
      const figure = (label, value) => make("div", {}, make("dt", {}, label), make("dd", {}, value));
      const e = m.economy;
      info.append(make("dl", { class: "figures" }, figure("SSIM", fixed(m.over_white.ssim, 3)), figure("ΔE₀₀", fixed(m.over_white.delta_e_mean, 2)), figure("Paths", count(e.paths)), figure("Nodes", count(e.nodes))),
        make("p", { class: "cost" }, make("span", {}, record.source ? `${bytes(record.source.bytes)} → ` : "", make("b", {}, bytes(e.bytes)), e.bytes_ratio === null ? "" : ` (× ${e.bytes_ratio.toFixed(2)})`), make("span", {}, time(item.ms))));
    }
    // The text is a target too: a failed card may have no picture.
    if (!m && !record.source) info.append(make("button", { class: "quiet", type: "button", onclick: open }, "Details"));
    node.append(info);
    cards.set(item, node);
    return node;
  };

  let shown = [], drawn = 0;
  const draw = () => {
    const next = shown.slice(drawn, drawn + PAGE).map(card);
    byId("cards").append(...next);
    next.forEach((node) => loader.observe(node));
    drawn += next.length;
  };
  const more = new IntersectionObserver((entries) => {
    if (entries.some((e) => e.isIntersecting) && drawn < shown.length) {
      draw();
      // Ask again: the end of the list may still be in view.
      more.unobserve(byId("more")); more.observe(byId("more"));
    }
  }, { rootMargin: NEAR });
  const refresh = () => {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    shown = items.filter((i) => (!state.class || i.class === state.class) && (!state.engine || i.engine === state.engine)
      && (!state.status || i.status === state.status) && words.every((w) => i.name.toLowerCase().includes(w))).sort(orders[state.sort]);
    loader.disconnect();
    byId("cards").replaceChildren();
    drawn = 0;
    if (shown.length) draw();
    else byId("cards").append(make("p", { class: "empty" }, items.length ? "No image matches. " : "The run had no images.", items.length ? make("button", { class: "quiet", type: "button", onclick: clear }, "Clear the filters") : null));
    byId("count").textContent = shown.length === items.length ? many(items.length, "image") : `${count(shown.length)} of ${many(items.length, "image")}`;
    more.unobserve(byId("more")); more.observe(byId("more"));
    toHash();
  };
  const clear = () => { for (const key of ["q", "class", "engine", "status"]) byId(key).value = state[key] = ""; refresh(); };

  // ---- viewer
  const viewer = byId("viewer"), stage = byId("v-stage");
  const view = { item: null, mode: "split", chosen: "split", zoom: 1, x: 0, y: 0, split: 50 };
  let back = null;
  const size = () => {
    const s = view.item && view.item.record.source;
    const img = stage.querySelector("img[src]");
    return s ? [s.width, s.height] : img && img.naturalWidth ? [img.naturalWidth, img.naturalHeight] : [256, 256];
  };
  const place = () => {
    const [w, h] = size();
    const box = stage.getBoundingClientRect();
    if (!box.width) return;
    const width = view.mode === "side" ? box.width / 2 : box.width;
    const fit = Math.min((width - 48) / w, (box.height - 48) / h);
    const scale = Math.max(fit, 0.001) * view.zoom;
    // Half of the picture always stays in sight.
    const clamp = (v, limit) => Math.max(-limit, Math.min(limit, v));
    view.x = clamp(view.x, Math.max(width, w * scale) / 2);
    view.y = clamp(view.y, Math.max(box.height, h * scale) / 2);
    const set = (name, value) => stage.style.setProperty(name, value);
    set("--w", `${w * scale}px`); set("--h", `${h * scale}px`); set("--x", `${view.x}px`); set("--y", `${view.y}px`); set("--split", `${view.split}%`);
    const source = stage.querySelector(".source img");
    const preview = source.naturalWidth > 0 && source.naturalWidth < w;
    byId("v-left").textContent = view.mode === "difference" ? "Difference" : preview ? `Source, at ${source.naturalWidth} × ${source.naturalHeight} px` : "Source";
    stage.classList.toggle("sharp", source.naturalWidth > 0 && w * scale / source.naturalWidth >= 4);
    byId("v-fit").textContent = view.zoom === 1 ? "Fit" : `${Math.round(view.zoom * 100)} %`;
    byId("v-divide").setAttribute("aria-valuenow", Math.round(view.split));
  };
  const zoomBy = (factor, cx = 0, cy = 0) => {
    const zoom = Math.max(1, Math.min(MAX_ZOOM, view.zoom * factor));
    const k = zoom / view.zoom;
    view.x = cx - (cx - view.x) * k; view.y = cy - (cy - view.y) * k;
    view.zoom = zoom;
    if (zoom === 1) view.x = view.y = 0;
    place();
  };
  const modes = [["split", "Split"], ["side", "Side by side"], ["source", "Source"], ["svg", "SVG"], ["difference", "Difference"]];
  let showMode = () => {};
  const show = (mode) => {
    if (mode !== "split" && document.activeElement === byId("v-divide")) stage.focus();
    stage.dataset.view = mode;
  };
  const setMode = (mode) => { view.mode = mode; show(mode); showMode(); place(); };
  const choose = (mode) => { view.chosen = mode; setMode(mode); };
  const hold = (on) => show(on ? "source" : view.mode);
  const openViewer = (item, mode) => {
    view.item = item;
    Object.assign(view, { zoom: 1, x: 0, y: 0, split: 50 });
    const images = pictures(item);
    for (const kind of ["source", "svg", "difference"]) {
      const img = stage.querySelector(`.${kind} img`);
      if (images[kind]) img.src = images[kind]; else img.removeAttribute("src");
      img.onload = place;
    }
    byId("v-nothing").textContent = images.source || images.svg ? "" : "There is no picture of this item.";
    const lone = !(images.source && images.svg), bare = !images.source && !images.svg;
    for (const id of ["v-view", "v-hold"]) byId(id).hidden = lone;
    for (const id of ["v-out", "v-fit", "v-in", "v-left"]) byId(id).hidden = bare;
    const cut = item.name.lastIndexOf("/") + 1;
    byId("v-name").replaceChildren(make("bdi", { class: "folder" }, item.name.slice(0, cut)), make("bdi", {}, item.name.slice(cut)));
    byId("v-name").title = item.name;
    byId("v-right").textContent = images.svg && !images.svg.startsWith("data:image/svg") ? "SVG, as a small picture" : "SVG";
    const at = shown.indexOf(item);
    byId("v-place").textContent = at < 0 ? "" : `${at + 1} of ${shown.length}`;
    byId("v-prev").disabled = at <= 0; byId("v-next").disabled = at < 0 || at >= shown.length - 1;
    byId("v-side").replaceChildren(...details(item, images));
    byId("v-side").scrollTop = 0;
    if (!viewer.open) { back = document.activeElement; viewer.showModal(); stage.focus(); }
    setMode(lone ? (images.svg ? "svg" : "source") : mode || view.chosen);
    state.item = String(item.index + 1);
    toHash();
  };
  const step = (by) => { const next = shown[shown.indexOf(view.item) + by]; if (next) openViewer(next); };
  const table = (rows, header) => make("table", {}, header ? make("thead", {}, make("tr", {}, header.map((h) => make("th", { scope: "col" }, h)))) : null,
    make("tbody", {}, rows.filter(Boolean).map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name), cells.map((c) => make("td", {}, c))))));
  const plainValue = (v) => typeof v === "number" ? (Number.isInteger(v) ? count(v) : String(+v.toPrecision(4))) : clean(typeof v === "string" ? v : JSON.stringify(v));
  const words = (key) => clean(key).replace(/_/g, " ");
  const details = (item, images) => {
    const { record } = item, m = record.metrics, c = record.classification, s = record.source, parts = [];
    const title = (text) => parts.push(make("h3", {}, text));
    if (m) parts.push(make("p", { class: "big", "--tone": tone(m.quality) }, quality(m.quality)), make("p", { class: "soft" }, `quality, formula ${clean(m.formula)}, ${clean(m.renderer)}`));
    else parts.push(make("p", {}, make("span", { class: item.status === "failed" ? "chip bad" : "chip" }, statusWord[item.status])));
    if (record.error) parts.push(failure(record.error));
    if (record.warnings.length) { title("Warnings"); parts.push(make("ul", {}, record.warnings.map((w) => make("li", {}, clean(w))))); }
    const links = [images.source_href && make("a", { href: images.source_href, target: "_blank", rel: "noreferrer" }, "Open the source"), images.svg_href && make("a", { href: images.svg_href, target: "_blank", rel: "noreferrer" }, "Open the SVG")].filter(Boolean);
    if (links.length) parts.push(make("p", { class: "links" }, links));
    if (c) { title("Class"); parts.push(make("p", {}, `${c.class}, ${Math.round(c.confidence * 100)} % sure`), c.reason ? make("p", { class: "soft" }, clean(c.reason)) : null); }
    if (record.engine) { title("Engine"); parts.push(make("p", {}, clean(record.engine.name)), make("p", { class: "soft" }, clean(record.engine.why))); const p = Object.entries(record.engine.parameters); if (p.length) parts.push(table(p.map(([k, v]) => [words(k), plainValue(v)]))); }
    if (m) {
      const w = m.over_white, b = m.over_black, pair = (name, key, digits) => w[key] === null && b[key] === null ? null : [name, fixed(w[key], digits), fixed(b[key], digits)];
      title("Likeness");
      parts.push(table([pair("SSIM", "ssim", 4), pair("SSIM, worst channel", "ssim_channels", 4), pair("ΔE₀₀ mean", "delta_e_mean", 2), pair("ΔE₀₀ p95", "delta_e_p95", 2), pair("PSNR, dB", "psnr", 1), pair("MSE", "mse", 1), pair("Edge shift, px", "edge_displacement", 2), pair("SSIMULACRA2", "ssimulacra2", 1)], ["", "on white", "on black"]));
      parts.push(table([["Alpha error", fixed(m.alpha_error, 4)]]));
      const e = m.economy;
      title("Cost");
      parts.push(table([["SVG", bytes(e.bytes)], ["gzipped", bytes(e.gzip_bytes)], e.bytes_ratio === null ? null : ["of the source's size", `× ${e.bytes_ratio.toFixed(3)}`], ["Paths", count(e.paths)], ["Nodes", count(e.nodes)], ["Numbers", count(e.numbers)], ["Colours", count(e.colors)], ["Gradients", count(e.gradients)]]));
    }
    if (s) { title("Source"); parts.push(table([["Format", clean(s.format)], ["Size", `${count(s.width)} × ${count(s.height)} px`], ["File", bytes(s.bytes)], ["Transparency", s.has_alpha ? "yes" : "no"]])); }
    title("Time");
    parts.push(table([...stages.map(([name]) => [name, record.times[`${name}_ms`]]).filter(([, ms]) => ms > 0).map(([name, ms]) => [name, time(ms)]), ["total", time(record.times.total_ms)]]));
    if (record.attempts.length) { title("Attempts"); parts.push(table(record.attempts.map((a) => [clean(a.engine), a.error ? clean(a.error.code) : quality(a.quality), bytes(a.bytes), time(a.ms)]), ["Engine", "Quality", "Size", "Time"])); }
    if (c && c.features) { const f = Object.entries(c.features).filter(([, v]) => typeof v !== "object" || v === null); if (f.length) { title("Features"); parts.push(table(f.map(([k, v]) => [words(k), v === null ? "–" : plainValue(v)]))); } }
    return parts.filter(Boolean);
  };

  const wireViewer = () => {
    showMode = choice(byId("v-view"), modes, () => view.mode, choose);
    byId("v-in").onclick = () => zoomBy(1.5);
    byId("v-out").onclick = () => zoomBy(1 / 1.5);
    byId("v-fit").onclick = () => zoomBy(0);
    byId("v-prev").onclick = () => step(-1);
    byId("v-next").onclick = () => step(1);
    byId("v-close").onclick = () => viewer.close();
    const button = byId("v-hold");
    button.onpointerdown = () => hold(true);
    button.onpointerup = button.onpointerleave = button.onpointercancel = () => hold(false);
    viewer.addEventListener("close", () => {
      state.item = ""; toHash();
      for (const img of stage.querySelectorAll("img")) img.removeAttribute("src");
      if (back && back.isConnected) back.focus();
    });
    const moveSplit = (to) => { view.split = Math.max(0, Math.min(100, to)); place(); };
    const divide = byId("v-divide");
    divide.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 }[event.key];
      if (by) { event.preventDefault(); event.stopPropagation(); moveSplit(view.split + by); }
    });
    // On the document, because a control that is hidden or disabled by its own key drops the focus.
    document.addEventListener("keydown", (event) => {
      if (!viewer.open || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = modes[Number(event.key) - 1];
      const act = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), 0: () => zoomBy(0) }[event.key];
      if (event.key === " " && event.target.tagName !== "BUTTON" && event.target.tagName !== "A") hold(true);
      else if (at && !byId("v-view").hidden) choose(at[0]);
      else if (act) act();
      else return;
      event.preventDefault();
    });
    document.addEventListener("keyup", (event) => { if (event.key === " " && viewer.open) hold(false); });
    const centre = (event) => {
      const box = stage.getBoundingClientRect();
      const width = view.mode === "side" ? box.width / 2 : box.width;
      return [(event.clientX - box.left) % width - width / 2, event.clientY - box.top - box.height / 2];
    };
    stage.addEventListener("wheel", (event) => { event.preventDefault(); zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), ...centre(event)); }, { passive: false });
    stage.addEventListener("dblclick", (event) => (view.zoom > 1 ? zoomBy(0) : zoomBy(4, ...centre(event))));
    // One pointer pans (or moves the divide), two pinch.
    const held = new Map();
    let dividing = false;
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      dividing = event.target === divide && held.size === 0;
      stage.setPointerCapture(event.pointerId);
      held.set(event.pointerId, event);
      stage.classList.toggle("dragging", !dividing);
    });
    stage.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const other = [...held.values()].find((p) => p.pointerId !== event.pointerId);
      held.set(event.pointerId, event);
      if (other) {
        const far = (p) => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY) || 1;
        zoomBy(far(event) / far(before), ...centre({ clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 }));
      } else if (dividing) {
        const box = stage.getBoundingClientRect();
        moveSplit(100 * (event.clientX - box.left) / box.width);
      } else { view.x += event.clientX - before.clientX; view.y += event.clientY - before.clientY; place(); }
    });
    const release = (event) => { held.delete(event.pointerId); if (!held.size) { dividing = false; stage.classList.remove("dragging"); } };
    stage.addEventListener("pointerup", release);
    stage.addEventListener("pointercancel", release);
    addEventListener("resize", place);
  };

  // ---- start
  const themes = { auto: "Auto", light: "Light", dark: "Dark" };
  const setTheme = (name) => {
    state.theme = Object.hasOwn(themes, name) ? name : "auto";
    document.documentElement.dataset.theme = state.theme;
    byId("theme-name").textContent = themes[state.theme];
    byId("theme").setAttribute("aria-label", `Colours: ${themes[state.theme]}`);
  };
  const setView = (value) => {
    state.view = value;
    for (const [, node] of cards) { const s = node.querySelector(".stage"); if (s && !s.dataset.fixed) s.dataset.view = value; }
    showView(); toHash();
  };
  const setGround = (value) => { state.ground = value; document.documentElement.dataset.ground = value; showGround(); toHash(); };
  let showView = () => {}, showGround = () => {};
  const fill = (id, values, all) => byId(id).append(make("option", { value: "" }, all), ...[...new Set(values)].filter(Boolean).sort().map((v) => make("option", { value: v }, id === "status" ? statusWord[v] : clean(v))));
  const apply = () => {
    fromHash();
    setTheme(state.theme);
    for (const id of ["q", "class", "engine", "status", "sort"]) byId(id).value = state[id];
    setView(state.view); setGround(state.ground);
    const item = items[Number(state.item) - 1];
    refresh();
    if (item) { if (view.item !== item || !viewer.open) openViewer(item, state.view); } else if (viewer.open) viewer.close();
  };
  fill("class", items.map((i) => i.class), "All");
  fill("engine", items.map((i) => i.engine), "All");
  fill("status", items.map((i) => i.status), "All");
  fromHash();
  showView = choice(byId("view"), [["split", "Split"], ["source", "Source"], ["svg", "SVG"], ["difference", "Difference"]], () => state.view, setView);
  showGround = choice(byId("ground"), [["check", "Check"], ["white", "White"], ["black", "Black"]], () => state.ground, setGround);
  wireViewer();
  head();
  byId("tools").addEventListener("submit", (event) => event.preventDefault());
  let typing = 0;
  byId("q").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => { state.q = byId("q").value; refresh(); }, 120); });
  for (const id of ["class", "engine", "status", "sort"]) byId(id).addEventListener("change", () => { state[id] = byId(id).value; refresh(); });
  byId("theme").addEventListener("click", () => { setTheme({ auto: "dark", dark: "light", light: "auto" }[state.theme]); toHash(); });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); byId("cards").focus(); });
  addEventListener("hashchange", apply);
  byId("page").hidden = false;
  apply();
})();
