"use strict";
// The graph to explore: what the server drew, laid out anew when more is shown. The table below the graph has the same.
(() => {
  const box = document.getElementById("graph");
  if (!box || !window.cytoscape) return;
  const data = JSON.parse(document.getElementById("graph-data").textContent);
  const canvas = box.querySelector(".graph-canvas"), tools = box.querySelector(".graph-tools"), picked = box.querySelector(".graph-picked");
  const tool = name => tools.querySelector(`[data-do="${name}"]`);
  // The library would add a style element, which the policy of the site forbids: it finds this one and leaves it.
  const stand = document.createElement("meta");
  stand.id = "__________cytoscape_stylesheet";
  document.head.append(stand);

  const colour = name => {
    const probe = Object.assign(document.createElement("i"), {className: "probe " + name});
    document.body.append(probe);
    const css = getComputedStyle(probe).color;
    probe.remove();
    const ctx = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
    ctx.fillStyle = css;
    ctx.fillRect(0, 0, 1, 1);
    const [r, g, b] = ctx.getImageData(0, 0, 1, 1).data;
    return `rgb(${r},${g},${b})`;
  };
  const look = () => [
    {selector: "node", style: {
      shape: "round-rectangle", width: 186, height: 40, "background-color": colour("probe-raised"), "border-width": 1, "border-color": colour("probe-muted"),
      label: "data(text)", color: colour("probe-text"), "font-size": 12, "font-family": getComputedStyle(document.body).fontFamily, "text-wrap": "wrap", "text-max-width": 182,
      "text-valign": "center", "text-halign": "center", "line-height": 1.25}},
    {selector: "node.several", style: {"border-style": "double", "border-width": 4, "background-color": colour("probe-soft"), color: colour("probe-1")}},
    {selector: "node.focus", style: {"border-width": 3, "border-color": colour("probe-1")}},
    {selector: "node:selected", style: {"border-width": 3, "border-color": colour("probe-2")}},
    {selector: "edge", style: {width: 1.4, "line-color": colour("probe-muted"), "target-arrow-color": colour("probe-muted"), "target-arrow-shape": "triangle", "arrow-scale": .8, "curve-style": "bezier", opacity: .7}},
    {selector: "edge.still", style: {"line-style": "dashed", opacity: .45}},
    {selector: "edge.lit", style: {label: "data(label)", "font-size": 10, color: colour("probe-text"), "text-background-color": colour("probe-raised"), "text-background-opacity": 1, "text-background-padding": 2, opacity: 1, width: 2}},
  ];
  const short = s => s.length > 25 ? s.slice(0, 24) + "…" : s;
  // Many of a kind that hang on the same record are one box until it is opened.
  const held = new Map();
  const element = n => ({group: "nodes", data: {...n, group: undefined, held: n.group, text: short(n.label) + "\n" + n.kind}});
  const line = (e, from, to) => ({group: "edges", data: {id: [from, e.label, to].join(" "), source: from, target: to, label: e.label}, classes: e.flow ? "" : "still"});
  const elements = (d, known) => {
    const at = {}, out = [], seen = new Set();
    for (const n of d.nodes) {
      if (!n.group || known(n.id) || held.get(n.group)?.open) {
        out.push(element(n));
        continue;
      }
      if (!held.has(n.group)) held.set(n.group, {nodes: new Map(), edges: []});
      held.get(n.group).nodes.set(n.id, n);
      at[n.id] = n.group;
    }
    for (const [name, g] of held) {
      if (!g.open) out.push({group: "nodes", classes: "several", data: {id: name, held: name, text: `${g.nodes.size} ${[...g.nodes.values()][0].many}\ntouch to show them`, around: 0}});
    }
    for (const e of d.edges) {
      const from = at[e.from] ?? e.from, to = at[e.to] ?? e.to, l = line(e, from, to);
      const name = at[e.from] ?? at[e.to];
      if (name) held.get(name).edges.push(e);
      if (seen.has(l.data.id)) continue;
      seen.add(l.data.id);
      out.push(l);
    }
    return out;
  };
  box.classList.add("live");
  canvas.hidden = tools.hidden = false;
  const cy = window.cytoscape({container: canvas, elements: elements(data, () => false), style: look(), layout: {name: "preset"}, minZoom: .08, maxZoom: 3, boxSelectionEnabled: false});
  cy.$id(data.focus).addClass("focus");

  let library;
  const fetchLayout = () => library ??= !box.dataset.layout ? Promise.reject() : new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), {src: box.dataset.layout, onload: done, onerror: failed});
    document.head.append(script);
  });
  const arrange = async () => {
    for (const n of cy.nodes().not(".several")) {
      const rest = n.data("around") - n.connectedEdges().length - n.neighborhood(".several").reduce((sum, g) => sum + held.get(g.id()).nodes.size - 1, 0);
      n.toggleClass("closed", rest > 0).data("text", `${short(n.data("label"))}\n${n.data("kind")}${rest > 0 ? ` · ${rest} more` : ""}`);
    }
    try {
      await fetchLayout();
      const elk = new window.ELK();
      const done = await elk.layout({
        id: "root", layoutOptions: {"elk.algorithm": "layered", "elk.direction": "RIGHT", "elk.layered.spacing.nodeNodeBetweenLayers": "120", "elk.spacing.nodeNode": "9"},
        children: cy.nodes().map(n => ({id: n.id(), width: 186, height: 40})),
        edges: cy.edges().map(e => ({id: e.id(), sources: [e.source().id()], targets: [e.target().id()]})),
      });
      const at = Object.fromEntries(done.children.map(c => [c.id, {x: c.x + 93, y: c.y + 20}]));
      cy.nodes().positions(n => at[n.id()]);
    } catch {
      cy.layout({name: "breadthfirst", directed: true, roots: [data.focus], animate: false}).run();
    }
    cy.fit(undefined, 24);
    // What would be too small to read is shown from its middle on; the rest is there by moving.
    if (cy.zoom() < .58) {
      cy.zoom(.8);
      cy.center(cy.$id(data.focus));
    }
    if (cy.zoom() > 1.1) cy.zoom({level: 1.1, renderedPosition: {x: canvas.clientWidth / 2, y: canvas.clientHeight / 2}});
  };
  arrange();

  const choose = n => {
    cy.elements().unselect();
    cy.edges().removeClass("lit");
    if (n) {
      n.select();
      n.connectedEdges().addClass("lit");
      tool("open").href = n.data("href");
      const q = new URLSearchParams(location.search);
      q.set("focus", n.data("title"));
      tool("centre").href = "/pictures/graph?" + q;
    }
    for (const name of ["open", "centre"]) tool(name).hidden = !n;
    tool("expand").hidden = !n || !n.hasClass("closed");
    picked.textContent = n ? `${n.data("label")}, ${n.data("kind")}` : "";
  };
  const expand = async n => {
    const address = new URL(box.dataset.endpoint, location.href);
    address.searchParams.set("focus", n.data("title"));
    const answer = await fetch(address).catch(() => null);
    if (!answer || !answer.ok) {
      picked.textContent = "What is around it could not be fetched.";
      return;
    }
    const more = await answer.json();
    const known = cy.nodes().length;
    for (const e of elements(more, id => cy.$id(id).nonempty())) if (cy.$id(e.data.id).empty()) cy.add(e);
    if (cy.nodes().length === known) n.data("around", 0);
    await arrange();
    choose(n);
  };
  const unfold = async n => {
    const g = held.get(n.id());
    g.open = true;
    n.remove();
    for (const e of [...[...g.nodes.values()].map(element), ...g.edges.map(e => line(e, e.from, e.to))]) if (cy.$id(e.data.id).empty()) cy.add(e);
    await arrange();
    choose(null);
  };
  cy.on("tap", "node", e => {
    const n = e.target;
    if (n.hasClass("several")) {
      unfold(n);
      return;
    }
    if (n.selected() && n.hasClass("closed")) expand(n);
    else setTimeout(() => choose(n));
  });
  cy.on("tap", e => {
    if (e.target === cy) choose(null);
  });
  const zoom = by => cy.zoom({level: cy.zoom() * by, renderedPosition: {x: canvas.clientWidth / 2, y: canvas.clientHeight / 2}});
  tool("fit").onclick = () => cy.fit(undefined, 24);
  tool("in").onclick = () => zoom(1.3);
  tool("out").onclick = () => zoom(1 / 1.3);
  tool("expand").onclick = () => {
    const n = cy.$("node:selected");
    if (n.nonempty()) expand(n);
  };
  const repaint = () => cy.style(look());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  new MutationObserver(repaint).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
})();
