"use strict";
// What parts of answers can do in a browser with scripts: tables are sorted, charts are drawn.
// Everything is on the page without this, too.
(() => {
  // Sorting. Every head of a table becomes a button; numbers sort as numbers, and what is empty comes last.
  const collator = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});
  const valueOf = (row, i) => {
    const cell = row.cells[i];
    const text = (cell.dataset.v ?? cell.textContent).trim();
    return text;
  };
  const sortBy = (table, th, i) => {
    const down = th.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    const numbers = th.classList.contains("num");
    rows.sort((a, b) => {
      const x = valueOf(a, i), y = valueOf(b, i);
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = numbers && !isNaN(x) && !isNaN(y) ? x - y : collator.compare(x, y);
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  };
  const sortable = table => {
    if (table.dataset.ready || !table.tHead) return;
    table.dataset.ready = "1";
    [...table.tHead.rows[0].cells].forEach((th, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => sortBy(table, th, i));
    });
  };

  // Charts. The library is fetched when the first one is there.
  let library;
  const fetchLibrary = address => library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  // A colour of the style sheet, in the form that a canvas and the library both understand.
  const colour = name => {
    const probe = document.createElement("i");
    probe.className = "probe " + name;
    document.body.append(probe);
    const css = getComputedStyle(probe).color;
    probe.remove();
    const ctx = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
    ctx.fillStyle = css;
    ctx.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = ctx.getImageData(0, 0, 1, 1).data;
    return `rgba(${r},${g},${b},${a / 255})`;
  };
  const dashes = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 4], [12, 4], [1, 4, 6, 4], [16, 3, 4, 3]];
  const symbols = ["circle", "rect", "triangle", "diamond", "pin", "arrow", "roundRect", "emptyCircle"];
  // Numbers with thin spaces between the thousands, and on an axis in thousands or millions.
  const digits = x => { const [whole, rest] = String(x).split("."); return whole.replace("-", "−").replace(/\B(?=(\d{3})+$)/g, "\u202f") + (rest ? "." + rest : ""); };
  const scaled = (x, most) => {
    const [size, sign] = most >= 2e9 ? [1e9, "\u00a0G"] : most >= 2e6 ? [1e6, "\u00a0M"] : most >= 2e4 ? [1e3, "\u00a0k"] : [1, ""];
    return x === 0 ? "0" : digits(+(x / size).toPrecision(6)) + sign;
  };
  const options = data => {
    const text = colour("probe-text"), muted = colour("probe-muted"), grid = colour("probe-line");
    const most = Math.max(1, ...data.lines.flatMap(l => l.values).map(x => Math.abs(x ?? 0)));
    const font = {fontFamily: getComputedStyle(document.body).fontFamily, color: muted};
    return {
      animation: false, textStyle: font,
      color: [1, 2, 3, 4, 5, 6, 7, 8].map(n => colour("probe-" + n)),
      grid: {left: 8, right: 28, top: 16, bottom: 4, containLabel: true},
      // A tooltip of HTML would need styles that the policy of the site forbids.
      tooltip: {trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("probe-raised"), borderColor: grid, textStyle: {color: text, fontSize: 12}, valueFormatter: x => x == null ? "–" : digits(Math.abs(x) < 1000 ? +x.toFixed(3) : Math.round(x)) + (data.unit ? "\u00a0" + data.unit : "")},
      xAxis: {type: "category", data: data.axis, boundaryGap: data.bars, axisLine: {lineStyle: {color: grid}}, axisTick: {show: false}, axisLabel: {color: muted, hideOverlap: true, ...(data.bars ? {} : {alignMinLabel: "left", alignMaxLabel: "right"})}},
      yAxis: {type: "value", scale: !data.bars, splitLine: {lineStyle: {color: grid}}, axisLabel: {color: muted, formatter: x => scaled(x, most)}},
      series: data.lines.map((line, i) => data.bars
        ? {name: line.name, type: "bar", stack: "all", data: line.values, barMaxWidth: 44, itemStyle: {borderRadius: 2}}
        : {name: line.name, type: "line", data: line.values, symbol: symbols[i % 8], showSymbol: data.axis.length < 40, symbolSize: 7, lineStyle: {width: 2.5, type: dashes[i % 8]}}),
    };
  };
  const draw = async box => {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    try {
      await fetchLibrary(box.dataset.chart);
    } catch {
      return;
    }
    const data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const canvas = box.querySelector(".chart-canvas");
    box.querySelector(".chart-static").classList.add("only-print");
    canvas.hidden = false;
    const chart = window.echarts.init(canvas, null, {renderer: "canvas"});
    chart.setOption(options(data));
    new ResizeObserver(() => chart.resize()).observe(canvas);
    const again = () => chart.setOption(options(data), true);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
  };
  const seen = new IntersectionObserver(list => {
    for (const e of list) if (e.isIntersecting) {
      seen.unobserve(e.target);
      draw(e.target);
    }
  }, {rootMargin: "200px"});

  const prepare = root => {
    root.querySelectorAll("table.sortable").forEach(sortable);
    root.querySelectorAll("[data-chart]:not([data-ready])").forEach(box => seen.observe(box));
    root.querySelectorAll("[data-copy][hidden]").forEach(button => { button.hidden = false; });
  };
  prepare(document);
  // Pages change parts of themselves: what comes in is made ready too.
  new MutationObserver(changes => {
    for (const c of changes) for (const n of c.addedNodes) if (n.nodeType === 1 && n.parentElement) prepare(n.parentElement);
  }).observe(document.body, {childList: true, subtree: true});
})();
