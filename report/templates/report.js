/* What the page adds in a browser: a dark side, values under pointer and arrow keys, tables that sort. The toolbox and
   the gallery have scripts of their own. */
(function () {
  'use strict';

  var root = document.documentElement, SVG = 'http://www.w3.org/2000/svg';

  /* --- theme --- */
  var button = document.getElementById('theme');
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  function showTheme() { button.setAttribute('aria-pressed', String(isDark())); }
  button.hidden = false;
  button.addEventListener('click', function () { root.dataset.theme = isDark() ? 'light' : 'dark'; showTheme(); });
  showTheme();

  /* --- values of figures --- */
  function nearest(values, wanted) {
    var best = 0;
    values.forEach(function (value, index) { if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = index; });
    return best;
  }

  function isOff(panel) { return document.querySelector('#toolbox [data-show="' + panel.condition + '"]:not(:checked)'); }

  function readout(id, figure) {
    var plot = document.querySelector('#' + id + ' .plot'), svg = plot.querySelector('svg');
    var box = document.createElement('div'), line = document.createElementNS(SVG, 'line');
    var current = { panel: 0, index: -1 }, whole = svg.viewBox.baseVal, enlarged = '';
    var full = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
    var scale = document.createElementNS(SVG, 'g');
    box.className = 'readout'; box.hidden = true; box.setAttribute('role', 'status');
    line.setAttribute('class', 'cross'); line.style.display = 'none';
    plot.appendChild(box); svg.appendChild(line); svg.appendChild(scale);
    plot.tabIndex = 0; plot.setAttribute('role', 'group'); plot.setAttribute('aria-label', figure.help);

    function show(number, index) {
      var panel = figure.panels[number], x;
      index = Math.max(0, Math.min(panel.x.length - 1, index));
      current = { panel: number, index: index };
      x = panel.places[index];
      line.setAttribute('x1', x); line.setAttribute('x2', x);
      line.setAttribute('y1', panel.top); line.setAttribute('y2', panel.bottom);
      line.style.display = '';
      box.hidden = false;
      box.textContent = [panel.label, figure.step + ' ' + panel.x[index]].concat(
        Object.keys(panel.series).map(function (name) { return name + ' ' + panel.series[name][index]; })).join('\n');
      var matrix = svg.getScreenCTM(), area = plot.getBoundingClientRect();
      var at = matrix.a * x + matrix.e - area.left + plot.scrollLeft, left = at + 10;
      if (left + box.offsetWidth > area.width + plot.scrollLeft) left = at - box.offsetWidth - 10;
      box.style.left = Math.max(0, left) + 'px';
      box.style.top = matrix.d * panel.top + matrix.f - area.top + 'px';
    }
    function leftmost(panels) { return Math.min.apply(null, panels.map(function (panel) { return panel.left; })); }
    /* The panels of one condition fill the figure; the same again, or Escape, shows all. */
    function enlarge(condition) {
      var own = figure.panels.filter(function (panel) { return panel.condition === condition; });
      enlarged = own.length < figure.panels.length && enlarged !== condition ? condition : '';
      var view = full;
      svg.setAttribute('viewBox', [full.x, full.y, full.width, full.height].join(' '));
      scale.textContent = '';
      if (enlarged) {
        var first = leftmost(figure.panels), left = leftmost(own), matrix = svg.getScreenCTM();
        var right = Math.max.apply(null, own.map(function (panel) { return panel.right; }));
        view = { x: left - 24, y: full.y, width: right - left + 30, height: full.height };
        /* The numbers of the axes stand at the first panel alone; below them, nothing of the neighbours shows. */
        var texts = Array.from(svg.querySelectorAll('text'));
        var foot = Math.max.apply(null, own.map(function (panel) { return panel.bottom; })) + 10;
        [[first - 423, 422], [first + right - left + 3, 400]].forEach(function (place) {
          var cover = scale.appendChild(document.createElementNS(SVG, 'rect'));
          cover.setAttribute('x', place[0]); cover.setAttribute('width', place[1]);
          cover.setAttribute('y', full.y); cover.setAttribute('height', foot - full.y);
          cover.setAttribute('fill', 'var(--paper)');
        });
        texts.forEach(function (text) {
          if (text.getBoundingClientRect().right > matrix.a * first + matrix.e) return;
          scale.appendChild(text.cloneNode(true)).removeAttribute('id');
        });
        scale.setAttribute('transform', 'translate(' + (left - first) + ' 0)');
      }
      svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '));
      plot.classList.toggle('enlarged', Boolean(enlarged));
      hide();
    }
    function panelAt(event) {
      var matrix = svg.getScreenCTM(), x = (event.clientX - matrix.e) / matrix.a, y = (event.clientY - matrix.f) / matrix.d;
      return [x, figure.panels.findIndex(function (panel) {
        return x >= panel.left - 2 && x <= panel.right + 2 && y >= panel.top - 6 && y <= panel.bottom + 6;
      })];
    }
    function hide() { box.hidden = true; line.style.display = 'none'; current.index = -1; }

    svg.addEventListener('pointermove', function (event) {
      var found = panelAt(event), x = found[0], number = found[1];
      if (number < 0 || isOff(figure.panels[number])) { hide(); return; }
      show(number, nearest(figure.panels[number].places, x));
    });
    svg.addEventListener('click', function (event) {
      var number = panelAt(event)[1];
      if (number >= 0) enlarge(figure.panels[number].condition); else if (enlarged) enlarge(enlarged);
    });
    svg.addEventListener('pointerleave', hide);
    plot.addEventListener('blur', hide);
    plot.addEventListener('keydown', function (event) {
      var count = figure.panels.length, step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      var turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') { if (enlarged) enlarge(enlarged); hide(); }
      else if (event.key === 'Enter') enlarge(figure.panels[current.panel].condition);
      else if (step || turn) {
        var number = turn ? (current.panel + turn + count) % count : current.panel, left = count;
        while (isOff(figure.panels[number]) && --left) number = (number + (turn || 1) + count) % count;
        if (left) show(number, turn ? Math.max(0, current.index) : current.index < 0 ? 0 : current.index + step);
      } else return;
      event.preventDefault();
    });
  }

  var figures = JSON.parse(document.getElementById('panels').textContent);
  Object.keys(figures).forEach(function (id) { readout(id, figures[id]); });

  /* --- tables that sort --- */
  function key(row, column) {
    var cell = row.cells[column], data = cell.querySelector('data');
    // The first of several texts below each other.
    var text = data ? data.value : (cell.firstChild || cell).textContent.trim().replace('−', '-').replace(',', '');
    return text !== '' && !isNaN(text) ? Number(text) : text;
  }
  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a.localeCompare(b);
  }
  document.querySelectorAll('table.sortable').forEach(function (table) {
    var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var control = document.createElement('button');
      control.type = 'button'; control.textContent = head.textContent;
      head.textContent = ''; head.appendChild(control);
      control.addEventListener('click', function () {
        var direction = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
        heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
        Array.from(body.rows)
          .sort(function (a, b) { return direction * compare(key(a, column), key(b, column)); })
          .forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  /* --- a link into a closed part opens it --- */
  function reveal() {
    var place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))), part = place;
    for (; part; part = part.parentElement) if (part.tagName === 'DETAILS') part.open = true;
    if (place) place.scrollIntoView();
  }
  addEventListener('hashchange', reveal);
  reveal();
})();
